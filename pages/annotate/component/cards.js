// The studies as a radio group: what each is, what is left for this name, how long that takes, and
// how far this name and everybody are, in one bar. Names of studies and people are only texts.

// Verdicts of a study that this browser keeps and the store has not acknowledged, by name (outbox.js).
function unsaved(token) {
  const found = new Map()
  try {
    for (const key of Object.keys(localStorage)) {
      const rest = key.startsWith(`sit-desk/${token}/`) ? key.slice(`sit-desk/${token}/`.length) : ""
      const name = rest.slice(0, Math.max(0, rest.lastIndexOf("/")))
      if (name) found.set(name, (found.get(name) ?? 0) + 1)
    }
  } catch {
    // storage is switched off: nothing is kept there
  }
  return [...found]
}

function fact(value, words) {
  return h("div", { class: "fact" }, h("b", { class: "number" }, value), h("span", { class: "note" }, words))
}

function facts(card) {
  const found = []
  if (card.left) found.push(fact(card.left.toLocaleString(), "left for you"))
  else if (card.total) {
    const all = card.done >= card.total
    found.push(fact(sign("yes"), all ? "all judged" : "nothing left for you"))
  } else found.push(fact("0", "samples"))
  if (card.time) found.push(fact(card.time, "at the usual pace"))
  if (card.people) found.push(fact(card.people.toLocaleString(), card.people === 1 ? "person" : "people"))
  return h("div", { class: "facts" }, found)
}

function progressBar(card, annotator) {
  const percent = (part) => `${card.total ? (100 * part) / card.total : 0}%`
  return h(
    "div",
    {},
    h(
      "div",
      { class: "both", "aria-hidden": "true" },
      h("i", { class: "all", style: { width: percent(card.done) } }),
      h("i", { class: "mine", style: { width: percent(card.mine) } }),
    ),
    h(
      "div",
      { class: "numbers note" },
      h(
        "span",
        {},
        h("span", { class: "dot", "aria-hidden": "true" }),
        h("b", { class: "data" }, annotator ?? "You"),
        ` ${card.mine.toLocaleString()}`,
      ),
      h("span", { class: "number" }, `${card.done.toLocaleString()} of ${card.total.toLocaleString()} by everybody`),
    ),
  )
}

function studyCard(card, data, choose) {
  const input = h("input", {
    type: "radio", name: "study", value: card.token, checked: card.token === data.chosen, data: { focus: card.token },
  })
  input.onchange = () => choose(card.token)
  const waiting = unsaved(card.token).map(([name, count]) =>
    h("p", { class: "waiting data", role: "status" }, `Not saved yet: ${count} of ${name}. Start as ${name} to send ${count === 1 ? "it" : "them"}.`),
  )
  return h(
    "label",
    { class: "card study", data: { chosen: card.token === data.chosen } },
    input,
    h(
      "div",
      { class: "body" },
      h(
        "div",
        { class: "top" },
        h("b", { class: "name data" }, card.name),
        h("span", { class: "steps" }, card.steps.map((step) => chip(step.letter, step.kind, h("span", { class: "data" }, step.word)))),
      ),
      h("p", { class: "what muted" }, card.what),
      facts(card),
      progressBar(card, data.annotator),
      waiting,
    ),
  )
}

export default function ({ data, parentElement, setTriggerValue }) {
  paint(parentElement)
  const choose = (token) => setTriggerValue("choose", token)
  redraw(
    parentElement.querySelector(".base"),
    h("fieldset", { class: "studies" }, h("legend", { class: "hidden-text" }, "Study"), data.cards.map((card) => studyCard(card, data, choose))),
  )
}
