// Visits pages in one Firefox and prints as JSON, for each: its heading, if that stood, the params before and after a key on the
// dial of C, what it asked for, and what went wrong. `node visit_pages.mjs /path/to/firefox` reads [{address, heading, key?}, ...]
// from its standard input. The exit status is 4 if Firefox runs but a page cannot be visited.

import { text } from "node:stream/consumers"
import puppeteer from "puppeteer-core"

const PATIENCE_MS = 120_000 // CI may share its cores with others
const DIAL = '>>> [type=range][aria-label="Cardinality C"]'
const COUNT = "data-count=params"
const ENDED_BY_ITSELF = "NS_BINDING_ABORTED" // Firefox wants it no more, such as an icon that the page has replaced

// What the page asks for from now on and what goes wrong on it, in lists that grow.
function listenedTo(page) {
  const asked = [], wrong = []
  const complain = (what, url) => wrong.push({ what, url })
  page.on("console", (message) => {
    const { url = "" } = message.location()
    if (["error", "warn"].includes(message.type())) complain(`console ${message.type()}: ${message.text()}`, url)
  })
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`, ""))
  page.on("request", (request) => asked.push(request.url()))
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText
    if (why !== ENDED_BY_ITSELF) complain(why, request.url())
  })
  page.on("response", (response) => { if (response.status() >= 400) complain(String(response.status()), response.url()) })
  return { asked, wrong }
}

// Runs in the page: the text of the first element in a shadow root or outside that has it, once `wanted` stands there or, without
// `wanted`, something else than `left`. A promise, because the content security policy forbids what puppeteer waits with.
const textOf = (selector, wanted, left, limit) => new Promise((give) => {
  const until = performance.now() + limit
  const look = () => {
    const roots = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)]
    const texts = roots.flatMap((root) => [...root.querySelectorAll(selector)]).map((e) => e.innerText.trim())
    const shown = wanted === null ? texts.find((each) => each && each !== left) : texts.find((each) => each === wanted)
    shown !== undefined || performance.now() > until ? give(shown ?? null) : setTimeout(look, 20)
  }
  look()
})

async function visited(browser, { address, heading, key }) {
  const page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const heard = listenedTo(page)
  await page.goto(address)
  await page.waitForSelector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
  await page.waitForSelector("[data-testid=stApp][data-test-script-state=notRunning]")
  const stood = await page.evaluate(textOf, "h1", heading, null, PATIENCE_MS)
  const params = key && await pressed(page, key)
  await page.waitForNetworkIdle({ idleTime: 200 })
  const wrong = [...heard.wrong] // before the page is closed, which ends what is under way
  await page.close()
  return { heading: stood, params, asked: heard.asked, wrong }
}

// The headline's params before a key on the dial, and after it.
async function pressed(page, key) {
  const before = await page.evaluate(textOf, `[${COUNT}]`, null, null, PATIENCE_MS)
  await (await page.waitForSelector(DIAL)).focus()
  await page.keyboard.press(key)
  return [before, await page.evaluate(textOf, `[${COUNT}]`, null, before, PATIENCE_MS)]
}

const visits = JSON.parse(await text(process.stdin))
const limits = { timeout: PATIENCE_MS, protocolTimeout: PATIENCE_MS }
const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.argv[2], headless: true, ...limits })
try {
  const results = []
  for (const visit of visits) results.push(await visited(browser, visit))
  console.log(JSON.stringify(results))
} catch (error) {
  console.error(error)
  process.exitCode = 4
} finally {
  await browser.close()
}
