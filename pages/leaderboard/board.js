// The leaderboard: a real table, sorted here without asking Python. Every figure is a bar with its
// interval, the numbers as text, and a link to its samples. Names and values are text nodes only.

const STICKY = 40 // so many systems and more scroll below the head

// svg("rect", { x: "0" }, …children)
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

const percent = (share) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`

// A place on a scale from 0 to 1 as a bar from the lower end (or the middle), with its interval as a
// whisker that has a halo in the page's colour.
function bar(cell, from) {
  const parts = [svg("rect", { class: "track", x: 0, y: 4, width: "100%", height: 8, rx: 4 })]
  const start = from === "middle" ? 0.5 : 0
  if (typeof cell.at === "number") {
    const [left, right] = [Math.min(start, cell.at), Math.max(start, cell.at)]
    parts.push(svg("rect", { class: "fill", x: percent(left), y: 4, width: percent(right - left), height: 8, rx: 4 }))
  }
  if (from === "middle") parts.push(svg("line", { class: "middle", x1: "50%", x2: "50%", y1: 1, y2: 15 }))
  if (typeof cell.low === "number" && typeof cell.high === "number") {
    const [low, high] = [percent(cell.low), percent(cell.high)]
    for (const kind of ["halo", "whisker"]) {
      parts.push(
        svg("line", { class: kind, x1: low, x2: high, y1: 8, y2: 8 }),
        svg("line", { class: kind, x1: low, x2: low, y1: 3.5, y2: 12.5 }),
        svg("line", { class: kind, x1: high, x2: high, y1: 3.5, y2: 12.5 }),
      )
    }
  }
  return svg("svg", { class: "bar", width: "100%", height: 16, "aria-hidden": "true", focusable: "false" }, ...parts)
}

// What the order is by: the column's place (-1: the name), which way, and the column.
function orderOf(data, sort) {
  const turned = (sort ?? "").startsWith("-")
  const key = (sort ?? "").replace(/^-/, "")
  const place = data.columns.findIndex((column) => column.key === key)
  if (key !== "system" && place < 0) {
    const main = data.columns.findIndex((column) => column.key === data.main)
    return { key: data.main, place: main, turned: false, how: "descending", column: data.columns[main], usual: true }
  }
  const text = place < 0 || data.columns[place].kind === "text"
  return { key, place, turned, how: text === turned ? "descending" : "ascending", column: data.columns[place], text }
}

// Numbers from high to low, texts from a to z, or the other way round; those without come last, and
// equal ones stay in the order of the board.
function sorted(data, order) {
  const rows = [...data.rows].sort((a, b) => a.order - b.order)
  if (order.usual) return rows
  const value = (row) => (order.place < 0 ? row.system : (row.cells[order.place]?.value ?? null))
  const sign = order.turned ? -1 : 1
  const compare = order.text ? (a, b) => a.localeCompare(b) : (a, b) => b - a
  const there = rows.filter((row) => value(row) !== null).sort((a, b) => sign * compare(value(a), value(b)))
  return [...there, ...rows.filter((row) => value(row) === null)]
}

// The address says the order, so that it can be shared; the page is not asked for that.
function remember(sort) {
  const address = new URL(window.location.href)
  if (sort) address.searchParams.set("sort", sort)
  else address.searchParams.delete("sort")
  window.history.replaceState(window.history.state, "", address)
}

// Columns of joined bars: a system lies on the bar of each of its letters.
function groupCell(letters, rows, place, at) {
  const has = (row, letter) => row !== undefined && (row.cells[at]?.letters ?? "").includes(letter)
  const width = Math.max(6, Math.min(17, Math.floor(150 / letters.length)))
  const mine = letters.filter((letter) => has(rows[place], letter))
  return h(
    "td",
    { class: "groups", style: { "--slot": `${width}px`, "--slots": String(letters.length) } },
    h("span", { class: "hidden-text" }, mine.join(" ")),
    letters.map((letter, i) =>
      has(rows[place], letter) &&
      h(
        "span",
        {
          class: "group",
          "aria-hidden": "true",
          style: { left: `${5 + i * width}px` },
          data: { above: String(has(rows[place - 1], letter)), below: String(has(rows[place + 1], letter)) },
        },
        width > 10 ? letter : "",
      ),
    ),
  )
}

function figureCell(cell, column, go) {
  if (!cell) return h("td", { class: "empty" }, h("span", { class: "muted" }, "–"))
  if (column.kind === "text" || cell.words) return h("td", { class: "words data" }, cell.text)
  const content = [
    h("b", { class: "number" }, cell.text, h("span", { class: "hidden-text" }, " ")),
    h(
      "span",
      { class: "beside" },
      column.bar && cell.value !== null && bar(cell, column.bar),
      h(
        "span",
        { class: "note number" },
        cell.span && h("span", { class: "span" }, cell.span, h("span", { class: "hidden-text" }, ", ")),
        cell.n && h("span", { class: "span" }, cell.n),
      ),
    ),
  ]
  const properties = { class: "figure", title: cell.whole }
  const inside = cell.href
    ? pageLink(go, cell.href, { ...properties, tabindex: "-1" }, content)
    : h("span", properties, content)
  return h("td", { class: column.bar ? "scaled" : "plain" }, inside)
}

// Long names break where their parts end; a copy of the text has nothing added.
const breakable = (name) => name.split(/(?<=[-_/.:])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]))

function nameCell(row, go) {
  const words = [
    h("span", { class: "name data" }, breakable(row.system)),
    (row.about || row.mark) &&
      h(
        "span",
        { class: "about note data" },
        row.about,
        row.about && row.mark && " · ",
        row.mark && h("span", { class: "mark" }, row.mark),
      ),
  ]
  const inside = row.href
    ? pageLink(go, row.href, { class: "words", data: { focus: `row ${row.system}` } }, words)
    : h("span", { class: "words" }, words)
  return h("th", { scope: "row", class: "system" }, h("span", { class: "named" }, swatch(row.place), inside))
}

function head(data, order, press, grouped) {
  const cell = (key, at, label, about, kind) => {
    const how = key === order.key ? order.how : null
    return h(
      "th",
      { scope: "col", class: kind, "aria-sort": how },
      h(
        "button",
        { type: "button", title: about, onClick: () => press(key), data: { focus: `head ${key}` } },
        h("span", { class: "data" }, label),
        h("span", { class: "arrow", "aria-hidden": "true" }, how ? (how === "ascending" ? "↑" : "↓") : ""),
      ),
    )
  }
  const ranked = order.column?.ranked ? order.column.label : data.label
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col", class: "rank", title: `Rank by ${ranked}` }, h("span", { "aria-hidden": "true" }, "#"), h("span", { class: "hidden-text" }, `Rank by ${ranked}`)),
      cell("system", -1, "System", "Name, base model, training data", "system"),
      data.columns.map((column, at) => [
        cell(column.key, at, column.label, column.about, column.bar ? "scaled" : column.kind === "text" ? "words" : "plain"),
        grouped === at && h("th", { scope: "col", class: "groups", title: `Systems on one bar don't differ significantly (${column.label})` }, "same as"),
      ]),
      h("th", { scope: "col", class: "outputs" }, "outputs"),
    ),
  )
}

// ↑ ↓ ← → go from figure to figure; only the first link of each row is a stop of the Tab key.
function walk(event) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
  const link = event.target.closest("td a, th a")
  if (!step || !link || event.ctrlKey || event.metaKey || event.altKey) return
  const rows = [...link.closest("tbody").rows]
  const cell = link.closest("td, th")
  let [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex]
  for (;;) {
    row += step[0]
    column += step[1]
    const next = rows[row]?.cells[column]
    if (!next) return
    const found = next.querySelector("a")
    if (!found) continue
    event.preventDefault()
    found.focus()
    return
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  paint(parentElement)
  const root = parentElement.querySelector(".base")
  if (parentElement.given !== data.sort) parentElement.sort = parentElement.given = data.sort

  function press(key) {
    const order = orderOf(data, parentElement.sort)
    parentElement.sort = order.key === key && !order.turned ? `-${key}` : key
    remember(parentElement.sort)
    draw()
  }

  function draw() {
    const order = orderOf(data, parentElement.sort)
    const rows = sorted(data, order)
    const tested = (at) => at >= 0 && data.columns[at].letters
    const grouped = tested(order.place) ? order.place : data.columns.findIndex((column) => column.letters)
    const rank = (row) => (order.column?.ranked ? row.cells[order.place]?.rank : row.rank)
    redraw(
      root,
      h(
        "div",
        {
          class: "frame",
          data: { scroll: "board", many: String(data.rows.length >= STICKY) },
          tabindex: "0",
          role: "region",
          "aria-label": "Leaderboard",
        },
        h(
          "table",
          { onKeydown: walk },
          h("caption", { class: "hidden-text" }, "A row per system, a column per figure with interval and n. The arrow keys go from figure to figure, Enter opens the samples."),
          head(data, order, press, grouped),
          h(
            "tbody",
            {},
            rows.map((row, place) =>
              h(
                "tr",
                { style: { "--run": runColour(row.place) } },
                h("td", { class: "rank number" }, String(rank(row) ?? "–")),
                nameCell(row, setTriggerValue),
                row.cells.map((cell, at) => [
                  figureCell(cell, data.columns[at], setTriggerValue),
                  grouped === at && groupCell(data.columns[at].letters, rows, place, at),
                ]),
                h("td", { class: "outputs number" }, row.outputs || "–"),
              ),
            ),
          ),
        ),
      ),
    )
  }
  draw()
}
