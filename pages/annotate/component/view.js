// Drawing. Every text from outside goes through textContent: it can't become markup.

const SHOWN_CHARACTERS = 200_000

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function keyedButton(code, label) {
  const button = element("button")
  button.type = "button"
  if (code) button.append(element("kbd", "", letterOf(code)))
  button.append(label)
  return button
}

class View {
  constructor(root, study) {
    this.root = root
    this.study = study
    this.$ = (selector) => root.querySelector(selector)
    this.$(".who").textContent = `${study.annotator} · ${study.name}`
    this.$(".practise").hidden = !study.practice
    this.buildRows()
  }

  buildRows() {
    const rows = this.$(".rows")
    rows.replaceChildren()
    this.study.rows.forEach((step, index) => {
      const row = element("div", "row")
      row.dataset.step = step.key
      const question = element("div", "question")
      question.append(element("b", "", step.letter), " ", step.question)
      question.title = step.rule
      const choices = element("div", "choices")
      choices.setAttribute("role", "group")
      choices.setAttribute("aria-label", step.question)
      VERDICTS.forEach((verdict, column) => {
        if (!step.verdicts.includes(verdict)) return choices.append(element("span"))
        const button = keyedButton(KEY_ROWS[index]?.[column], VERDICT_WORDS[verdict])
        button.dataset.step = step.key
        button.dataset.verdict = verdict
        choices.append(button)
      })
      row.append(question, choices)
      rows.append(row)
    })
  }

  // The sample on the screen; `verdicts` are what is pressed.
  showSample(sample, verdicts, review) {
    this.state("working")
    this.root.dataset.sample = sample.id
    this.$(".instruction").textContent = sample.instruction
    this.$(".input-part").hidden = !sample.input
    this.$(".input").textContent = sample.input
    this.$(".run").textContent = sample.run ? `from ${sample.run}` : ""
    this.$(".output-title").textContent = review ? "Output (judged before)" : "Output"
    const size = `${sample.output.length.toLocaleString()} characters`
    this.$(".size").textContent = sample.given
      ? `${size}; what is underlined was given to the model, judge what comes after`
      : size
    this.showOutput(sample, false)
    this.showExpected(sample)
    this.$(".asked").scrollTop = 0
    this.$(".given").scrollTop = 0
    this.$(".overlap").setAttribute("aria-pressed", "false")
    this.$(".resume").hidden = !review
    this.$(".skip").disabled = review
    this.hideFeedback()
    this.showVerdicts(verdicts)
  }

  showOutput(sample, all) {
    const output = this.$(".output")
    const nothing = sample.output.trim() === ""
    output.classList.toggle("nothing", nothing)
    output.textContent = !nothing
      ? all ? sample.output : sample.output.slice(0, SHOWN_CHARACTERS)
      : sample.output === ""
        ? "The model wrote nothing (empty output)."
        : `The model wrote nothing but white space (${sample.output.length} characters).`
    if (sample.given && !nothing) {
      // Characters as the server counts them: a pair of surrogates is one.
      const points = Array.from(output.textContent)
      output.replaceChildren(
        element("span", "prefilled", points.slice(0, sample.given).join("")),
        points.slice(sample.given).join(""),
      )
    }
    const more = this.$(".more")
    more.hidden = all || sample.output.length <= SHOWN_CHARACTERS
    more.textContent = `Show all ${sample.output.length.toLocaleString()} characters`
    more.onclick = () => this.showOutput(sample, true)
  }

  showExpected(sample) {
    const part = this.$(".expected-part")
    part.replaceChildren()
    for (const [step, text] of sample.expected) {
      const fold = element("details")
      const letter = this.study.rows.find((row) => row.key === step)?.letter ?? step
      const same = text === sample.input ? " (it is the input)" : ""
      fold.append(element("summary", "", `Expected text for ${letter}${same}`))
      const body = element("div", "text", text)
      body.dir = "auto"
      fold.append(body)
      part.append(fold)
    }
  }

  showOverlap(overlap, sample) {
    const paint = (place, pieces) => {
      place.replaceChildren(...pieces.map(([text, same]) => (same ? element("mark", "", text) : text)))
    }
    if (overlap.reason) return overlap.reason
    paint(this.$(".output"), overlap.output)
    this.$(".more").hidden = true
    const fold = this.$(".expected-part details .text")
    if (fold) paint(fold, overlap.expected)
    if (!sample.expected.length || sample.expected[0][1] === sample.input)
      paint(this.$(".input"), overlap.expected)
    return null
  }

  hideOverlap(sample) {
    this.showOutput(sample, false)
    this.showExpected(sample)
    this.$(".input").textContent = sample.input
  }

  showVerdicts(verdicts) {
    for (const button of this.root.querySelectorAll(".choices button")) {
      const pressed = verdicts[button.dataset.step] === button.dataset.verdict
      button.setAttribute("aria-pressed", String(pressed))
    }
  }

  // A practice sample is on the screen (`practice`: how far), or none.
  showPractice(practice) {
    this.root.dataset.practice = String(!!practice)
    this.$(".practise").hidden = !!practice || !this.study.practice
    const skip = this.$(".skip")
    skip.lastChild.textContent = practice ? " Skip the practice" : " Skip"
    if (practice?.required) skip.disabled = true
    this.$(".note").hidden = this.$(".flag").hidden = !!practice
    if (!practice) return
    this.$(".output-title").textContent = "Output (practice)"
  }

  // What the study's maker says of a practice sample, beside what was pressed.
  showFeedback(practice, verdicts) {
    const lines = []
    for (const row of this.study.rows) {
      const gold = practice.gold[row.key]
      if (!gold) continue
      const same = gold === verdicts[row.key]
      const line = element("p", same ? "same" : "other")
      line.append(
        element("b", "", row.letter),
        same
          ? ` ${VERDICT_WORDS[gold]}: as the study's maker says.`
          : ` The study's maker says: ${VERDICT_WORDS[gold]}. You said: ${VERDICT_WORDS[verdicts[row.key]]}.`,
      )
      lines.push(line)
      this.$(`.choices button[data-step="${CSS.escape(row.key)}"][data-verdict="${gold}"]`)
        ?.setAttribute("data-gold", "true")
    }
    if (!lines.length) lines.push(element("p", "", "No verdict is given for this sample: it is practice only."))
    if (practice.reason) {
      const reason = element("p", "reason", practice.reason)
      reason.dir = "auto"
      lines.push(reason)
    }
    const feedback = this.$(".feedback")
    feedback.replaceChildren(...lines)
    feedback.hidden = false
    this.$(".skip").hidden = true
    this.$(".onward").hidden = false
  }

  hideFeedback() {
    this.$(".feedback").hidden = true
    this.$(".skip").hidden = false
    this.$(".onward").hidden = true
    for (const button of this.root.querySelectorAll("[data-gold]")) button.removeAttribute("data-gold")
  }

  // Studies that have something left for this annotator, at the end of one.
  nextStudies(studies, open) {
    const buttons = studies.map(({ study, left }, place) => {
      const button = element("button", place ? "next-study" : "next-study first")
      button.type = "button"
      if (!place) button.append(element("kbd", "", "Enter"))
      button.append(element("span", "study-name", study), element("span", "left", `${left.toLocaleString()} left`))
      button.onclick = () => open(study)
      return button
    })
    if (buttons.length) buttons.unshift(element("p", "", buttons.length === 1 ? "The next study" : "Next studies"))
    this.$(".next-studies").replaceChildren(...buttons)
  }

  showRemark(note, flagged) {
    const field = this.$(".note")
    if (field.value !== note) field.value = note
    this.$(".flag").setAttribute("aria-pressed", String(flagged))
  }

  // While somebody practises, how far that is instead: nothing of it is in the progress.
  showProgress(progress, pace, practice) {
    if (practice) {
      const { size, left } = practice
      const place = size - left + 1
      this.$(".fill").style.width = `${(100 * (size - left)) / size}%`
      this.$(".bar").setAttribute("aria-valuenow", String(size - left))
      this.$(".bar").setAttribute("aria-valuemax", String(size))
      this.$(".place").textContent = `Practice ${Math.min(place, size)} of ${size}`
      this.$(".pace").textContent = practice.required
        ? "counts in no rate; this study asks for it first"
        : "counts in no rate"
      return
    }
    const all = progress.mine + progress.left
    this.$(".fill").style.width = all ? `${(100 * progress.mine) / all}%` : "0"
    this.$(".bar").setAttribute("aria-valuenow", String(progress.mine))
    this.$(".bar").setAttribute("aria-valuemax", String(all))
    this.$(".place").textContent = `${progress.mine} judged · ${progress.left} left`
    if (!progress.left) pace = null
    const minutes = pace ? Math.ceil((pace * progress.left) / 60) : 0
    this.$(".pace").textContent = pace
      ? `${pace < 10 ? pace.toFixed(1) : Math.round(pace)} s each · ${
          minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
        } to go`
      : ""
  }

  showSaved(kind, text) {
    const saved = this.$(".saved")
    if (saved.dataset.kind === kind && saved.textContent === text) return
    saved.dataset.kind = kind
    saved.textContent = text
  }

  notice(text) {
    this.$(".notice").hidden = !text
    this.$(".notice").textContent = text ?? ""
  }

  // "working", "loading", "waiting", "skipped" or "done"; all but the first hide the sample.
  state(name, title = "", text = "", skipped = 0) {
    this.root.dataset.state = name
    const working = name === "working"
    this.$(".sample").hidden = !working
    this.$(".verdicts").hidden = !working
    this.$(".empty").hidden = working
    if (!working) delete this.root.dataset.sample
    this.$(".empty-title").textContent = title
    this.$(".empty-text").textContent = text
    const take = this.$(".take-skipped")
    take.hidden = !skipped
    take.textContent = `Judge the ${skipped} you skipped`
  }

  overlay(title, ...body) {
    this.$(".overlay").hidden = false
    this.$(".overlay-title").textContent = title
    this.$(".overlay-body").replaceChildren(...body)
    this.$(".close").focus()
  }

  closeOverlay() {
    const open = !this.$(".overlay").hidden
    this.$(".overlay").hidden = true
    return open
  }

  showKeys() {
    const list = element("dl", "help")
    const line = (codes, text) => {
      const term = element("dt")
      for (const code of codes) term.append(element("kbd", "", letterOf(code)))
      list.append(term, element("dd", "", text))
    }
    this.study.rows.forEach((row, index) => {
      if (KEY_ROWS[index]) line(KEY_ROWS[index], `${row.letter}: yes, partly, no, unsure`)
    })
    line(["←"], "the sample before; a changed verdict is saved at once")
    line(["→"], "forward again")
    line(["Enter"], "back to the queue")
    line(["KeyN"], "write a note (Esc leaves the field)")
    line(["KeyM"], "flag")
    line(["KeyK"], "skip: put the sample off")
    line(["KeyH"], "highlight what the output shares with the expected text")
    line(["KeyL"], "list of everything you judged")
    line(["KeyG"], "guidelines: how to judge")
    line(["Space"], "scroll the output")
    this.overlay("Keys", list)
  }

  showList(entries, open) {
    if (!entries.length) return this.overlay("Judged so far", element("p", "", "Nothing yet."))
    const items = entries.map((entry) => {
      const item = element("button", "item plain")
      const verdicts = this.study.rows
        .map((row) => `${row.letter} ${entry.said[row.key]?.[0] ?? "–"}`)
        .join(" · ")
      const marks = [entry.flagged ? "flagged" : "", entry.note ? "note" : ""].filter(Boolean)
      item.append(
        element("span", "", entry.text || "(no input)"),
        element("span", "", verdicts),
        element("span", "", marks.join(", ")),
      )
      item.onclick = () => open(entry.id)
      return item
    })
    this.overlay(`Judged so far (${entries.length}, the latest first)`, ...items)
  }
}
