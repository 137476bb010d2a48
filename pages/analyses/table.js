// A table of an analysis: rows of texts and figures; a figure with samples is a link that opens them.
// Everything is set as text. `open` of a cell is its place; the link's address is base + place.

const cell = (one, base, open) => {
  const words = [
    one.place !== undefined && swatch(one.place),
    h("span", { class: "data value" }, one.text),
    one.beside && h("span", { class: "beside number" }, one.beside),
  ]
  if (one.open === undefined) return h("td", { title: one.why, class: one.kind }, h("span", { class: "inside" }, words))
  const press = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    open("open", one.open)
  }
  const own = { class: "inside", data: { focus: one.open }, onclick: press }
  // On a page that can't be addressed so, a button.
  const link = base ? h("a", { ...own, href: `${base}&open=${one.open}` }, words) : h("button", own, words)
  return h("td", { title: one.why, class: one.kind }, link)
}

export default function ({ data, parentElement, setTriggerValue }) {
  paint(parentElement)
  const head = h("thead", {}, h("tr", {}, data.columns.map((name) => h("th", { scope: "col", class: "data" }, name))))
  const body = data.rows.map((row) => h("tr", {}, row.map((one) => cell(one, data.base, setTriggerValue))))
  const frame = { class: "frame", tabindex: "0", role: "region", "aria-label": data.label, data: { scroll: data.label } }
  redraw(
    parentElement.querySelector(".base"),
    data.title && h("h2", { class: "data title" }, data.title),
    data.rows.length > 0 && h("div", frame, h("table", {}, head, h("tbody", {}, body))),
    data.said.length > 0 && h("ul", { class: "said" }, data.said.map((line) => h("li", { class: "note data" }, line))),
  )
}
