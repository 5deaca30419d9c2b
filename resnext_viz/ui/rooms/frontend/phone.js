const person = stored.read(`room-${CODE}`) ||
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("")
stored.write(`room-${CODE}`, person)
const headers = () => ({ "room-person": person })
const WHERE = {
  waiting: "", ask: "First vote, open", closed: "First vote, closed", talk: "Talk", "ask again": "Second vote, open",
  "closed again": "Second vote, closed", shown: "Answer shown"
}
let state, waiting, isLost = false, drawn = "", note = "", late = ""

const isOpen = () => state.phase === "ask" || state.phase === "ask again"
const choiceOf = key => state.question.choices.find(choice => choice.key === key)
const named = text => text.split(": ")[0].replace(/\.$/, "")
const bare = key => symbols(named(choiceOf(key).text))
const letter = choice => made("span", choice.unsure ? {} : { class: "k" }, choice.unsure ? "" : choice.key)

function say(...words) {
  const next = made("p", {}, ...words)
  if ($("say").innerHTML !== next.innerHTML) $("say").replaceChildren(...next.childNodes)
}

function drawChoices() {
  $("choices").replaceChildren(...state.question.choices.map(choice => {
    const [, more] = choice.text.split(/: ([^]*)/)
    const words = made("span", {}, made("b", {}, ...symbols(named(choice.text))))
    if (more) words.append(made("small", {}, ...symbols(more.replace(/\.$/, ""))))
    const button = made("button", { class: "c", type: "button", "data-key": choice.key }, letter(choice), words, made("span", { class: "own" }))
    button.addEventListener("click", () => vote(choice.key))
    return button
  }))
}

function markChoices() {
  const mine = waiting ? waiting.choice : state.mine[state.round - 1]
  for (const button of $("choices").children) {
    const isMine = button.dataset.key === mine
    button.setAttribute("aria-pressed", isMine)
    button.setAttribute("aria-disabled", !isOpen())
    button.querySelector(".own").textContent = !isMine ? "" : waiting ? "…" : isOpen() ? "✓ sent" : "you"
  }
}

function sayPhase() {
  const own = state.mine[state.round - 1]
  const you = own ? ["You said ", ...bare(own), ". "] : ["You did not vote. "]
  const strong = words => made("b", {}, ...words)
  const isLate = !own && !isOpen() && late.startsWith(`${state.asked} ${state.round} `)
  if (isLate) say(strong([late.replace(/^\d+ \d+ /, "")]))
  else if (note) say(strong([note]))
  else if (state.phase === "waiting") say("Look up. The question will stand here.")
  else if (isOpen() && waiting) say("Sending your vote …")
  else if (isOpen() && own) say(strong(["✓ Vote sent: ", ...bare(own), "."]), " You can change it until the vote closes.")
  else if (state.phase === "ask") say("Choose one. Nobody sees who voted.")
  else if (state.phase === "ask again") say(strong(["Vote again."]), " Choose the same or another one.")
  else if (state.phase === "closed") say(strong(["The vote is closed."]), " ", ...you)
  else if (state.phase === "talk") say(strong(["Talk"]), " to somebody who said something else. ", ...you, "A second vote opens here.")
  else if (state.phase === "closed again") say(strong(["The second vote is closed."]), " ", ...you)
}

function bar(kind, label, count, all) {
  const share = all ? Math.round(100 * count / all) : 0
  const fill = count ? [made("u", {})] : []
  for (const each of fill) each.style.width = `${share}%`
  return made("div", { class: `b ${kind}` }, made("span", { "aria-hidden": "true" }, ...fill),
    made("em", {}, made("span", { class: "far" }, `${label}: `), `${share} %`))
}

function drawResult() {
  const { shown, question, mine } = state
  const sums = shown.votes.map(votes => Object.values(votes).reduce((a, b) => a + b, 0))
  const two = sums[1] > 0
  const rows = question.choices.map(choice => {
    const isRight = shown.right.includes(choice.key)
    const own = ["first vote", "second vote"].filter((_, at) => mine[at] === choice.key)
    const note = !own.length ? "" : !two ? "you" : own.length === 2 ? "you, both votes" : `you, ${own[0]}`
    const head = made("div", { class: "t" }, ...(choice.unsure ? [] : [letter(choice)]),
      made("span", {}, ...symbols(named(choice.text)), ...(isRight ? [" ✓ computed"] : [])), made("small", {}, note))
    const bars = sums.map((sum, at) => bar(at ? "" : "one", at ? "second vote" : "first vote", shown.votes[at][choice.key], sum))
    return made("li", isRight ? { class: "right" } : {}, head, ...(two ? bars : bars.slice(0, 1)))
  })
  const legend = made("p", { class: "m lg", "aria-hidden": "true" }, made("span", { class: "one" }, made("u", {}), `first vote, ${sums[0]}`),
    ...(two ? [made("span", {}, made("u", {}), `second vote, ${sums[1]}`)] : []))
  $("result").replaceChildren(made("p", { class: "m" }, ...symbols(shown.reveal || question.text)),
    made("div", { class: "hist" }, legend, made("ul", { "aria-label": "Votes" }, ...rows)))
  const last = mine[1] || mine[0]
  const key = last && shown.why[last] ? last : shown.right[0]
  const lead = key === last && !shown.right.includes(last) ? "Behind " : ""
  say(made("b", {}, lead, ...bare(key), ":"), " ", ...symbols(shown.why[key] || ""))
  const link = `${ROOT}${shown.link.page}?${new URLSearchParams(shown.link.query)}`
  $("after").replaceChildren(made("p", { class: "take" }, ...symbols(shown.takeaway)),
    made("div", { class: "push" }, made("a", { class: "go", href: link }, "Open this network")))
}

function draw() {
  const { phase, question, shown } = state
  const label = `${state.asked} ${Boolean(shown)}`
  $("where").textContent = WHERE[phase]
  $("choices").hidden = !question || Boolean(shown)
  $("result").hidden = $("after").hidden = !shown
  $("picture").hidden = !question || !question.picture || Boolean(shown)
  if (label !== drawn) {
    const hadFocus = $("choices").contains(document.activeElement)
    drawn = label
    const words = shown ? ["Computed: ", ...shown.right.flatMap((key, at) => [at ? " or " : "", ...bare(key)])] :
      question ? symbols(question.text) : ["You are in"]
    $("question").replaceChildren(...words)
    if (question) { drawChoices(); $("picture").lastChild.replaceChildren(...symbols(question.picture)) }
    if (shown) drawResult()
    if (hadFocus) $("question").focus()
  }
  if (question && !shown) markChoices()
  if (!shown) sayPhase()
  document.title = `${WHERE[phase] || "Waiting"} · Room ${CODE}`
  $("lost").hidden = !isLost
}

function heard(answer) {
  isLost = false
  if (answer.status === 200) {
    state = answer.state
  }
  if (answer.status === 404) return ended(answer.words)
  note = answer.status >= 400 && answer.refused !== "late" ? answer.words : ""
  if (state) { draw(); send() } else say(answer.words)
}

function ended(words) {
  $("lost").hidden = true
  $("where").textContent = "Closed"
  waiting = undefined
  for (const button of $("choices").children) button.setAttribute("aria-disabled", true)
  if (!state) $("question").textContent = "No class here"
  say(made("b", {}, "The room is closed."), " ", words)
}

function lost() {
  isLost = true
  $("lost").textContent = waiting ? "Not connected. Your vote goes out when the room answers." :
    "Not connected: your host is gone, or this phone is off the network. Trying again …"
  $("lost").hidden = false
}

function vote(choice) {
  if (!isOpen()) return
  note = ""
  waiting = { asked: state.asked, round: state.round, choice }
  draw()
  send()
}

let isSending = false
async function send() {
  if (!waiting || isSending) return
  const sent = waiting
  isSending = true
  try {
    const answer = await asked("vote", headers(), sent)
    if (waiting === sent) waiting = undefined
    if (answer.refused === "late") late = `${sent.asked} ${sent.round} ${answer.words}`
    heard(answer)
    if (answer.status >= 400) now()
  } catch { lost() }
  isSending = false
  if (waiting && waiting !== sent) send()
}

const now = polling(headers, heard, lost)
