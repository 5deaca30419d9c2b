// What terms mean, behind a small button beside each: button[data-term]. Before this file stands WORDS, with the glossary.
// The words lie in the browser's top layer: nothing cuts them off and nothing moves. A press elsewhere and Escape close them.

const LEAVE_MS = 250 // from the button across the gap to the words
const FROM_EDGE = 12 // of the window, in px
const GAP = 4 // between the button and the words, in px
const MOVES = ["scroll", "resize"]

class Help {
  constructor(root) {
    this.words = document.createElement("div")
    Object.assign(this.words, { id: "help-words", className: "help-words", popover: "auto" })
    root.append(this.words)
    this.words.onbeforetoggle = (e) => { if (e.newState === "closed") this.closed() }
    this.words.onpointerenter = () => clearTimeout(this.leaving)
    this.words.onpointerleave = () => this.leave()
    this.moved = () => this.follow()
  }

  // Gives the button its name and its hands; it may come to stand for another term.
  explain(button, term) {
    button.type = "button"
    button.dataset.term = term
    button.textContent = "?"
    button.setAttribute("aria-label", WORDS.terms[term][0])
    button.setAttribute("aria-expanded", "false")
    button.popoverTargetElement = this.words
    button.popoverTargetAction = "show" // a press on the open one keeps it open
    button.onclick = () => this.open(button, true)
    button.onpointerenter = (e) => { if (e.pointerType === "mouse") this.open(button, false) }
    button.onpointerleave = () => this.leave()
    button.onfocus = () => { if (button.matches(":focus-visible")) this.open(button, false) }
    button.onblur = () => { if (this.button === button) this.close() }
  }

  open(button, isPressed) {
    clearTimeout(this.leaving)
    this.isPressed = isPressed || (this.isPressed && this.button === button)
    if (this.button === button) return
    this.closed()
    this.button = button
    const [, sentence, exactly] = WORDS.terms[button.dataset.term]
    this.words.replaceChildren(...[sentence, exactly].filter(Boolean).map((text) => {
      const line = document.createElement("p")
      line.textContent = text
      return line
    }))
    button.after(this.words) // read on from the button
    button.setAttribute("aria-expanded", "true")
    button.setAttribute("aria-describedby", this.words.id)
    this.words.showPopover()
    this.place()
    for (const event of MOVES) window.addEventListener(event, this.moved, true)
  }

  // Above the button, so that what it stands beside stays in sight; below it where there is no room.
  place() {
    const { style } = this.words, at = this.button.getBoundingClientRect(), own = this.words.getBoundingClientRect()
    const right = window.innerWidth - own.width - FROM_EDGE, above = at.top - own.height - GAP
    style.left = `${Math.max(FROM_EDGE, Math.min(right, at.left - FROM_EDGE))}px`
    style.top = `${above < FROM_EDGE ? at.bottom + GAP : above}px`
  }

  // The button is scrolled, into sight by its own focus perhaps.
  follow() {
    const { top, bottom } = this.button.getBoundingClientRect()
    if (bottom > 0 && top < window.innerHeight) this.place()
    else this.close()
  }

  leave() {
    clearTimeout(this.leaving)
    this.leaving = setTimeout(() => { if (!this.isPressed && !this.button?.matches(":focus-visible")) this.close() }, LEAVE_MS)
  }

  close() {
    this.words.hidePopover()
    this.closed()
  }

  closed() {
    for (const event of MOVES) window.removeEventListener(event, this.moved, true)
    this.button?.setAttribute("aria-expanded", "false")
    this.button?.removeAttribute("aria-describedby")
    this.button = null
    this.isPressed = false
  }
}
