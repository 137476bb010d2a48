// Inspect: a list of outputs, the one that is open (with another run's beside it), what was said of it.
// What is pressed shows in the list at once and is sent as one message; the answer draws the texts.

const WAIT_MS = 90 // a key that is held sends the last output only
const NARROW = 640 // as in inspect.css
const BELOW = 30 // pixels of the page under it
const SIGNED = { yes: "yes", partly: "partly", no: "no", unsure: "unsure", missing: "unsure" }

class Inspector {
  constructor(root) {
    this.root = root
    this.turn = 0
    this.view = null
    this.linked = false
    this.frame = h("div", { class: "inspect" }, h("section", { class: "list", "aria-label": "Outputs found" }), h("section", { class: "pane", "aria-label": "The output" }))
    root.replaceChildren(this.frame)
    this.list = this.frame.firstChild
    this.pane = this.frame.lastChild
    this.onKey = (event) => this.key(event)
    window.addEventListener("keydown", this.onKey)
    // What stands above is drawn at the same time as this, some of it later.
    this.watch = new ResizeObserver(() => this.fit())
    this.watch.observe(document.body)
    const block = root.getRootNode().host?.closest("[data-testid=stVerticalBlock]")
    if (block) for (const one of block.children) this.watch.observe(one)
  }

  close() {
    this.watch.disconnect()
    clearTimeout(this.timer)
    window.removeEventListener("keydown", this.onKey)
  }

  receive(data, say) {
    this.say = say
    this.turn = Math.max(this.turn, data.turn)
    this.data = data
    const id = data.open?.id ?? null
    if (this.view === null || (this.chosen && !data.chosen)) this.show(data.chosen ? "pane" : "list")
    this.chosen = data.chosen
    // An answer to an earlier message than the last one does not move the choice back.
    if (!(this.wanted && data.turn < this.turn)) {
      this.wanted = null
      this.selected = id
    }
    this.fit()
    this.drawList()
    if (!this.wanted) this.drawPane()
  }

  send(wish, wait = 0) {
    clearTimeout(this.timer)
    this.turn += 1
    const message = { turn: this.turn, ...wish }
    this.timer = setTimeout(() => this.say("say", message), wait)
  }

  show(view) {
    this.view = view
    this.frame.dataset.view = view
  }

  narrow() {
    return this.frame.clientWidth <= NARROW
  }

  // As high as what the page leaves of the window: what stands above it may be one line or three.
  fit() {
    const main = document.querySelector("[data-testid=stMain]")
    const above = this.frame.getBoundingClientRect().top + (main?.scrollTop ?? 0)
    this.frame.style.setProperty("--above", `${Math.round(Math.max(120, above) + BELOW)}px`)
  }

  // ---- the list

  drawList() {
    const hits = this.data.hits
    const shown = JSON.stringify(hits)
    if (shown !== this.listed) {
      this.listed = shown
      const turned = this.start !== hits.start
      this.start = hits.start
      redraw(this.list, listHead(hits, (start) => this.send({ start })), this.options(hits))
      if (turned) this.list.querySelector(".options").scrollTop = 0
    }
    this.mark()
  }

  options(hits) {
    if (!hits.total) return h("div", { class: "nothing", role: "status" }, "No output fits the filters.")
    const list = h(
      "div",
      { class: "options", role: "listbox", tabindex: "0", "aria-label": "Outputs; arrow keys open them", data: { scroll: "list", focus: "list" } },
      hits.rows.map((row) => option(row)),
    )
    list.onclick = (event) => {
      const pressed = event.target.closest(".option")
      if (!pressed) return
      this.open(pressed.dataset.id)
      this.show("pane")
      if (this.narrow()) this.frame.scrollIntoView({ block: "start" })
    }
    list.onkeydown = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e9, End: 1e9 }[event.key]
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (step) this.move(step)
      else if (event.key === "Enter" || event.key === " ") this.enter()
      else return
      event.preventDefault()
    }
    return list
  }

  // The chosen line: marked, in sight, and named to a screen reader.
  mark() {
    const list = this.list.querySelector(".options")
    if (!list) return
    let found = null
    for (const one of list.children) {
      const is = one.dataset.id === this.selected
      one.setAttribute("aria-selected", String(is))
      if (is) found = one
    }
    if (found) list.setAttribute("aria-activedescendant", found.id)
    else list.removeAttribute("aria-activedescendant")
    const seen = `${this.selected} ${this.start}`
    if (found && seen !== this.seen) {
      const [top, bottom] = [found.offsetTop - list.offsetTop, found.offsetTop - list.offsetTop + found.offsetHeight]
      if (top < list.scrollTop) list.scrollTop = top - 8
      else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight + 8
    }
    this.seen = seen
  }

  open(id, wait = 0) {
    if (!id || (id === this.selected && this.data.chosen)) return
    this.selected = id
    this.wanted = id
    this.mark()
    this.send({ open: id }, wait)
  }

  move(step) {
    const rows = this.data.hits.rows
    const at = rows.findIndex((row) => row.id === this.selected)
    const next = at + step
    if (at >= 0 && rows[next]) return this.open(rows[next].id, WAIT_MS)
    if (at >= 0 && Math.abs(step) > 1) return this.open(rows[step > 0 ? rows.length - 1 : 0].id, WAIT_MS)
    // Over the edge of this page of the list, or from an output that is not on it.
    if (this.wanted) return
    const beyond = step > 0 ? this.data.after : this.data.before
    if (beyond) this.open(beyond)
    else if (at < 0 && rows.length && this.data.position === null) this.open(rows[0].id)
  }

  enter() {
    if (!this.selected) return
    this.show("pane")
    if (!this.data.chosen && !this.wanted) this.send({ open: this.selected })
    this.pane.querySelector(".texts")?.focus()
  }

  // Keys that work wherever the focus is, but not where one writes.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const target = event.composedPath()[0]
    if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName ?? "")) {
      if (!(target.type === "radio" && this.root.contains(target))) return
    }
    const step = { j: 1, n: 1, k: -1, p: -1 }[event.key.toLowerCase()]
    if (step) this.move(step)
    else if (event.key === "Escape" && this.view === "pane") this.back()
    else return
    event.preventDefault()
  }

  back() {
    this.show("list")
    this.list.querySelector(".options")?.focus({ preventScroll: true })
  }

  // ---- the output

  drawPane() {
    const { open, position, hits } = this.data
    const shown = JSON.stringify([open, position, hits.total, this.data.before, this.data.after])
    if (shown === this.drawn) return
    this.drawn = shown
    if (!open) {
      redraw(this.pane, h("div", { class: "nothing" }, hits.total ? "Choose an output in the list." : "Leave a filter out to see more."))
      return
    }
    const other = this.paneId !== open.id
    this.paneId = open.id
    if (other) for (const one of this.pane.querySelectorAll("[data-scroll=texts], [data-scroll=side]")) one.scrollTop = 0
    const unfolded = new Set([...this.pane.querySelectorAll("details[open]")].map((one) => one.dataset.fold))
    const say = (wish) => this.send(wish)
    redraw(
      this.pane,
      paneHead(this, open),
      this.linked && linkRow(open),
      besideRow(open, say),
      open.marks.length > 1 && markRow(open, say),
      h(
        "div",
        { class: "body", data: { scroll: "body" } },
        h("div", { class: open.other ? "texts compared" : "texts", tabindex: "0", role: "region", "aria-label": "What was asked and written", data: { scroll: "texts", focus: "texts" } }, question(open, say), outputs(open, this), former(open), everythingElse(open)),
        h("aside", { class: "side", tabindex: "0", "aria-label": "Verdicts and notes", data: { scroll: "side", focus: "side" } }, judges(open), scores(open)),
      ),
    )
    if (!other) for (const one of this.pane.querySelectorAll("details")) if (unfolded.has(one.dataset.fold)) one.open = true
  }
}

// ---- pieces of the list

function listHead(hits, turn) {
  const end = hits.start + hits.rows.length
  const whole = hits.start === 0 && end === hits.total
  const count = `${hits.total.toLocaleString("en")} output${hits.total === 1 ? "" : "s"}`
  const range = whole ? "" : ` · ${(hits.start + 1).toLocaleString("en")}–${end.toLocaleString("en")}`
  const button = (words, start, none) =>
    h("button", { class: "turn", type: "button", disabled: none, data: { focus: `page ${words}` }, onClick: () => turn(Math.max(0, start)) }, words)
  return h(
    "header",
    {},
    h("span", { class: "count number", role: "status" }, count + range),
    !whole && [
      button("Earlier", hits.start - hits.per_page, hits.start === 0),
      button("Later", end, end === hits.total),
    ],
  )
}

function option(row) {
  const title = [row.said, row.input && `Input: ${row.input}`, `${row.length.toLocaleString("en")} characters`].filter(Boolean).join("\n")
  return h(
    "div",
    { class: "option", role: "option", id: `hit-${row.id}`, "aria-selected": "false", title, data: { id: row.id } },
    h(
      "div",
      { class: "head" },
      swatch(row.place),
      h("span", { class: "run data" }, row.run),
      h(
        "span",
        { class: "marks" },
        row.flagged && remark("flag", "flagged"),
        row.noted && remark("edit", "with a note"),
        typeof row.score === "number" && h("span", { class: "score number" }, row.score.toFixed(3)),
        row.verdicts.map((one) => mini(one)),
        h("span", { class: "number" }, row.number.toLocaleString("en")),
      ),
    ),
    h("div", { class: row.text ? "text data" : "text empty", dir: "auto" }, row.text || "(no text)"),
  )
}

const remark = (name, words) =>
  h("span", { class: "remark" }, icon(name), h("span", { class: "hidden-text" }, words))

// A verdict with letter and sign; its words are there for a screen reader and under the pointer.
function mini(one) {
  const words = one.verdict === "differ" ? "judges differ" : one.verdict
  const known = one.verdict in SIGNED
  const made = h(
    "span",
    { class: "verdict small", title: `${one.name}: ${words} (${one.by})`, data: { verdict: known ? one.verdict : "none", by: one.by } },
    one.letter,
    sign(known ? SIGNED[one.verdict] : "unsure"),
    h("span", { class: "hidden-text" }, `${words} by ${one.by}`),
  )
  return made
}

// ---- pieces of the pane

function paneHead(inspector, open) {
  const { data } = inspector
  const where =
    data.position === null
      ? "not among the hits"
      : `${(data.position + 1).toLocaleString("en")} of ${data.hits.total.toLocaleString("en")}`
  const walk = (words, to, key, symbol, first) =>
    h(
      "button",
      { class: "button", type: "button", disabled: !to, "aria-label": words, "aria-keyshortcuts": key, data: { focus: words }, onClick: () => inspector.open(to) },
      first && icon(symbol),
      h("span", { class: "word" }, words),
      h("kbd", {}, key.toUpperCase()),
      !first && icon(symbol),
    )
  return h(
    "header",
    { class: "top" },
    h("button", { class: "button back", type: "button", onClick: () => inspector.back() }, icon("arrow_back"), "List"),
    h(
      "div",
      { class: "who" },
      h("h2", {}, swatch(open.place), " ", h("span", { class: "data" }, open.name)),
      h("span", { class: "muted number" }, `row ${open.row.toLocaleString("en")} · ${where}`),
    ),
    walk("Previous", data.before, "k", "chevron_left", true),
    walk("Next", data.after, "j", "chevron_right", false),
    h(
      "button",
      { class: "button", type: "button", "aria-label": "Link to this output", "aria-expanded": String(inspector.linked), title: "Link to this output", data: { focus: "link" }, onClick: () => { inspector.linked = !inspector.linked; inspector.drawn = null; inspector.drawPane(); inspector.pane.querySelector(".link input")?.select() } },
      icon("link"),
    ),
  )
}

function linkRow(open) {
  const address = h("input", { readonly: true, value: open.link, "aria-label": "This address opens exactly this output", data: { focus: "address" }, onFocus: () => address.select() })
  return h("div", { class: "link" }, h("span", { class: "muted" }, "This address opens exactly this output:"), address)
}

const besideRow = (open, say) =>
  open.beside.length > 0 &&
  h(
    "div",
    { class: "bar", role: "group", "aria-label": "Another run beside it", data: { scroll: "beside" } },
    h("span", {}, "Beside"),
    open.beside.map((one) => {
      const pressed = one.name === open.chosen_beside
      return h(
        "button",
        { class: "choice", type: "button", "aria-pressed": String(pressed), title: one.name, data: { focus: `beside ${one.name}` }, onClick: () => say({ beside: pressed ? null : one.name }) },
        swatch(one.place),
        h("span", { class: "data" }, one.name),
      )
    }),
    open.chosen_beside !== null && !open.other && h("span", { class: "data", role: "status" }, `${open.chosen_beside} has no output for this example.`),
  )

const MARKS = { steps: "parts by step", differences: "words that differ", expected: "shared with the expected text" }
const markRow = (open, say) =>
  h(
    "div",
    { class: "bar", role: "radiogroup", "aria-label": "What to mark in the output" },
    h("span", {}, "Mark"),
    open.marks.map((mark) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: "mark", value: mark, checked: mark === open.mark, data: { focus: `mark ${mark}` }, onChange: () => say({ mark }) }),
        MARKS[mark],
      ),
    ),
  )

// A text as it is. Pieces with a number are marked: as parts by step where steps are given.
function textBox(text, empty, steps, long) {
  if (!text.pieces.length) return h("p", { class: "read empty" }, empty)
  return [
    h(
      "div",
      { class: long ? "read long" : "read", dir: "auto", tabindex: long ? "0" : null, role: long ? "group" : null, "aria-label": long ? "Text" : null, data: { text: "" } },
      text.pieces.map(([piece, mark]) => {
        if (mark === null) return piece
        const step = steps?.[mark]
        if (!step) return h("mark", {}, piece)
        return h("span", { class: "part", title: step.name, data: { step: step.kind, letter: step.letter } }, piece)
      }),
    ),
    text.notes.map((note) => h("p", { class: "hint" }, note)),
  ]
}

const sizeOf = (text) => text.pieces.reduce((sum, [piece]) => sum + piece.length, 0)
const named = (name, ...end) => h("div", { class: "name" }, name, end.length > 0 && h("span", { class: "end" }, end))
const fold = (name, summary, ...content) =>
  h("details", { data: { fold: name } }, h("summary", {}, summary), h("div", {}, content))

function question(open, say) {
  const asked = open.question
  const reference = asked.reference
  const short = reference && sizeOf(reference) > 0 && sizeOf(reference) <= 60
  const words = reference && reference.pieces.map(([piece]) => piece).join("")
  return [
    named("Instruction", asked.steps.map((step) => chip(step.letter, step.kind, h("span", { class: "data" }, step.name)))),
    textBox(asked.instruction, "(no instruction)", null, sizeOf(asked.instruction) > (open.other ? 500 : 1200)),
    named("Input", short ? [h("span", { class: "data" }, `right answer: ${words}`)] : []),
    textBox(asked.input, "(no input)", null, sizeOf(asked.input) > (open.other ? 500 : 1500)),
    asked.image && [named("Image"), textBox(asked.image, "", null)],
    reference && !short && [named("Right answer"), textBox(reference, "(empty)", null, sizeOf(reference) > 800)],
    asked.expected.length > 0 &&
      fold(
        "expected",
        "Expected text of the steps",
        asked.expected.map((step) => [
          named(chip(step.letter, step.kind, h("span", { class: "data" }, step.name)), open.mark === "expected" && asked.marked !== step.key ? [h("button", { class: "plain", type: "button", onClick: () => say({ expected: step.key }) }, "Mark what is shared with this one")] : []),
          textBox(step.text, "", null),
        ]),
      ),
  ]
}

const JUDGES = { person: "people", "LLM judge": "LLM judges", rule: "rules" }
const outputs = (open, inspector) =>
  h("div", { class: open.other ? "outputs two" : "outputs" }, output(open, open.mark, null), open.other && output(open.other, open.mark, () => inspector.open(open.other.id)))

function output(one, mark, opens) {
  const parts = mark === "steps" && one.text.pieces.some(([, place]) => place !== null)
  return h(
    "article",
    { class: "output", "aria-label": `Output of ${one.name}` },
    h("div", { class: "name" }, swatch(one.place), h("span", { class: "data" }, one.name), h("span", { class: "end number" }, `${one.length.toLocaleString("en")} characters`)),
    textBox(one.text, "(the model wrote nothing)", mark === "steps" ? one.steps : null),
    one.said.length > 0 && h("div", { class: "said" }, one.said.map((group) => [h("span", {}, `${JUDGES[group.by]}:`), group.verdicts.map((v) => mini(v))])),
    one.ended && h("p", { class: "hint data" }, one.ended),
    parts && h("p", { class: "hint" }, "The parts are an estimate by rules."),
    one.note && h("p", { class: "hint" }, one.note),
    one.thoughts && fold("thoughts", `Thoughts (${one.thoughts_length.toLocaleString("en")} characters), no part of the output`, textBox(one.thoughts, "", null)),
    opens && h("button", { class: "plain", type: "button", onClick: opens }, "Open this one"),
  )
}

const former = (open) =>
  open.former.map((one, i) =>
    fold(`former ${i}`, `Its text until ${one.until}, when ${one.why}`, textBox(one.text, "(empty)", null), one.said.length > 0 && [h("p", { class: "hint" }, "Verdicts on this text, which no figure counts:"), one.said.map((said) => h("p", { class: "hint data" }, said))]),
  )

const everythingElse = (open) =>
  fold("else", "Everything else that is known of it", h("pre", { class: "read", tabindex: "0", data: { text: "" } }, open.else.pieces.map(([piece]) => piece)))

function judges(open) {
  if (!open.judges.length) return [h("h2", {}, "Verdicts and notes"), h("p", { class: "hint" }, "Nobody has judged it yet.")]
  return [h("h2", {}, "Verdicts and notes"), open.judges.map((one, i) => judge(one, i))]
}

function judge(one, i) {
  const before = one.verdicts.flatMap((v) => v.before.map((b) => ({ ...b, name: v.name, letter: v.letter, kind: v.kind, by: one.kind })))
  const [standing, ...notes] = one.notes
  return h(
    "div",
    { class: "judge" },
    h("div", { class: "who" }, h("b", { class: "data" }, one.judge), " ", h("span", { class: "muted" }, one.kind), one.study && h("div", { class: "note data" }, one.study)),
    one.verdicts.length > 0 && h("div", { class: "verdicts" }, one.verdicts.map((v) => spoken(v, one.kind))),
    standing?.flagged && h("div", { class: "flag" }, icon("flag"), "flagged"),
    standing?.note.trim() && h("div", { class: "note-text data", dir: "auto" }, standing.note),
    before.length + notes.length > 0 &&
      fold(`judge ${i}`, `${before.length + notes.length} earlier`, before.map((b) => h("p", { class: "hint" }, spoken(b, one.kind), ` ${b.when}`)), notes.map((n) => h("p", { class: "hint" }, n.flagged && "flagged ", h("span", { class: "data" }, n.note || (n.flagged ? "" : "(no note)")), ` ${n.when}`))),
    one.replies.map((reply, j) =>
      fold(`reply ${i} ${j}`, h("span", { class: "data" }, `Reply about ${reply.about}: ${reply.read}${reply.quality === null ? "" : `, quality ${reply.quality}`}`), reply.reply === null ? h("p", { class: "hint" }, "(the reply is not kept)") : textBox(reply.reply, "(empty)", null)),
    ),
  )
}

// A verdict with letter, word and sign; when it was given under the pointer.
function spoken(one, by) {
  const known = one.verdict in SIGNED
  return h(
    "span",
    { class: "verdict", title: `${one.name}: ${one.verdict}, ${one.when}`, data: { verdict: known ? one.verdict : "none", by } },
    badge(one.letter, one.kind),
    h("span", { class: "hidden-text" }, one.name),
    one.verdict,
    sign(known ? SIGNED[one.verdict] : "unsure"),
  )
}

function scores(open) {
  if (!open.scores.length) return null
  return [
    h("h2", {}, "Automatic scores"),
    h(
      "dl",
      { class: "scores" },
      open.scores.map((one) => [
        h("dt", {}, one.metric, h("small", {}, ` ${one.step}${one.how ? ` · ${one.how}` : ""}`)),
        one.value !== null ? h("dd", { class: "number" }, one.value) : [h("dd", {}, "–"), h("dd", { class: "none" }, one.reason)],
      ]),
    ),
    h("p", { class: "hint" }, "Following is an estimate by rules."),
  ]
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".base")
  paint(parentElement)
  if (root.inspector?.root !== root) root.inspector = new Inspector(root)
  root.inspector.receive(data, setTriggerValue)
  return () => {
    root.inspector?.close()
    root.inspector = null
  }
}
