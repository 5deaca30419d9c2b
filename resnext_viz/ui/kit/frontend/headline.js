// The page's title and the four counts. Python sends a model; the dials, while they move, send theirs over the document.

const SPAN = 0.4 // each line spans this share of the baseline to either side

function render(root, view, baselineTitle) {
  root.querySelector("h1").textContent = view.title
  root.querySelector(".idea").textContent = view.idea
  root.querySelector(".sub").textContent = view.subtitle
  root.querySelector(".foot").textContent =
    `Filled dot: this network. Open dot: ${baselineTitle}. Each line spans \u00b1${100 * SPAN}\u00a0%.`
  const chips = root.querySelector(".chips")
  chips.replaceChildren(...view.chips.map(([name, value]) => {
    const chip = document.createElement("span"), bold = document.createElement("b")
    bold.textContent = value
    chip.append(`${name} `, bold)
    return chip
  }))
  const numbers = root.querySelector(".numbers"), template = root.querySelector("template")
  root.help ??= new Help(root)
  while (numbers.children.length < view.numbers.length) {
    const box = template.content.cloneNode(true)
    root.help.explain(box.querySelector(".help"), view.numbers[numbers.children.length].name)
    numbers.append(box)
  }
  view.numbers.forEach((number, i) => renderNumber(numbers.children[i], number, baselineTitle))
}

function renderNumber(box, number, baselineTitle) {
  box.querySelector(".label").textContent = number.label
  box.querySelector(".value").textContent = number.value
  box.querySelector(".unit").textContent = number.unit
  const full = box.querySelector(".full")
  full.dataset.count = number.name
  full.textContent = number.full
  box.querySelector(".percent").textContent = number.percent
  box.querySelector(".difference").textContent = number.difference
  const line = box.querySelector(".line"), end = Math.max(-SPAN, Math.min(SPAN, number.share)), x = 50 + 50 * (end / SPAN)
  line.setAttribute("aria-label", `${number.percent} against ${baselineTitle}`)
  line.classList.toggle("beyond", Math.abs(number.share) > SPAN)
  line.classList.toggle("less", end < 0)
  line.querySelector(".bar").style.left = `${Math.min(50, x)}%`
  line.querySelector(".bar").style.width = `${Math.abs(x - 50)}%`
  line.querySelector(".dot").style.left = `${x}%`
}

// Streamlit folds its sidebar below 768 px only; the buttons are its own.
function openDials() {
  document.querySelector('[data-testid="stExpandSidebarButton"]')?.click()
}

export default function ({ parentElement, data: bytes }) {
  takeStyle(parentElement)
  const root = parentElement.querySelector(".headline"), data = received(bytes)
  if (!root.shown || data.seq >= root.shown) {
    root.shown = data.seq
    render(root, headlineOf(data, data.dialled), data.baseline.title)
  }
  root.querySelector(".open-dials").onclick = openDials
  showStart(root)
  const follow = (event) => {
    root.shown = event.detail.seq
    render(root, event.detail.view, event.detail.baselineTitle)
  }
  return listenWhileMounted(parentElement, "resnext-dialled", follow)
}
