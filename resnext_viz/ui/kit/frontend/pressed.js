// What was pressed keeps its place on the screen, whatever grows or shrinks above it, and the focus, also where the press takes it
// away or disables it: that goes to what stands in its place, as Stop while a job runs, its button again after that, or a download;
// and where nothing does once the page has been run, to what stood behind it. Behind a file that was removed the next one has it.

const MAIN = "[data-testid=stMain]"
const ROW = `${MAIN} :is([data-testid=stHorizontalBlock], [data-testid=stVerticalBlock])[class*=st-key-]`
const STOP = `${MAIN} [class*=st-key-stop_] button:not(:disabled)`
// Nothing that is typed into: a phone would open its keyboard.
const REACHED = `${MAIN} :is(button:not(:disabled), a[href], summary, input:is([type=radio], [type=checkbox]), [tabindex="0"])`
const UPLOADER = "[data-testid=stFileUploader]"
const HAS_RUN = "[data-testid=stApp][data-test-script-state=notRunning]"
const CHANGES = { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled", "data-test-script-state"] }

const keyOf = (row) => [...row.classList].find((name) => name.startsWith("st-key-"))
const follows = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING
const pressedIn = (event) => event.composedPath()[0].closest?.("button, [data-choose], [data-dial]")

// The keys of the row that a button stands in, and of the rows before it in the same block, the nearest first.
function rowsOf(button) {
  const own = button.closest(ROW)
  if (!own) return []
  const block = own.closest("[data-testid=stLayoutWrapper]")?.parentElement
  const before = [...(block?.querySelectorAll(ROW) ?? [])].filter((row) => follows(row, own) && !row.contains(own))
  return [own, ...before.reverse()].map(keyOf)
}

// What finds a mark of a drawing again when that was drawn anew; what stands behind "=" in a choice is another one then.
function nameIn(mark) {
  const { choose, dial, field, value } = mark.dataset
  if (dial) return `[data-dial="${CSS.escape(dial)}"]`
  if (choose) return `:is([data-choose="${CSS.escape(choose)}"], [data-choose^="${CSS.escape(choose.split("=")[0])}="])`
  return field ? `[data-field="${CSS.escape(field)}"][data-value="${CSS.escape(value ?? "")}"]` : null
}

const removalsIn = (uploader) => [...uploader.querySelectorAll("[data-testid=stFileChipDeleteBtn] button")]

// The place of a button that takes a file out of an uploader, among all of them there.
function removalOf(button) {
  const uploader = button.closest(UPLOADER), place = uploader ? removalsIn(uploader).indexOf(button) : -1
  return place < 0 ? null : { button, uploader, place, behind: [], rows: [] }
}

const marksOf = (root) => [...root.querySelectorAll("[data-choose], [data-dial], [data-field]")]

function held(button) {
  if (!button) return null
  const removal = removalOf(button)
  if (removal) return removal
  const root = button.getRootNode(), place = root instanceof ShadowRoot ? root.host : button
  const behind = [...document.querySelectorAll(REACHED)].filter((each) => follows(place, each) && !place.contains(each))
  if (place !== button) return (nameIn(button) || place.closest(MAIN)) && { button, behind, host: place, name: nameIn(button), index: marksOf(root).indexOf(button) }
  const rows = rowsOf(button), beside = [...(button.closest(ROW)?.querySelectorAll("button") ?? [])].filter((each) => each !== button)
  return place.closest(MAIN) && { button, behind, beside, rows }
}

const buttonsIn = (key) => [...document.querySelectorAll(`.${CSS.escape(key)} button:not(:disabled)`)]

// The one that says the same; else the last: where several take the place of one, that stands where it was.
function buttonLike(button, key) {
  const now = buttonsIn(key)
  return now.find((each) => each.textContent === button.textContent) ?? now.at(-1)
}

// What stands now where a button of the page was; nothing while it is disabled there, which is waited for: what stood beside it
// before does not take its place.
function successorInRow({ button, beside, rows: [own, ...before], origin }) {
  if (button.isConnected) return button.disabled ? own && buttonsIn(own).filter((each) => !beside.includes(each)).at(-1) : button
  if (own && document.querySelector(`.${CSS.escape(own)} button`)) return buttonLike(button, own)
  return (origin && successor(origin)) ?? before.map((row) => buttonLike(button, row)).find(Boolean)
}

// The same for a mark of a drawing, which Stop follows below.
function successorInDrawing({ host, name }) {
  const again = name && host.isConnected && host.shadowRoot?.querySelector(`${name}:not(:disabled)`)
  return again || [...document.querySelectorAll(STOP)].find((stop) => follows(host, stop))
}

// The next file's, else the last one's, else what chooses files.
function successorInUploader({ uploader, place }) {
  const left = removalsIn(uploader)
  return left[Math.min(place, left.length - 1)] ?? uploader.querySelector("button:not(:disabled)")
}

function successor(one) {
  if (one.uploader) return successorInUploader(one)
  return one.host ? successorInDrawing(one) : successorInRow(one)
}

function nextBehind({ button, behind, host, index }) {
  if (button.isConnected || !document.querySelector(HAS_RUN)) return null
  const marks = host?.isConnected ? marksOf(host.shadowRoot) : []
  return marks[Math.min(index, marks.length - 1)] ?? behind.find((each) => each.isConnected)
}

// A drawing that is drawn anew after all around it is a change inside it alone.
function hold(event) {
  const one = document.resnextHeld = held(pressedIn(event))
  if (one?.host) document.resnextFocus.observe(one.host.shadowRoot, CHANGES)
}

function keepFocus() {
  const one = document.resnextHeld
  if (!one) return
  one.isLost ||= !one.button.isConnected || one.button.disabled // the browser takes the focus away somewhat later
  if (!one.isLost || ![document.body, one.standIn].includes(document.activeElement)) return
  const next = successor(one)
  if (next) {
    next.focus({ preventScroll: true })
    if (document.resnextHeld && document.resnextHeld !== one) document.resnextHeld.origin = one.origin ?? one
  } else if (document.activeElement === document.body) {
    nextBehind(one)?.focus({ preventScroll: true })
    one.standIn = document.activeElement // until what takes its place comes after all
    document.resnextHeld = one
  }
}

function inItsPlace({ button, host, name, rows }) {
  if (button.isConnected) return button
  if (host) return name && host.shadowRoot?.querySelector(name)
  return rows.length ? buttonLike(button, rows[0]) : null
}

// After layout and before anything of it is seen.
function keepPlace() {
  const { one, top } = document.resnextPressed ?? {}
  const now = one && inItsPlace(one)
  if (!now?.getClientRects().length) return
  const main = document.querySelector(MAIN)
  const moved = now.getBoundingClientRect().top - top
  if (Math.abs(moved) > 1) main.scrollTop += moved / (main.currentCSSZoom ?? 1)
}

function press(event) {
  const one = held(pressedIn(event))
  document.resnextPressed = one && { one, top: one.button.getBoundingClientRect().top }
  if (!one) return
  document.resnextHeld = one // more may stand around it than when it was reached
  document.resnextPlace.observe(document.querySelector("[data-testid=stMainBlockContainer]"))
}

// The visitor's hands are elsewhere, and scroll where they want.
function letGo() {
  document.resnextPressed = null
  document.resnextPlace.disconnect()
}

// One of each for all pages; the document outlives them.
if (!document.resnextPlace) {
  document.resnextFocus = new MutationObserver(keepFocus)
  document.resnextFocus.observe(document.body, CHANGES)
  document.resnextPlace = new ResizeObserver(keepPlace)
  document.addEventListener("focusin", hold)
  document.addEventListener("pointerdown", (event) => { if (!pressedIn(event)) document.resnextHeld = null })
  document.addEventListener("click", press, true)
  for (const event of ["pointerdown", "keydown", "wheel", "touchmove"]) document.addEventListener(event, letGo, { capture: true, passive: true })
  window.addEventListener("resize", letGo)
}
