// Which key is which verdict on which step, with the letters of this keyboard (keys.js).

export default function ({ data, parentElement }) {
  paint(parentElement)
  const key = (row, place, verdict, column) =>
    row.verdicts.includes(verdict) && KEY_ROWS[place] ? h("kbd", {}, letterOf(KEY_ROWS[place][column])) : "–"
  redraw(
    parentElement.querySelector(".base"),
    h(
      "table",
      { class: "legend" },
      h("caption", { class: "hidden-text" }, "One key per step and verdict"),
      h("thead", {}, h("tr", {}, h("td", {}), VERDICTS.map((one) => h("th", { scope: "col" }, one)))),
      h(
        "tbody",
        {},
        data.rows.map((row, place) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, chip(row.letter, row.kind, h("span", { class: "data" }, row.word))),
            VERDICTS.map((verdict, column) => h("td", {}, key(row, place, verdict, column))),
          ),
        ),
      ),
    ),
    h("p", { class: "note" }, "← back, K skip, N note, M flag, H overlap, G guidelines, ? all keys"),
  )
}
