// What was pressed keeps its place on the screen, whatever grows or shrinks above it, and the focus, also where the press takes it
// away or disables it: that goes to what stands in its place, as Stop while a job runs, its button again after that, or a download.

const MAIN = "[data-testid=stMain]"
const ROW = `${MAIN} :is([data-testid=stHorizontalBlock], [data-testid=stVerticalBlock])[class*=st-key-]`
const STOP = `${MAIN} [class*=st-key-stop_] button:not(:disabled)`
const CHANGES = { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled"] }

const keyOf = (row) => [...row.classList].find((name) => name.startsWith("st-key-"))
const follows = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING
const pressedIn = (event) => event.composedPath()[0].closest?.("button, [data-choose]")

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
  const { choose, field, value } = mark.dataset
  if (choose) return `:is([data-choose="${CSS.escape(choose)}"], [data-choose^="${CSS.escape(choose.split("=")[0])}="])`
  return field ? `[data-field="${CSS.escape(field)}"][data-value="${CSS.escape(value ?? "")}"]` : null
}

function held(button) {
  const root = button?.getRootNode()
  if (root instanceof ShadowRoot) return nameIn(button) && { button, host: root.host, name: nameIn(button) }
  const rows = button ? rowsOf(button) : []
  return rows.length ? { button, rows } : null
}

// The last one that can be pressed: where several take the place of one, that stands where it was.
function buttonIn(key) {
  return [...document.querySelectorAll(`.${CSS.escape(key)} button:not(:disabled)`)].at(-1)
}

// What stands now where a button of the page was; nothing while it is disabled there, which is waited for.
function successorInRow({ rows: [own, ...before], origin }) {
  if (document.querySelector(`.${CSS.escape(own)} button`)) return buttonIn(own)
  return (origin && successor(origin)) ?? before.map(buttonIn).find(Boolean)
}

// The same for a mark of a drawing, which Stop follows below.
function successorInDrawing({ host, name }) {
  const again = host.shadowRoot?.querySelector(`${name}:not(:disabled)`)
  return again ?? [...document.querySelectorAll(STOP)].find((stop) => follows(host, stop))
}

function successor(one) {
  return one.host ? successorInDrawing(one) : successorInRow(one)
}

// A drawing that is drawn anew after all around it is a change inside it alone.
function hold(event) {
  const one = document.resnextHeld = held(pressedIn(event))
  if (one?.host) document.resnextFocus.observe(one.host.shadowRoot, CHANGES)
}

function keepFocus() {
  const one = document.resnextHeld
  if (!one || document.activeElement !== document.body || (one.button.isConnected && !one.button.disabled)) return
  successor(one)?.focus({ preventScroll: true })
  if (document.resnextHeld && document.resnextHeld !== one) document.resnextHeld.origin = one.origin ?? one
}

function inItsPlace({ button, host, name, rows }) {
  if (button.isConnected) return button
  return host ? host.shadowRoot?.querySelector(name) : buttonIn(rows[0])
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
  if (one) document.resnextPlace.observe(document.querySelector("[data-testid=stMainBlockContainer]"))
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
