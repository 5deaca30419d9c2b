// "Start here": four things to do first, for whoever has chosen nothing yet and has not closed it. It asks no server.

const START = `
  <section class="start" aria-labelledby="start-title">
    <h2 id="start-title">Start here</h2>
    <p>ResNeXt splits each block of a ResNet into C equal paths and, in its paper (arXiv 1611.05431), errs less at the same cost. Here you dial C.</p>
    <ul>
      <li><button type="button" class="turn">Turn C to 1, keeping MACs near</button></li>
      <li><a href="block-forms">See the three forms of one block</a></li>
      <li><a href="predict">Give it a photo</a></li>
      <li><a href="lessons">Guess first, in six lessons</a></li>
    </ul>
    <button type="button" class="close" aria-label="Close “Start here”, for good">×</button>
  </section>`
const CLOSED = "resnext-start-closed" // in the browser's storage, which may be refused

function isClosed() {
  try {
    return document.resnextStartClosed || window.localStorage.getItem(CLOSED) !== null
  } catch {
    return false
  }
}

// Whether the address is that of a page on which nothing has been chosen. A link that says more was made to show something, and a
// reloaded page that says more has been begun already.
function isUntouched() {
  const said = [...new URLSearchParams(window.location.search)]
  return said.every(([key, value]) => key.startsWith("embed") || WORDS.start[key] === value)
}

// A page of ours by Streamlit's own link to it, which keeps the session; where that is folded away, by address.
function goTo(event, link) {
  link.href = new URL(link.getAttribute("href"), document.baseURI).pathname + window.location.search
  const own = [...document.querySelectorAll("a[href]")].find((each) => each.pathname === link.pathname)
  if (!own || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  own.click()
}

// Is asked once for a page as the browser opened it: what is chosen by its own buttons does not take it away.
function showStart(root) {
  document.resnextStart ??= isUntouched()
  if (root.querySelector(".start") || !document.resnextStart || isClosed()) return
  root.querySelector(".foot").insertAdjacentHTML("afterend", START)
  const section = root.querySelector(".start")
  section.querySelector(".turn").onclick = () =>
    document.dispatchEvent(new CustomEvent("resnext-dial", { detail: { cardinality: 1, lock: "macs" }, cancelable: true }))
  for (const link of section.querySelectorAll("a")) link.onclick = (event) => goTo(event, link)
  section.querySelector(".close").onclick = () => {
    document.resnextStartClosed = true
    try {
      window.localStorage.setItem(CLOSED, "")
    } catch { /* then it stays closed as long as the page is open */ }
    section.remove()
  }
}
