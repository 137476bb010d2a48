// Home: purpose, a picture of a judged output, three doors, the steps of the work with live counts,
// studies to go on with, recent jobs, and the systems that lead.

const R = "R"
const A = "A"

function picture() {
  const part = (name, ...content) => h("div", {}, h("div", { class: "name" }, name), ...content)
  return h(
    "figure",
    { class: "picture", "aria-label": "An output of a sequential instruction, judged step by step" },
    part(
      "Instruction",
      h("div", { class: "asked" }, "First ", chip(R, R, "repeat the input"), ", then ", chip(A, A, "answer the question"), "."),
    ),
    part("Input", "Where does a ferry wait for high tide? A: at the pier B: on a hill"),
    part(
      "What the model wrote",
      h(
        "div",
        { class: "wrote" },
        h("span", { class: "part", data: { step: R, letter: R } }, "Where does a ferry wait for high tide? A: at the pier B: on a hill"),
        h("br"),
        "What a fine question! ",
        h("span", { class: "missing", data: { step: A } }, badge(A, A), "no answer follows"),
      ),
    ),
    h(
      "div",
      { class: "judged" },
      verdict("yes", "repeated", "person", badge(R, R)),
      verdict("no", "answered", "person", badge(A, A)),
      verdict("no", "R+A: not followed", "person"),
    ),
  )
}

function hero(data, go, start) {
  const first = data.empty
    ? [
        h("button", { class: "button primary", type: "button", onClick: start, data: { focus: "example" } }, icon("play_circle"), h("span", {}, "Try with an example")),
        pageLink(go, "import", { class: "button" }, icon("upload_file"), "Import outputs"),
      ]
    : [
        pageLink(go, "annotate", { class: "button primary" }, icon("rate_review"), "Judge outputs"),
        pageLink(go, "live", { class: "button" }, icon("bolt"), "Watch models live"),
      ]
  return h(
    "div",
    { class: "hero" },
    h(
      "div",
      {},
      h("h1", {}, "Did the model do ", h("em", {}, "all"), h("br"), "of what it was asked?"),
      h(
        "p",
        { class: "purpose" },
        "Collect model outputs, mark step by step what was done, and compare models by how often they follow the whole instruction. With intervals, on your own machine.",
      ),
      h("div", { class: "actions" }, first),
      data.empty && h("p", { class: "note example" }, "The example: outputs of the small models that come with this program, and a study of them to judge."),
    ),
    picture(),
  )
}

const door = (go, href, name, about, symbol, kind) =>
  pageLink(
    go,
    href,
    { class: "card door" },
    h("span", { class: "plate", data: { step: kind } }, icon(symbol)),
    h("span", {}, h("b", {}, name), h("span", { class: "about" }, about)),
    icon("arrow_forward"),
  )

const doors = (data, go) =>
  h(
    "nav",
    { class: "doors", "aria-label": "Where to begin" },
    door(go, "annotate", "Judge", "Outputs, one key per step.", "rate_review", "R"),
    door(go, data.research, "Research", "Import, sample, compare, export.", "query_stats", "all"),
    door(go, "live", "Show", "Three models, as they write.", "bolt", "A"),
  )

const section = (title, note, content) =>
  h("section", {}, h("h2", {}, title, note && h("span", { class: "note data" }, ` ${note}`)), content)

const way = (steps, go) =>
  section(
    "From outputs to a leaderboard",
    "",
    h(
      "ol",
      { class: "card way" },
      steps.map((step) =>
        h(
          "li",
          {},
          pageLink(
            go,
            step.href,
            {},
            h("span", { class: "label" }, step.label),
            step.value && h("span", { class: "value number" }, `${step.value} `),
            h("span", { class: "words number" }, step.words),
            typeof step.share === "number" &&
              h("span", { class: "progress", "aria-hidden": "true" }, h("i", { style: { width: `${100 * step.share}%` } })),
          ),
        ),
      ),
    ),
  )

const rows = (lines, go) =>
  h(
    "ul",
    { class: "card rows" },
    lines.map((line) =>
      h(
        "li",
        {},
        pageLink(
          go,
          line.href,
          {},
          icon(line.icon),
          h("span", { class: "line data" }, h("b", {}, line.name), h("span", { class: "number" }, ` · ${line.words}`)),
          line.state && h("span", { class: "pill number", data: { tone: line.tone } }, line.state),
        ),
      ),
    ),
  )

function best(data, go) {
  if (data.counting) return section("Following all steps, best so far", "", h("p", { class: "card waiting", role: "status" }, "counting …"))
  if (!data.best) return null
  return section(
    "Following all steps, best so far",
    data.best.by,
    h(
      "ol",
      { class: "best" },
      data.best.systems.map((one) =>
        h(
          "li",
          {},
          pageLink(
            go,
            data.best.href,
            { class: "card" },
            h(
              "span",
              { class: "head" },
              h("span", { class: "rank number" }, String(one.rank)),
              swatch(one.place),
              h("b", { class: "data" }, one.system),
              h("span", { class: "value number" }, one.value, h("small", {}, " %")),
            ),
            rateBar(one.share, one.low, one.high, runColour(one.place)),
            h("span", { class: "span number" }, one.span),
          ),
        ),
      ),
    ),
  )
}

export default function ({ data, parentElement, setTriggerValue }) {
  paint(parentElement)
  const root = parentElement.querySelector(".base")
  const start = (event) => {
    event.currentTarget.disabled = true
    event.currentTarget.lastChild.textContent = "Putting it in …"
    setTriggerValue("example", Date.now())
  }
  redraw(
    root,
    h(
      "div",
      { class: "home" },
      hero(data, setTriggerValue, start),
      doors(data, setTriggerValue),
      way(data.way, setTriggerValue),
      (data.resume.length > 0 || data.jobs.length > 0) &&
        h(
          "div",
          { class: "pair" },
          data.resume.length > 0 && section("Pick up where you left off", "", rows(data.resume, setTriggerValue)),
          data.jobs.length > 0 && section("Recent jobs", "", rows(data.jobs, setTriggerValue)),
        ),
      best(data, setTriggerValue),
    ),
  )
  // The page is there at once; a board that must be counted first is asked for after that, once.
  if (data.counting && parentElement.asked !== data.counting) {
    parentElement.asked = data.counting
    setTriggerValue("count", data.counting)
  }
}
