// One key per verdict and step: the rows of the keyboard are the steps, the columns the verdicts.
// Keys are matched by their place (event.code), so that they lie the same on every layout.

const KEY_ROWS = [
  ["Digit1", "Digit2", "Digit3", "Digit4"],
  ["KeyQ", "KeyW", "KeyE", "KeyR"],
  ["KeyA", "KeyS", "KeyD", "KeyF"],
  ["KeyZ", "KeyX", "KeyC", "KeyV"],
  ["Digit7", "Digit8", "Digit9", "Digit0"],
]
const VERDICTS = ["yes", "partly", "no", "unsure"]
const VERDICT_WORDS = { yes: "Yes", partly: "Partly", no: "No", unsure: "Unsure" }
const ACTIONS = {
  ArrowLeft: "back",
  Backspace: "back",
  ArrowRight: "forth",
  Enter: "resume",
  KeyN: "note",
  KeyM: "flag",
  KeyK: "skip",
  KeyH: "overlap",
  KeyL: "list",
  KeyG: "guidelines",
  Space: "page",
  Slash: "keys",
}
// A key that bounces right after the sample changed can't be about the new one.
const BOUNCE_MS = 120

let layout = null // physical key → letter, where the browser tells
navigator.keyboard?.getLayoutMap?.().then((map) => (layout = map), () => {})

function letterOf(code) {
  const typed = layout?.get(code)
  if (typed && code.startsWith("Key")) return typed.toUpperCase()
  return code.replace(/^(Digit|Key)/, "")
}

// What a key press asks for, or null when it is not ours: {row, column} or {action}.
function readKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null
  if (event.key === "Escape") return { action: "escape" }
  const target = event.composedPath()[0]
  if (target instanceof Element && target.matches("input, textarea, select, [contenteditable=true]"))
    return null
  if (event.key === "?") return { action: "keys" }
  const numpad = event.code.replace(/^Numpad(?=\d)/, "Digit")
  for (let row = 0; row < KEY_ROWS.length; row++) {
    const column = KEY_ROWS[row].indexOf(numpad)
    if (column >= 0 && !event.shiftKey) return { row, column }
  }
  const onControl = target instanceof Element && target.matches("button, a, summary, [role=button]")
  if (onControl && (event.code === "Enter" || event.code === "Space")) return null
  const action = ACTIONS[event.code]
  if (action && !event.shiftKey) return { action }
  // Streamlit's own shortcuts (rerun, clear caches) have no place under a judging hand.
  return ["KeyC", "KeyR"].includes(event.code) ? { action: "none" } : null
}
