// The style of a component. Before this file stands STYLE; the browser reads it once for all that are mounted.

const sheet = new CSSStyleSheet()
sheet.replaceSync(STYLE)

// Gives the component its style, and shows what waited for it.
function takeStyle(parentElement) {
  const shadow = parentElement.getRootNode()
  if (shadow.adoptedStyleSheets.includes(sheet)) return
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet]
  for (const waiting of shadow.querySelectorAll("[data-waiting]")) waiting.removeAttribute("hidden")
}
