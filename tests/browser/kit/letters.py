"""How large the letters of a page are on the screen, whatever scales them: zoom, a drawing's own width, a transform."""

from playwright.sync_api import Page

_SMALLER = """(least) => {
  const found = []
  const scale = (element) => {
    const svg = element.closest("svg")
    if (!svg) return element.currentCSSZoom
    const width = svg.viewBox.baseVal?.width || parseFloat(getComputedStyle(svg).width)
    return svg.getBoundingClientRect().width / width
  }
  const isSeen = (element) => element.getClientRects().length && getComputedStyle(element).visibility === "visible"
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot)
      if (!isSeen(element) || ![...element.childNodes].some(isText)) continue
      const size = parseFloat(getComputedStyle(element).fontSize) * scale(element)
      if (size && size < least - 0.01) found.push(`${size.toFixed(1)} px: ${element.textContent.trim().slice(0, 40)}`)
    }
  }
  look(document.body)
  return found
}"""


def smaller_letters(page: Page, least: float) -> list[str]:
    """What on the page is written smaller than `least` pixels of the screen."""
    found: list[str] = page.evaluate(_SMALLER, least)
    return found
