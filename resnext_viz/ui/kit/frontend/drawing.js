// Shows a drawing that Python made and gives it hands: readouts, one tab stop for each group, choosing, fading, following a path.
// Attributes: data-tip, data-uncovered (words beside which a readout stands, not over them), data-group, data-choose, data-fade with data-part, data-path, data-dial ("C,d").
// What stands behind a = in data-choose is sent, but no part of who a mark is: so a mark can be chosen again and again.
// data-field with data-value: the fields of figures/kit/fields.py, which are sent together, as a link's "name=value&...".

const readable = "[data-tip]", choosable = "[data-choose],[data-dial],button[data-field]"
const entered = ":is(input,select)[data-field]"

const nameOf = (mark) => mark?.dataset?.field ? `${mark.dataset.field}:${mark.dataset.value}` : mark?.dataset?.dial ?? mark?.dataset?.choose?.split("=")[0]

// Where a readout may stand beside a mark, the most usual place first; above only where there is room.
function placesBeside(at, own) {
  const widest = window.innerWidth - own.width - 8, lowest = window.innerHeight - own.height - 8
  const across = Math.max(8, Math.min(widest, at.left + at.width / 2 - own.width / 2)), above = at.top - own.height - 8
  const beside = Math.max(8, Math.min(lowest, at.top))
  return [[across, above], [across, at.bottom + 8], [at.right + 8, beside], [at.left - own.width - 8, beside]]
    .filter(([left, top], i) => (i ? left >= 8 && left <= widest : top >= 8))
}

// How much a readout there would hide of the words that are read with it.
function hidden([left, top], own, words) {
  const overlap = (low, length, from, to) => Math.max(0, Math.min(low + length, to) - Math.max(low, from))
  return words.reduce((sum, each) => sum + overlap(left, own.width, each.left, each.right) * overlap(top, own.height, each.top, each.bottom), 0)
}

function showReadout(readout, mark) {
  const lines = mark.dataset.tip.split("|")
  readout.replaceChildren(...lines.map((line, i) => {
    const row = document.createElement(i ? "span" : "b")
    row.textContent = line
    return row
  }))
  readout.hidden = false
  const at = mark.getBoundingClientRect(), own = readout.getBoundingClientRect()
  const words = [...mark.closest(".drawing").querySelectorAll("[data-uncovered]")].map((each) => each.getBoundingClientRect())
  const places = placesBeside(at, own), hides = places.map((place) => hidden(place, own, words))
  const [left, top] = places[hides.indexOf(Math.min(...hides))]
  const zoom = own.width / readout.offsetWidth // of the page: page.css
  readout.style.left = `${left / zoom}px`
  readout.style.top = `${top / zoom}px`
}

// One tab stop a group: its chosen member, else its first.
function rove(root, kept) {
  for (const group of root.querySelectorAll("[data-group]")) {
    const members = [...group.querySelectorAll(choosable)]
    const stop = members.find((m) => kept !== undefined && nameOf(m) === kept) || members.find((m) => m.matches("[aria-checked=true],[aria-current=true],.rx-chosen")) || members[0]
    for (const member of members) member.setAttribute("tabindex", member === stop ? "0" : "-1")
  }
}

function step(mark, key) {
  const members = [...mark.closest("[data-group]").querySelectorAll(choosable)].filter((each) => each.getClientRects().length)
  const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key]
  const next = key === "Home" ? 0 : key === "End" ? members.length - 1 : members.indexOf(mark) + move
  const goal = members[Math.max(0, Math.min(members.length - 1, next))]
  mark.setAttribute("tabindex", "-1")
  goal.setAttribute("tabindex", "0")
  goal.focus()
}

// A path under the pointer is followed in every drawing of the page.
function followEverywhere(path) {
  document.dispatchEvent(new CustomEvent("resnext-follow", { detail: path }))
}

function follow(root, path) {
  for (const mark of root.querySelectorAll("[data-path]")) {
    mark.classList.toggle("rx-followed", mark.dataset.path === (path ?? root.kept))
  }
}

function fade(root, part) {
  for (const mark of root.querySelectorAll("[data-part]")) mark.style.opacity = part && mark.dataset.part !== part ? ".25" : ""
}

function listen(root, readout) {
  const hide = () => { readout.hidden = true }
  root.addEventListener("pointerover", (e) => {
    const mark = e.target.closest(readable), path = e.target.closest("[data-path]"), legend = e.target.closest("[data-fade]")
    mark ? showReadout(readout, mark) : hide()
    if (path) followEverywhere(path.dataset.path)
    if (legend) fade(root, legend.dataset.fade)
  })
  root.addEventListener("pointerout", (e) => {
    if (e.target.closest("[data-path]")) followEverywhere()
    if (e.target.closest("[data-fade]")) fade(root)
    hide()
  })
  root.addEventListener("focusin", (e) => { const path = e.target.closest("[data-path]"); if (path && e.target.matches(":focus-visible")) followEverywhere(path.dataset.path) })
  root.addEventListener("focusin", (e) => { if (e.target.matches(readable) && e.target.matches(":focus-visible")) showReadout(readout, e.target) })
  root.addEventListener("focusout", (e) => { if (e.target.closest("[data-path]")) followEverywhere(); hide() })
  root.addEventListener("change", (e) => { if (e.target.matches(entered)) enter(root, e.target) })
  // What was given back to a field that was drawn anew is no change to the browser, neither at Enter nor on leaving.
  root.addEventListener("focusout", (e) => { if (e.target.matches("input[data-field]")) enter(root, e.target) })
  root.addEventListener("click", (e) => { const mark = e.target.closest(choosable); if (mark) mark.dataset.field ? press(root, mark) : choose(root, mark) })
  root.addEventListener("keydown", (e) => {
    if (e.key === "Escape") hide()
    if (e.key === "Enter" && e.target.matches("input[data-field]")) enter(root, e.target)
    const mark = e.target.closest(choosable)
    if (!mark) return
    if ((e.key === "Enter" || e.key === " ") && mark.tagName !== "BUTTON") { e.preventDefault(); choose(root, mark) }
    if (mark.closest("[data-group]") && /^(Arrow|Home|End)/.test(e.key)) { e.preventDefault(); step(mark, e.key) }
  })
}

// All fields as they stand, so that none is lost when another follows at once. What is set shows before the server answers.
function valuesOf(root) {
  const values = {}
  for (const { dataset } of root.querySelectorAll("button[data-field]")) values[dataset.field] ??= ""
  for (const { dataset } of root.querySelectorAll("button[data-field][aria-checked=true]")) values[dataset.field] = dataset.value
  for (const input of root.querySelectorAll(entered)) values[input.dataset.field] = input.value
  root.html = undefined
  return new URLSearchParams(values).toString()
}

function enter(root, input) {
  if (root.isReplaced || !root.contains(input)) return // it was replaced while somebody typed
  if (input.matches("input")) {
    if (input.value === input.defaultValue) return // known already
    input.defaultValue = input.value // no longer half typed
  }
  choose(root, input)
}

function press(root, button) {
  const goesOn = button.getAttribute("role") === "radio" || button.getAttribute("aria-checked") !== "true"
  const alike = root.querySelectorAll(`button[data-field="${button.dataset.field}"]`)
  for (const each of alike) each.setAttribute("aria-checked", String(each === button && goesOn))
  choose(root, button)
}

function choose(root, mark) {
  if (mark.dataset.dial) {
    const [cardinality, base_width] = mark.dataset.dial.split(",").map(Number)
    const wish = new CustomEvent("resnext-dial", { detail: { cardinality, base_width }, cancelable: true })
    if (document.dispatchEvent(wish)) document.resnextWish = wish.detail // the dials are not there yet and take it when they come
  } else {
    // The same again is news, too. Whether Python has heard of it can be told by the address, which it changes.
    const what = mark.dataset.field ? valuesOf(root) : mark.dataset.choose
    root.send("chosen", { what, at: Date.now(), from: window.location.search })
  }
}

// What the hands were on before the drawing is replaced: the focused choice with its group, and what is half typed there.
function keepHands(root) {
  const mark = root.getRootNode().activeElement
  return {
    choice: nameOf(mark),
    group: mark?.closest?.("[data-group]")?.dataset.group,
    typed: mark?.matches?.("input") && mark.value !== mark.defaultValue ? mark.value : undefined,
  }
}

function giveBack(root, { choice, group, typed }) {
  if (choice === undefined) return
  const marks = [...root.querySelectorAll("[data-choose],[data-dial],[data-field]")].filter((mark) => nameOf(mark) === choice && mark.getClientRects().length)
  const mark = marks.find((each) => each.closest("[data-group]")?.dataset.group === group) || marks[0]
  mark?.focus({ preventScroll: true })
  if (mark && typed !== undefined) mark.value = typed
}

function draw(root, html) {
  const kept = keepHands(root)
  root.html = html
  root.isReplaced = true // a browser calls what is half typed a change when its field goes
  root.innerHTML = html
  root.isReplaced = false
  root.kept = root.querySelector(".rx-followed")?.dataset.path
  rove(root, kept.choice)
  giveBack(root, kept)
}

export default function ({ parentElement, data, setStateValue }) {
  takeStyle(parentElement)
  const root = parentElement.querySelector(".drawing"), readout = parentElement.querySelector(".readout")
  root.send = setStateValue
  if (!root.listening) {
    root.listening = true
    listen(root, readout)
  }
  const html = new TextDecoder().decode(data)
  if (root.html !== html) draw(root, html)
  return listenWhileMounted(parentElement, "resnext-follow", (e) => follow(root, e.detail))
}
