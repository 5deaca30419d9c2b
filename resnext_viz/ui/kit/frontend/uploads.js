// Says in our words, beside the file, why an uploader did not take it. Streamlit refuses in the browser, tells Python nothing, and
// keeps its own words for screen readers and a pointer that rests on the file; page.css shows what stands there.

const REFUSED = "[data-testid=stFileChip][aria-invalid=true] > [role=alert]"

function reasonOf(words) {
  const most = words.match(/must be ([\d.]+) ?([KMG]B) or smaller/)
  if (most) return `Not taken: it is larger than ${Number(most[1])} ${most[2]}.`
  if (words.includes("not allowed")) return "Not taken: a file of this kind is not read here."
  return words.startsWith("Not taken") ? words : `Not taken. ${words.replace(/^Error: /, "")}`
}

function tellWhyRefused() {
  for (const alert of document.querySelectorAll(REFUSED)) {
    const reason = reasonOf(alert.textContent)
    if (alert.textContent !== reason) alert.textContent = reason
  }
}

// One observer for all pages; the document outlives them.
document.resnextRefusals ??= new MutationObserver(tellWhyRefused)
document.resnextRefusals.observe(document.body, { subtree: true, childList: true, characterData: true })
tellWhyRefused() // what was refused before this script came
