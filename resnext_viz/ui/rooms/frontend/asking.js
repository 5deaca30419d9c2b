// Asks a room for its state again and again, and sends what is pressed. Shared by the phone's page and the remote.
const CODE = location.pathname.match(/\/c\/([^/]+)/)[1].toUpperCase()
const ROOT = location.pathname.replace(/\/c\/.*$/, "/")
const [CALM_MS, SLOWEST_MS, PATIENCE_MS, ASLEEP_MS] = [1000, 4000, 5000, 10000]
const $ = id => document.getElementById(id)

const stored = {
  read: name => { try { return sessionStorage.getItem(name) } catch { return null } },
  write: (name, value) => { try { sessionStorage.setItem(name, value) } catch { /* then it lasts until a reload */ } }
}

const made = (tag, words, ...within) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(words)) element.setAttribute(name, value)
  element.append(...within)
  return element
}

// C and d are symbols wherever they stand alone.
const symbols = text => text.split(/\b(C·d|C|d)\b/).map((part, at, all) =>
  at % 2 && !/[’'-]$/.test(all[at - 1]) ? made("i", {}, part) : part)

async function asked(path, headers, message) {
  const abort = new AbortController()
  const late = setTimeout(() => abort.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(`${ROOT}c/${CODE}/${path}`, {
      method: message ? "POST" : "GET", cache: "no-store", credentials: "omit", redirect: "error", signal: abort.signal,
      headers: message ? { ...headers, "content-type": "application/json" } : headers,
      body: message && JSON.stringify(message)
    })
    if (answer.status === 304) return { status: 304 }
    return { status: answer.status, tag: answer.headers.get("etag"), ...await answer.json() }
  } finally {
    clearTimeout(late)
  }
}

// Polls each one to two seconds; slower where nobody answers or nobody looks. `heard` takes an answer, `lost` is told
// of silence. What it returns asks at once.
function polling(headers, heard, lost) {
  let tag, timer, fails = 0, running = false
  const again = ms => { clearTimeout(timer); timer = setTimeout(ask, ms) }
  async function ask() {
    if (running) return
    running = true
    try {
      const answer = await asked("state", tag ? { ...headers(), "if-none-match": tag } : headers())
      fails = answer.status === 200 || answer.status === 304 ? 0 : fails + 1
      if (answer.status === 200) tag = answer.tag
      heard(answer)
    } catch { fails += 1; tag = undefined; lost() }
    running = false
    const ms = Math.min(SLOWEST_MS, CALM_MS * 2 ** Math.min(fails, 4))
    again(document.hidden ? ASLEEP_MS : ms * (1 + Math.random() * .6))
  }
  const now = () => again(0)
  addEventListener("online", now)
  addEventListener("pageshow", now)
  document.addEventListener("visibilitychange", () => { if (!document.hidden) now() })
  ask()
  return now
}
