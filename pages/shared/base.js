// What every component shares. Texts of models, files and people come in through h() as text nodes:
// nothing here, and nothing in a component, may set innerHTML.

const SVG = "http://www.w3.org/2000/svg"

// h("a", { class: "card", href: "runs", data: { step: "R" }, style: { "--run": "red" } }, "text", node)
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue
    if (name === "class") element.className = value
    else if (name === "data") Object.assign(element.dataset, value)
    else if (name === "style") {
      for (const [property, given] of Object.entries(value)) element.style.setProperty(property, given)
    } else if (name.startsWith("on")) element[name.toLowerCase()] = value
    else element.setAttribute(name, value === true ? "" : String(value))
  }
  element.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false))
  return element
}

// Drawn, for the font has no such letters: yes, partly, no, unsure.
const SIGNS = {
  yes: "M2 6.5 5 9.5 10 3",
  partly: "M2.5 6h7",
  no: "M3 3l6 6M9 3l-6 6",
  unsure: "M4 4.2a2 2 0 1 1 2.9 1.8c-.7.4-.9.8-.9 1.4M6 9.9v.1",
}
function sign(verdict) {
  const drawn = document.createElementNS(SVG, "svg")
  const path = document.createElementNS(SVG, "path")
  drawn.setAttribute("viewBox", "0 0 12 12")
  drawn.setAttribute("class", "sign")
  drawn.setAttribute("aria-hidden", "true")
  path.setAttribute("d", SIGNS[verdict] ?? SIGNS.unsure)
  drawn.append(path)
  return drawn
}

// An icon of Streamlit's own icon font, by name; says nothing to a screen reader.
const icon = (name) => h("span", { class: "icon", "aria-hidden": "true" }, name)

// A step's letter; `kind` is R, A, T, P, C or all (sit_core.figures.style.step_kind).
const badge = (letter, kind) => h("span", { class: "badge", data: { step: kind } }, letter)
const chip = (letter, kind, ...words) =>
  h("span", { class: "chip", data: { step: kind } }, badge(letter, kind), ...words)

// A verdict with sign and word; `by` is "rule" for an estimate.
const verdict = (value, words, by, before) =>
  h("span", { class: "verdict", data: { verdict: value, by: by ?? "person" } }, before, words, sign(value))

// A run's square; `place` is its order of arrival in the store.
const swatch = (place) =>
  h("span", { class: "swatch", "aria-hidden": "true", style: { "--run": runColour(place) } })
const runColour = (place) => `var(--run-${((place % 10) + 10) % 10})`

// A share (0 to 1) as a bar with its interval; the numbers must stand beside it as text.
function rateBar(value, low, high, colour) {
  const percent = (share) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`
  const whole = h("span", { class: "rate", "aria-hidden": "true", style: colour ? { "--run": colour } : {} })
  if (typeof value === "number") whole.append(h("i", { style: { width: percent(value) } }))
  if (typeof low === "number" && typeof high === "number") {
    whole.append(h("b", { style: { left: percent(low), right: `calc(100% - ${percent(high)})` } }))
  }
  return whole
}

// The theme's lists as --run-0 … --run-9, --step-p, --step-c; call it on every draw: the theme may be
// another one.
function paint(parent) {
  const host = parent.host ?? parent
  const list = (name) => getComputedStyle(host).getPropertyValue(name).trim().split(",").map((c) => c.trim())
  list("--st-chart-categorical-colors").forEach((colour, i) => host.style.setProperty(`--run-${i}`, colour))
  const steps = list("--st-chart-diverging-colors")
  host.style.setProperty("--step-p", steps[4])
  host.style.setProperty("--step-c", steps[5])
}

// Draw anew without losing where one is: what has the focus (by data-focus) and what is scrolled
// (by data-scroll) stay.
function redraw(root, ...nodes) {
  const active = root.getRootNode().activeElement
  const focused = active && root.contains(active) ? active.dataset.focus : undefined
  const scrolled = new Map(
    [...root.querySelectorAll("[data-scroll]")].map((e) => [e.dataset.scroll, [e.scrollTop, e.scrollLeft]]),
  )
  root.replaceChildren(...nodes.flat(Infinity).filter(Boolean))
  for (const element of root.querySelectorAll("[data-scroll]")) {
    const [top, left] = scrolled.get(element.dataset.scroll) ?? [0, 0]
    element.scrollTop = top
    element.scrollLeft = left
  }
  if (focused !== undefined) {
    const again = [...root.querySelectorAll("[data-focus]")].find((e) => e.dataset.focus === focused)
    again?.focus({ preventScroll: true })
  }
}

// A real link to a page of the app ("runs?run=m", "./" for Home). A plain click is told to Python as
// the trigger `go`, which changes the page without loading the app anew; every other click (middle,
// Ctrl, Shift, "open in a new tab") is the browser's.
function pageLink(go, href, properties, ...children) {
  const safe = /^(\.\/|[a-z_]+)(\?[^#]*)?$/.test(href) ? href : "./"
  const link = h("a", { ...properties, href: safe }, ...children)
  link.onclick = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go("go", safe)
  }
  return link
}
