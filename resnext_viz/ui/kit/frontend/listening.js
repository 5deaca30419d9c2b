// Listening on the document, which outlives the components, for as long as a component is mounted.
// Streamlit runs a module's default export again with every new `data` and takes what that returns for its cleanup. Of these it
// calls the last one, at unmount; and at once that of a run which a newer one has overtaken, perhaps after the newer one itself.

// Lets the document call `listener` instead of what this component's run before had it call; gives the cleanup, which ends
// this listener alone and never a newer one.
function listenWhileMounted(parentElement, event, listener) {
  parentElement.stopListening?.()
  document.addEventListener(event, listener)
  parentElement.stopListening = () => document.removeEventListener(event, listener)
  return parentElement.stopListening
}
