// The driver's token comes behind the #, which no browser sends, and leaves the address at once.
const named = location.hash.match(/^#driver=([\w-]+)$/)
if (named) {
  stored.write(`drive-${CODE}`, named[1])
  history.replaceState(null, "", location.pathname)
}
const driver = named ? named[1] : stored.read(`drive-${CODE}`)
const headers = () => ({ "room-driver": driver })
const ON_SCREEN = "on the screen"
const WORDS = { // phase: where it stands, what next does, what back does
  waiting: ["No question yet", ON_SCREEN, ON_SCREEN],
  ask: ["First vote, open", "close the vote", ON_SCREEN],
  closed: ["First vote, closed", "let them talk", "open the vote again"],
  talk: ["They talk", "vote again", "to the closed vote"],
  "ask again": ["Second vote, open", "close the second vote", "to the talk"],
  "closed again": ["Second vote, closed", "show the answer", "open the second vote again"],
  shown: ["Answer shown", ON_SCREEN, ON_SCREEN]
}
const CAN_SHOW = ["closed", "talk", "closed again"]
let state, isBusy = false

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`

function advice(share) {
  if (state.phase === "waiting") return "The question is asked on the screen."
  if (state.phase === "shown") return "Every phone shows the answer now."
  if (state.right === null) return "Nobody knows yet who is right: it has to be measured on the screen."
  if (!state.voted) return "How many are right will stand here, and on no other screen."
  const rule = state.round === 2 ? "Show the answer, and let somebody explain it." : share < 35 ? "Few are right: explain once more, then let them vote again." :
    share <= 70 ? "Between 35 and 70\u00a0%: let them talk, then vote again." : "Most are right: show the answer, go on."
  return `${rule} This number is on no other screen.`
}

function draw() {
  const [phase, next, back] = WORDS[state.phase]
  const share = state.voted && state.right !== null ? Math.round(100 * state.right / state.voted) : null
  $("where").textContent = state.question && state.question.lesson ? `Remote, lesson ${state.question.lesson}` : "Remote"
  const isWaiting = state.phase === "waiting"
  $("percent").textContent = isWaiting ? state.phones : share === null ? state.voted : `${share} %`
  $("of").textContent = isWaiting ? `phone${state.phones === 1 ? " is" : "s are"} in the room` : share === null ? `${state.voted === 1 ? "vote" : "votes"} from ${counted(state.phones, "phone")}` : `right, of ${counted(state.voted, "vote")}`
  $("advice").textContent = `${phase}. ${isWaiting ? "" : `${counted(state.phones, "phone")}. `}${advice(share)}`
  if ($("phase").textContent !== phase) $("phase").textContent = phase
  $("next-words").textContent = next
  $("back-words").textContent = back
  for (const id of ["next", "back", "blank"]) $(id).setAttribute("aria-disabled", false)
  $("show").setAttribute("aria-disabled", !(CAN_SHOW.includes(state.phase) && state.answered))
  $("blank").setAttribute("aria-pressed", state.blank)
  $("blank").textContent = state.blank ? "Show the screen" : "Blank the screen"
  document.title = `${phase} · Remote of room ${CODE}`
}

function off(words) {
  for (const id of ["next", "back", "show", "blank"]) $(id).setAttribute("aria-disabled", true)
  $("say").textContent = words
}

function heard(answer) {
  $("lost").hidden = true
  if (answer.status === 200) {
    if (!state || state.revision !== answer.state.revision) $("say").textContent = ""
    state = answer.state
  }
  if (answer.status === 404 || answer.status === 403) off(answer.words)
  else if (state) draw()
  if (answer.status >= 400) $("say").textContent = answer.words
}

function lost() {
  $("lost").textContent = "Not connected: the room does not answer. Trying again …"
  $("lost").hidden = false
}

async function drive(id, message) {
  if (!state || isBusy || $(id).getAttribute("aria-disabled") === "true") return
  isBusy = true
  try {
    heard(await asked("drive", headers(), { at: state.revision, ...message }))
  } catch { lost() }
  isBusy = false
  now()
}

let now = () => {}
if (driver) now = polling(headers, heard, lost)
else off("This is the teacher’s remote. Open it by the link on the page where the room was opened.")
for (const act of ["next", "back", "show"]) $(act).addEventListener("click", () => drive(act, { act }))
$("blank").addEventListener("click", () => drive("blank", { act: "blank", blank: !state.blank }))
const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back" } // a clicker sends pages
addEventListener("keydown", event => {
  const act = KEYS[event.key]
  if (act && !event.repeat) { event.preventDefault(); drive(act, { act }) }
})
