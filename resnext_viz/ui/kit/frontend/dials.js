// The dials. They hold what is dialled, show what follows from it at once, and tell Python at most every 100 ms.
// Before this file stands OFFER: presets, choices, where a reset goes and what a copied link leaves out, which never change.

const SEND_EVERY_MS = 100
const POSITIONS = 960 // of a range input: fine enough for single pixels of drag

const DIALS = {
  cardinality: { name: "Cardinality", symbol: "C", log: true, ticks: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] },
  base_width: { name: "Bottleneck width", symbol: "d", log: true, ticks: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] },
  image_size: { name: "Image size", symbol: "", log: false, ticks: [32, 224, 320, 512, 1024, 2048, 4096] },
}
const LEAST_TOP = { cardinality: 64, base_width: 64, image_size: 512 }

// What can be chosen from a list: the presets, and the baseline that a link or a typed name gave if it is none of them.
function presetsOf({ dialled: { baseline: name }, baseline: { title, spec, image_size } }) {
  if (OFFER.presets.some((p) => p.name === name)) return OFFER.presets
  return [...OFFER.presets, { name, group: "By name", title, changed: spec, image_size }]
}

const specOf = (preset) => ({ ...OFFER.start.spec, ...preset.changed })

const fieldOf = (dialled, field) => field === "image_size" ? dialled.image_size : dialled.spec[field]

const withField = (dialled, field, value) => field === "image_size"
  ? { ...dialled, image_size: value } : { ...dialled, spec: { ...dialled.spec, [field]: value } }

// What a dial's slider stands at: of an image that is no square, its height.
const levelOf = (value) => Array.isArray(value) ? value[0] : value
const wordsOf = (value) => Array.isArray(value) ? sizeWords(value) : String(value)

// The number that was typed, in digits of any width, or height and width of an image; null if it is none.
function typedValue(field, typed, [low, high]) {
  const text = typed.normalize("NFKC")
  const sides = (field === "image_size" ? text.split(/[x\u00d7*]/i) : [text]).map((side) => side.trim())
  const values = sides.map(Number)
  const fits = sides.length <= 2 && sides.every((side, i) => side !== "" && Number.isInteger(values[i]) && values[i] >= low && values[i] <= high)
  if (!fits) return null
  return values.length === 1 || values[0] === values[1] ? values[0] : values
}

// The scale of a dial: from its lowest tick to a top that holds what is dialled.
function scaleOf(field, value, limits) {
  const dial = DIALS[field]
  let top = LEAST_TOP[field]
  while (top < value) top *= 2
  const low = dial.log ? 1 : Math.min(32, value)
  return {
    low, top: Math.min(top, limits[1]),
    toPosition: (n) => Math.round(POSITIONS * (dial.log ? Math.log2(n) / Math.log2(top) : (n - low) / (top - low))),
    toValue: (p) => Math.round(dial.log ? 2 ** ((p / POSITIONS) * Math.log2(top)) : low + (p / POSITIONS) * (top - low)),
  }
}

class Dials {
  constructor(root) {
    this.root = root
    this.seq = 0
    this.sentAt = 0
    this.help = new Help(root)
    for (const box of root.querySelectorAll(".dial")) this.buildDial(box)
    for (const button of root.querySelectorAll(".help")) this.help.explain(button, button.dataset.term)
    for (const field of root.querySelectorAll(".typed")) this.buildNameField(field)
    this.find("#network").onchange = (e) => this.choosePreset(e.target.value)
    this.find("#baseline").onchange = (e) => this.change({ ...this.dialled, baseline: e.target.value })
    this.find("#lock").onclick = () => this.change({ ...this.dialled, lock: this.dialled.lock ? null : "macs" })
    this.find(".copy").onclick = () => this.copyLink()
    this.find(".reset").onclick = () => this.change(OFFER.start)
  }

  find(selector) { return this.root.querySelector(selector) }

  buildDial(box) {
    const field = box.dataset.field, dial = DIALS[field]
    box.append(this.find("template").content.cloneNode(true))
    const range = box.querySelector("[type=range]"), text = box.querySelector("[type=text]")
    box.querySelector(".name").textContent = dial.name
    box.querySelector(".symbol").textContent = dial.symbol
    box.querySelector(".help").dataset.term = field
    text.id = `field-${field}`
    if (field === "image_size") text.inputMode = "text" // for the x between height and width
    box.querySelector("label").htmlFor = text.id
    range.max = POSITIONS
    range.setAttribute("aria-label", `${dial.name} ${dial.symbol}`.trim())
    const scale = () => scaleOf(field, levelOf(fieldOf(this.dialled, field)), this.model.limits[field])
    range.oninput = () => this.turn(field, scale().toValue(Number(range.value)), true)
    range.onchange = () => this.release()
    range.onkeydown = (e) => {
      const value = levelOf(fieldOf(this.dialled, field)), { low, top } = scale()
      const octave = dial.log ? [value * 2, Math.floor(value / 2)] : [value + 32, value - 32]
      const goal = { ArrowRight: value + 1, ArrowUp: value + 1, ArrowLeft: value - 1, ArrowDown: value - 1,
        PageUp: octave[0], PageDown: octave[1], Home: low, End: top }[e.key]
      if (goal === undefined) return
      e.preventDefault()
      const [least, most] = this.model.limits[field]
      this.turn(field, Math.max(least, Math.min(most, goal)), true)
    }
    range.onkeyup = () => this.release()
    text.oninput = () => { this.typing = field } // an answer from Python must not write over it
    text.onblur = () => { this.typing = null; this.show() }
    text.onchange = () => { this.typing = null; this.type(field, text.value.trim()) }
    text.onkeydown = (e) => { if (e.key === "Escape") { this.typing = this.refused = null; this.show() } }
  }

  // A field for any name; Python reads it, and answers with the network or with words for the note below.
  buildNameField(field) {
    const part = field.dataset.part
    field.onblur = () => this.askByName(part, field.value.trim())
    field.onkeydown = (e) => {
      if (e.key === "Enter") this.askByName(part, field.value.trim())
      if (e.key !== "Escape") return
      field.value = ""
      this.unread = null
      this.show()
    }
    field.onpaste = (e) => { // lines of a configuration; the field alone would join them without a blank
      const text = e.clipboardData.getData("text")
      if (!/[\r\n]/.test(text)) return
      e.preventDefault()
      field.setRangeText(text.replace(/\s+/g, " "), field.selectionStart, field.selectionEnd, "end")
    }
  }

  askByName(part, text) {
    const isAsked = this.named?.part === part && this.named.text === text
    const isUnread = this.unread?.part === part && this.unread.text === text
    if (!text || isAsked || isUnread) return
    this.change(this.dialled)
    this.named = { part, text, seq: this.seq }
  }

  // Takes Python's answer to a name: the field is free for the next one, or keeps what could not be read.
  answerName(unread) {
    const { part } = this.named, field = this.find(`.typed[data-part=${part}]`)
    this.named = null
    this.unread = unread
    if (unread) return
    field.value = ""
    const title = part === "network" ? titleOf(this.model, this.dialled.spec) : this.model.baseline.title
    this.find(".live").textContent = `Read as ${title}`
  }

  // Takes what Python sends: everything after a link or the first run, else only what belongs to options that still hold.
  receive(model, send) {
    this.send = send
    this.standAt(model.address)
    const first = !this.model || model.epoch !== this.epoch
    if (first || model.seq >= this.seq || optionsKey(model.dialled.spec) === optionsKey(this.dialled.spec)) {
      this.model = model
    }
    if (first || model.seq >= this.seq) {
      this.dialled = model.dialled
      this.refused = null
      if (this.named && model.seq >= this.named.seq) this.answerName(model.unread)
    }
    if (first) {
      this.named = this.unread = null
      this.epoch = model.epoch
      this.seq = Math.max(this.seq, model.seq)
    }
    this.show()
  }

  // Where the page was opened by less than the whole address, that stands in its place, with what is Streamlit's own of it.
  standAt(instead) {
    const [opening, opened, address] = instead ?? []
    if (!address) return
    const here = [...new URLSearchParams(window.location.search)], isOwn = ([name]) => name.startsWith("embed")
    const own = here.filter(isOwn), others = new URLSearchParams(here.filter((pair) => !isOwn(pair)))
    const expected = opening === this.opening ? this.put : new URLSearchParams(opened).toString()
    const isThere = others.toString() === expected // else the visitor has gone on
    this.opening = opening
    this.put = isThere ? new URLSearchParams(address).toString() : null
    if (!isThere) return
    const query = own.length ? `${new URLSearchParams(own)}&${address}` : address
    window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`)
  }

  turn(field, value, moving) {
    this.refused = null
    this.change(withField(this.dialled, field, value), moving)
  }

  type(field, text) {
    const [low, high] = this.model.limits[field], value = typedValue(field, text, [low, high])
    if (value !== null) {
      if (field === "base_width") this.dialled = { ...this.dialled, lock: null } // whoever sets d wants it not to follow C
      return this.turn(field, value, false)
    }
    const { name, symbol } = DIALS[field]
    this.refused = { field, text, words: [`${name} is ${text || "empty"}.`,
      `${this.model.reasons[field] || `Use a whole number from ${low} to ${high}${field === "image_size" ? ", or height x width as 224x320" : ""}.`} Still showing ${symbol ? symbol + " = " : ""}${wordsOf(fieldOf(this.dialled, field))}.`] }
    this.show()
  }

  change(dialled, moving = false) {
    this.seq += 1
    this.named = this.unread = null
    this.dialled = dialled
    if (optionsKey(dialled.spec) === optionsKey(this.model.dialled.spec)) {
      this.dialled = { ...dialled, spec: settle(this.model, dialled).spec }
    }
    this.moving = moving
    this.show()
    const wait = moving ? SEND_EVERY_MS - (performance.now() - this.sentAt) : 0
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.tellPython(), Math.max(0, wait))
  }

  release() {
    if (!this.moving) return
    this.moving = false
    clearTimeout(this.timer)
    this.tellPython()
  }

  tellPython() {
    this.sentAt = performance.now()
    // Whether Python has heard of it can be told by the address, which it changes.
    const from = window.location.search, named = this.named && { part: this.named.part, text: this.named.text }
    this.send("dialled", { ...this.dialled, seq: this.seq, epoch: this.epoch, moving: this.moving, from, named })
  }

  // Takes a network that was clicked in a drawing, or a C alone, to which d may follow.
  dialTo({ cardinality, base_width = this.dialled.spec.base_width, lock = null }) {
    this.change(withField(withField({ ...this.dialled, lock }, "cardinality", cardinality), "base_width", base_width))
  }

  choosePreset(name) {
    const preset = presetsOf(this.model).find((p) => p.name === name)
    if (preset) this.change({ ...this.dialled, spec: specOf(preset), image_size: preset.image_size, lock: null })
  }

  // ---- showing

  show() {
    const { dialled, model } = this
    this.known = optionsKey(dialled.spec) === optionsKey(model.dialled.spec)
    const settled = this.known ? settle(model, dialled) : { spec: dialled.spec }
    for (const box of this.root.querySelectorAll(".dial")) this.showDial(box, settled)
    this.showNetwork()
    this.showLock(settled)
    this.showBlocks()
    const deepest = 2 ** (dialled.spec.depths.length - 1), width = dialled.spec.cardinality * dialled.spec.base_width
    this.find(".widths").textContent = `C\u00b7d = ${grouped(width)} wide in stage 1` +
      (deepest > 1 ? `, ${grouped(width * deepest)} in stage ${dialled.spec.depths.length}` : "")
    for (const seg of this.root.querySelectorAll("[data-option]")) {
      const option = seg.dataset.option
      this.segments(seg, OFFER.choices[option], dialled.spec[option],
        (value) => this.change({ ...dialled, spec: { ...this.dialled.spec, [option]: value } }))
    }
    this.find(".stride").hidden = dialled.spec.block === "basic"
    if (this.known) {
      const view = headlineOf(model, dialled)
      this.find(".now").replaceChildren(...view.numbers.slice(0, 2).map(({ value, unit, percent }) => {
        const count = document.createElement("span"), bold = document.createElement("b")
        bold.textContent = `${value} ${unit}`
        count.append(bold, ` ${percent}`)
        return count
      }))
      document.dispatchEvent(new CustomEvent("resnext-dialled", { detail: { seq: this.seq, view, baselineTitle: model.baseline.title } }))
    }
  }

  showDial(box, settled) {
    const field = box.dataset.field, dial = DIALS[field]
    const words = wordsOf(fieldOf(this.dialled, field)), value = levelOf(fieldOf(this.dialled, field))
    const scale = scaleOf(field, value, this.model.limits[field])
    const range = box.querySelector("[type=range]"), text = box.querySelector("[type=text]"), note = box.querySelector(".note")
    const follows = field === "base_width" && Boolean(this.dialled.lock)
    const refused = this.refused?.field === field ? this.refused : null
    const position = scale.toPosition(value)
    if (Number(range.value) !== position) range.value = position
    range.setAttribute("aria-valuetext", words)
    range.style.setProperty("--filled", `${(100 * position) / POSITIONS}%`)
    range.disabled = follows
    text.classList.toggle("follows", follows)
    if (!refused && this.typing !== field && text.value !== words) text.value = words
    text.setAttribute("aria-invalid", Boolean(refused))
    const base = fieldOf({ spec: this.model.baseline.spec, image_size: null }, field)
    const mark = box.querySelector(".base")
    mark.hidden = base === null || base > scale.top
    if (!mark.hidden) mark.style.left = `calc(8px + (100% - 16px) * ${scale.toPosition(base) / POSITIONS})`
    this.showTicks(box.querySelector(".ticks"), dial, scale)
    const isUnmet = follows && this.known && settled.most !== undefined
    note.classList.toggle("refused", Boolean(refused) || isUnmet)
    note.textContent = follows && this.known ? followWords(settled, this.dialled) : ""
    if (refused) {
      const bold = document.createElement("b")
      bold.textContent = refused.words[0]
      note.replaceChildren(bold, " " + refused.words[1])
    }
  }

  showTicks(box, dial, scale) {
    const key = `${scale.low} ${scale.top}`
    if (box.dataset.key === key) return
    box.dataset.key = key
    const place = (n) => (scale.toPosition(n) / POSITIONS) * ((box.clientWidth || 256) - 16), room = (n) => 4 * String(n).length + 2
    const values = [scale.low, ...dial.ticks.filter((n) => n > scale.low && n < scale.top), scale.top]
    for (let i = values.length - 2; i > 0; i--) { // the ends stay; between them, whatever stands clear of its neighbours
      const clear = (other) => Math.abs(place(values[i]) - place(other)) >= room(values[i]) + room(other)
      if (!clear(values[i + 1]) || !clear(scale.low)) values.splice(i, 1)
    }
    box.replaceChildren(...values.map((n) => {
      const tick = document.createElement("span")
      tick.textContent = n
      tick.style.left = `calc(8px + (100% - 16px) * ${scale.toPosition(n) / POSITIONS})`
      return tick
    }))
  }

  showNetwork() {
    const { model, dialled } = this, wanted = JSON.stringify(dialled.spec)
    fillOptions(this.find("#network"), presetsOf(model), "Your own")
    fillOptions(this.find("#baseline"), presetsOf(model))
    const preset = presetsOf(model).find((p) => JSON.stringify(specOf(p)) === wanted)
    const own = this.find("#network [value='']")
    own.textContent = this.known ? titleOf(model, dialled.spec) : "Your own"
    own.hidden = Boolean(preset)
    this.find("#network").value = preset ? preset.name : ""
    this.find("#baseline").value = dialled.baseline
    for (const note of this.root.querySelectorAll(".note[data-part]")) {
      const { part } = note.dataset, unread = this.unread?.part === part ? this.unread : null
      note.textContent = unread ? unread.words : ""
      note.classList.toggle("refused", Boolean(unread))
      this.find(`.typed[data-part=${part}]`).setAttribute("aria-invalid", Boolean(unread))
    }
  }

  showLock() {
    const { lock } = this.dialled, label = { macs: "MACs", params: "params" }
    this.find("#lock").setAttribute("aria-checked", Boolean(lock))
    this.find("#lock-label").textContent = `Keep ${label[lock || "macs"]} near ${this.model.baseline.title}`
    this.find(".lock-note").hidden = Boolean(lock)
    const what = this.find(".lock-what")
    what.hidden = !lock
    this.segments(what, [["macs", "MACs"], ["params", "params"]], lock, (value) => this.change({ ...this.dialled, lock: value }))
  }

  showBlocks() {
    const { depths } = this.dialled.spec, box = this.find(".steps")
    this.find(".blocks-label").textContent = depths.length > 1 ? `Blocks in stages 1\u2013${depths.length}` : "Blocks"
    this.find(".layers").textContent = this.known ? `${layersOf(this.model, this.dialled.spec)} layers` : ""
    while (box.children.length > depths.length) box.lastChild.remove()
    while (box.children.length < depths.length) box.append(this.stepper(box.children.length))
    depths.forEach((n, i) => {
      const field = box.children[i].querySelector("input")
      if (this.root.getRootNode().activeElement !== field) field.value = n
    })
  }

  stepper(i) {
    const box = document.createElement("div"), field = document.createElement("input"), row = document.createElement("span")
    const [low, high] = this.model.limits.depths
    const set = (n) => {
      const depths = [...this.dialled.spec.depths]
      if (Number.isInteger(n) && n >= low && n <= high) depths[i] = n
      field.value = depths[i]
      this.change(withField(this.dialled, "depths", depths))
    }
    field.setAttribute("aria-label", `Blocks in stage ${i + 1}`)
    field.inputMode = "numeric"
    field.onchange = () => set(Number(field.value))
    for (const [sign, step, word] of [["\u2212", -1, "Fewer"], ["+", 1, "More"]]) {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = sign
      button.setAttribute("aria-label", `${word} blocks in stage ${i + 1}`)
      button.onclick = () => set(this.dialled.spec.depths[i] + step)
      row.append(button)
    }
    box.append(field, row)
    return box
  }

  segments(box, choices, chosen, choose) {
    while (box.children.length > choices.length) box.lastChild.remove()
    while (box.children.length < choices.length) {
      const button = document.createElement("button")
      button.type = "button"
      button.setAttribute("role", "radio")
      box.append(button)
    }
    choices.forEach(([value, words], i) => {
      const button = box.children[i]
      button.textContent = words
      button.setAttribute("aria-checked", value === chosen)
      button.onclick = () => { if (value !== chosen) choose(value) }
    })
  }

  async copyLink() {
    const button = this.find(".copy"), link = linkToShare(window.location.href, OFFER.private)
    try {
      await navigator.clipboard.writeText(link)
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: link })
      this.root.append(area)
      area.select()
      document.execCommand("copy")
      area.remove()
    }
    button.textContent = this.find(".live").textContent = "Link copied"
    setTimeout(() => { button.textContent = "Copy link"; this.find(".live").textContent = "" }, 2000)
  }
}

// Whoever has a training run's id can stop and remove it: ids are not for a link that is passed on, nor is what is the visitor's own.
function linkToShare(address, leftOut) {
  const link = new URL(address)
  for (const [key, beginnings] of Object.entries(leftOut)) {
    const values = link.searchParams.getAll(key)
    if (values.some((value) => beginnings.some((each) => value.startsWith(each)))) link.searchParams.delete(key)
  }
  return link.href
}

function followWords({ exact, off, spec, most }, { lock }) {
  const unit = { macs: "MACs", params: "params" }[lock], cost = `d = ${spec.base_width} gives ${signedPercent(off)} ${unit}`
  const exactly = exact === null ? "" : ` Exact d is ${exact.toFixed(2)};`
  if (most === undefined) return `Follows C; type a d to set it freely.${exactly} ${cost}.`
  return `No d keeps them near at C = ${grouped(spec.cardinality)}: even ${cost}. ${most ? `Up to C = ${grouped(most)} one does.` : "At no C one does."}`
}

// Adds those presets that the select has not yet, each to its group.
function fillOptions(select, presets, ownLabel) {
  if (ownLabel && !select.options.length) select.append(new Option(ownLabel, ""))
  select.groups ??= new Map()
  select.names ??= new Set()
  for (const { name, group, title } of presets) {
    if (select.names.has(name)) continue
    select.names.add(name)
    if (!select.groups.has(group)) {
      select.groups.set(group, Object.assign(document.createElement("optgroup"), { label: group }))
      select.append(select.groups.get(group))
    }
    select.groups.get(group).append(new Option(title, name))
  }
}

// Under 1140 px the page needs the room: fold Streamlit's sidebar once, when the page opens.
function foldSidebarIfNarrow() {
  if (window.innerWidth >= 1140 || window.resnextFolded) return
  window.resnextFolded = true
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
}

export default function ({ parentElement, data, setStateValue }) {
  takeStyle(parentElement)
  const root = parentElement.querySelector(".dials")
  root.dials ??= new Dials(root)
  root.dials.receive(received(data), setStateValue)
  foldSidebarIfNarrow()
  if (document.resnextWish) root.dials.dialTo(document.resnextWish)
  document.resnextWish = undefined
  // Its timers are left to run out at unmount, in two seconds at most: what was dialled last is still told to Python.
  return listenWhileMounted(parentElement, "resnext-dial", (e) => { e.preventDefault(); root.dials.dialTo(e.detail) })
}
