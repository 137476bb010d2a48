// The tiles above the chart of Results: a figure each, as a link to its samples. Names are text nodes.

const tile = (one, go) => {
  const content = [
    h("span", { class: "label" }, one.label),
    h("span", { class: "value number" }, one.value),
    one.runs.map((run) => h("span", { class: "run" }, swatch(run.place), h("span", { class: "data" }, run.name))),
    h("span", { class: "note number data" }, one.words),
    typeof one.share === "number" &&
      h("span", { class: "progress", "aria-hidden": "true" }, h("i", { style: { width: `${100 * one.share}%` } })),
  ]
  const properties = { class: "card tile", data: { kind: one.kind, focus: one.label } }
  return h("li", {}, one.href ? pageLink(go, one.href, properties, content) : h("div", properties, content))
}

export default function ({ data, parentElement, setTriggerValue }) {
  paint(parentElement)
  redraw(
    parentElement.querySelector(".base"),
    h("ul", { class: "tiles", "aria-label": "Results in short" }, data.tiles.map((one) => tile(one, setTriggerValue))),
  )
}
