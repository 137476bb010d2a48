// The annotator's desk: shows a sample, takes verdicts by key or click, shows the next sample at
// once (it is loaded already) and sends what was said; shown as saved only when acknowledged.
// The server's half is sit_core/annotation/session.py; what both say is in requests.py and
// responses.py. Practice samples come in the hand like others; they are marked, tell afterwards what
// the study's maker says, and enter neither the trail nor any figure.

const RETRY_MS = 2000 // a turn without a reply for so long is taken again
const POLL_MS = 3000 // how often to look when others hold what is left
const PROGRESS_MS = 60_000
const REMEMBERED = 200

class Desk {
  constructor(parent, data) {
    this.root = parent.querySelector(".desk")
    this.study = data.study
    this.view = new View(this.root, data.study)
    this.outbox = new Outbox(`${data.study.token}/${data.study.annotator}`)
    this.samples = new Map()
    this.hand = []
    this.trail = [] // judged in this window, the oldest first
    this.at = -1 // place in the trail when looking back, else -1
    this.current = null
    this.verdicts = {} // what is pressed for the current sample
    this.asked = {} // what the next turn asks for besides
    this.skips = [] // put off, not yet heard by the server
    this.skipped = new Set() // put off in this window
    this.turn = 0
    this.inFlight = null
    this.progress = { mine: 0, left: 0, skipped: 0, held: 0, free_at: null, done: 0, total: 0 }
    this.paces = []
    this.progressAt = Date.now()
    this.changedAt = 0
    this.lastCode = null
    this.onKey = (event) => this.key(event)
    this.practice = null // how far the practice is, while there is one
    this.answered = null // the practice sample whose verdicts are given and explained
    this.others = [] // studies to go on with at the end
    this.leavingTo = null // where to go once everything is saved
    this.onGuidelines = () => this.toggleGuidelines()
    window.addEventListener("sit-desk-guidelines", this.onGuidelines)
    this.onUnload = (event) => this.outbox.items.length && event.preventDefault()
    window.addEventListener("keydown", this.onKey, true)
    window.addEventListener("beforeunload", this.onUnload)
    this.root.onclick = (event) => this.click(event)
    const note = this.view.$(".note")
    note.onkeydown = (event) => {
      if (event.key !== "Escape" && event.key !== "Enter") return
      event.stopPropagation()
      note.blur()
    }
    note.onblur = () => this.noteLeft()
    this.timer = setInterval(() => this.tick(), 500)
    if (data.open) this.asked.open = data.open
    // Read by the server when the page is opened again: nobody types a name twice.
    const name = encodeURIComponent(data.study.annotator)
    document.cookie = `sit_annotator=${name}; path=/; max-age=31536000; SameSite=Lax`
  }

  close() {
    clearInterval(this.timer)
    window.removeEventListener("keydown", this.onKey, true)
    window.removeEventListener("beforeunload", this.onUnload)
    window.removeEventListener("sit-desk-guidelines", this.onGuidelines)
    this.toggleGuidelines(false)
  }

  // ---- what comes in

  // The database is away: what is said is kept here and sent again, see tick.
  waitsFor(reason) {
    if (!reason && !this.waiting) return
    this.waiting = reason
    this.view.notice(reason || null)
  }

  receive(reply) {
    if (reply.stamp === this.stamp) return // drawn again for another reason (a new theme, say)
    this.stamp = reply.stamp
    this.pausedUntil = 0
    if (this.inFlight && reply.turn === this.inFlight.turn) {
      const { names, values, skips } = this.inFlight
      for (const name of names) if (this.asked[name] === values[name]) delete this.asked[name]
      if (values.take_skipped) this.skipped.clear()
      this.skips = this.skips.filter((id) => !skips.includes(id))
      this.inFlight = null
    }
    if (this.practice && !reply.practice) this.practised = true
    this.practice = reply.practice ?? null
    this.others = reply.others ?? []
    for (const ack of reply.acks) this.acknowledge(ack)
    for (const sample of reply.samples) this.take(sample)
    this.hand = reply.hand.filter(
      (id) => this.samples.has(id) && !this.isDone(id) && !this.skipped.has(id),
    )
    if (reply.progress) {
      this.progress = { ...reply.progress }
      const unsaved = new Set(this.outbox.items.map((item) => item.prediction))
      for (const id of unsaved) if (this.isDone(id) && !this.samples.get(id).practice) this.count(1)
      this.progressAt = Date.now()
    }
    if (reply.list) this.view.showList(reply.list, (id) => this.open(id))
    // A reply may be drawn again after the marks were taken away.
    const marked = reply.overlap && reply.overlap.id === this.overlapWanted
    if (marked && reply.overlap.id === this.current?.id) this.overlapCame(reply.overlap)
    if (reply.opened) this.look(reply.opened)
    else if (reply.reason) this.view.notice(reply.reason)
    if (!this.current) this.next()
    this.draw()
    this.pump()
    this.leaveWhenSaved()
  }

  take(sample) {
    const known = this.samples.get(sample.id)
    for (const item of this.outbox.of(sample.id)) overlay(sample, item)
    if (known) Object.assign(known, sample)
    else this.samples.set(sample.id, sample)
  }

  acknowledge(ack) {
    const item = this.outbox.items.find((one) => one.id === ack.id)
    this.outbox.drop(ack.id)
    if (!item) return
    const sample = this.samples.get(item.prediction)
    if (sample && ack.said) {
      Object.assign(sample, {
        said: ack.said, note: ack.note, flagged: ack.flagged, note_revision: ack.note_revision,
      })
      for (const later of this.outbox.of(sample.id)) overlay(sample, later)
      if (!ack.ok && sample === this.current) this.verdicts = spoken(sample)
    }
    if (!ack.ok) {
      this.view.notice(`Not saved: ${ack.reason}`)
      if (sample && !ack.said) {
        // It is another annotator's now: it does not count as ours.
        this.trail = this.trail.filter((id) => id !== sample.id)
        this.samples.delete(sample.id)
        if (!sample.practice) this.count(-1)
      }
    }
  }

  // ---- what goes out

  // Take a turn when there is something to say or to ask and none is under way.
  pump() {
    const asking = Object.keys(this.asked)
    if (this.inFlight || !(this.outbox.items.length || this.skips.length || asking.length)) return
    this.turn += 1
    const message = {
      turn: this.turn,
      submissions: this.outbox.items.slice(0, 50).map(({ at, ...item }) => item),
      skip: this.skips,
      have: [...this.samples.keys()].slice(-40),
      progress: Date.now() - this.progressAt > PROGRESS_MS,
      ...this.asked,
    }
    this.inFlight = {
      turn: this.turn, at: Date.now(), names: asking, values: { ...this.asked }, skips: [...this.skips],
    }
    this.say(message)
  }

  tick() {
    const now = Date.now()
    if (this.inFlight && now - this.inFlight.at > RETRY_MS) {
      this.inFlight = null
      window.dispatchEvent(new Event("sit-desk-unheard"))
      this.pausedUntil = now + RETRY_MS / 2 // the page's answer brings the next turn
    }
    if (now < (this.pausedUntil ?? 0)) return this.drawSaved()
    const idle = !this.inFlight && now - (this.askedAt ?? 0) > POLL_MS
    if (idle && ["waiting", "loading", "done"].includes(this.root.dataset.state)) {
      this.askedAt = now
      if (this.root.dataset.state !== "done") this.asked.progress = true
    }
    this.pump()
    this.drawSaved()
  }

  ask(name, value) {
    this.asked[name] = value
    this.pump()
  }

  // ---- the queue and the trail

  isDone(id) {
    const sample = this.samples.get(id)
    return !!sample && this.study.rows.every((row) => sample.said[row.key])
  }

  next() {
    this.at = -1
    this.answered = null
    const id = this.hand.find((one) => !this.isDone(one))
    if (id) {
      const sample = this.samples.get(id)
      this.show(sample)
      if (this.practised && !sample.practice) {
        this.practised = false
        this.view.notice("That was the practice. From here on your verdicts count.")
      }
      return
    }
    this.current = null
    this.view.nextStudies([])
    if (this.practice) return this.view.state("loading", "Loading the next sample …")
    const { left, held, free_at: free, skipped, mine } = this.progress
    if (left > 0 && held === 0) return this.view.state("loading", "Loading the next sample …")
    if (left > 0) {
      const when = free ? ` The first comes free at ${new Date(free * 1000).toLocaleTimeString()} at the latest.` : ""
      return this.view.state(
        "waiting",
        "Nothing to judge just now",
        `${left === 1 ? "The last sample is" : `The last ${left} samples are`} with other annotators.${when} This page looks again by itself.`,
        skipped,
      )
    }
    if (skipped)
      return this.view.state("skipped", "Only what you skipped is left", "", skipped)
    if (!mine) this.nothingForMe()
    else {
      this.view.state(
        "done",
        `All done, thank you, ${this.study.annotator}`,
        `You judged ${mine} ${mine === 1 ? "sample" : "samples"}; nothing is left for you in this study. ← leads back to them.`,
      )
    }
    this.view.nextStudies(this.others, (study) => this.leave(study))
  }

  // Others have judged everything before this annotator came.
  nothingForMe() {
    const { done, total } = this.progress
    const others =
      "Choose another study, or ask whoever made this one for more annotators per sample."
    if (!total) return this.view.state("done", "This study has no samples", others)
    this.view.state(
      "done",
      "Nothing is left for you in this study",
      `Every sample has as many annotators as the study asks for (${done} of ${total} judged). ${others}`,
    )
  }

  show(sample) {
    this.current = sample
    this.verdicts = spoken(sample)
    this.shownAt = performance.now()
    this.changedAt = this.shownAt
    this.answered = null
    this.showing = sample.practice ? this.practice : null
    this.view.showSample(sample, this.verdicts, this.reviewing())
    this.view.showPractice(this.showing)
    this.view.showRemark(sample.note, sample.flagged)
  }

  reviewing() {
    return this.at >= 0
  }

  back() {
    if (!this.reviewing()) this.at = this.trail.length
    if (this.at > 0) {
      this.at -= 1
      return this.show(this.samples.get(this.trail[this.at]))
    }
    // Before what was judged in this window there is what was judged before it was opened.
    if (this.trail.length === 0) this.at = -1
    this.ask("before", this.trail[0] ?? "")
  }

  forth() {
    if (!this.reviewing()) return
    const place = this.trail.indexOf(this.current?.id)
    if (place < 0 || place + 1 >= this.trail.length) return this.next()
    this.at = place + 1
    this.show(this.samples.get(this.trail[this.at]))
  }

  // Keep what was judged for going back, but not hundreds of texts; the server has them all.
  remember(id) {
    this.trail.push(id)
    while (this.trail.length > REMEMBERED && !this.outbox.of(this.trail[0]).length)
      this.samples.delete(this.trail.shift())
  }

  // A sample that was asked for by name or as "the one before" has come.
  look(id) {
    const sample = this.samples.get(id)
    if (!sample) return
    this.view.closeOverlay()
    if (this.isDone(id)) {
      if (!this.trail.includes(id)) this.trail.unshift(id)
      this.at = this.trail.indexOf(id)
      } else {
      this.at = -1
        this.hand = [id, ...this.hand.filter((one) => one !== id)]
    }
    this.show(sample)
  }

  open(id) {
    if (this.samples.has(id)) this.look(id)
    else this.ask("open", id)
  }

  // ---- what the annotator does

  press(step, verdict) {
    if (!this.current || this.root.dataset.state !== "working" || this.answered) return
    this.view.notice(this.waiting || null)
    const again = this.verdicts[step] === verdict
    if (this.reviewing()) {
      if (!again) {
        this.verdicts[step] = verdict
        this.commit({ [step]: verdict })
      }
    } else {
      if (again) delete this.verdicts[step]
      else this.verdicts[step] = verdict
      if (this.study.rows.every((row) => this.verdicts[row.key])) {
        const sample = this.current
        const seconds = (performance.now() - this.shownAt) / 1000
        this.commit({ ...this.verdicts }, seconds)
        if (sample.practice) {
          this.answered = sample.id
          if (this.practice) this.practice = { ...this.practice, left: this.practice.left - 1 }
          this.hand = this.hand.filter((id) => id !== sample.id)
          this.view.showVerdicts(this.verdicts)
          return this.view.showFeedback(sample.practice, this.verdicts)
        }
        this.remember(sample.id)
        this.hand = this.hand.filter((id) => id !== sample.id)
        this.count(1)
        this.paces = [...this.paces.slice(-19), seconds]
        this.next()
        this.draw()
        return
      }
    }
    this.view.showVerdicts(this.verdicts)
  }

  // Put what is said of the current sample into the outbox, with the revisions it is based on.
  commit(verdicts, seconds = null, remark = this.remark()) {
    const sample = this.current
    const changed = Object.entries(verdicts).filter(([step, v]) => sample.said[step]?.[0] !== v)
    const item = {
      prediction: sample.id,
      verdicts: Object.fromEntries(changed),
      base: Object.fromEntries(changed.map(([step]) => [step, sample.said[step]?.[1] ?? 0])),
      seconds,
      guidelines: this.study.guidelines, // the wording that stands on the page
      ...remark,
    }
    if (!changed.length && !remark) return
    this.outbox.add(item)
    overlay(sample, item)
    this.drawSaved()
    this.pump()
  }

  remark() {
    const sample = this.current
    if (sample.practice) return null
    const note = this.view.$(".note").value
    const flagged = this.view.$(".flag").getAttribute("aria-pressed") === "true"
    if (note === sample.note && flagged === sample.flagged) return null
    return { note, flagged, note_base: sample.note_revision }
  }

  noteLeft() {
    if (this.current && this.remark()) this.commit({})
  }

  act(action) {
    const { view } = this
    if (action === "escape") {
      if (view.closeOverlay() || this.toggleGuidelines(false)) return true
      view.notice(this.waiting || null)
      return false
    }
    if (action === "none") return true
    if (action === "keys") return view.showKeys(), true
    if (action === "guidelines") return this.toggleGuidelines(), true
    if (action === "leave") return this.leave(""), true
    if (action === "practise") return this.changePractice("again"), true
    if (this.answered && ["resume", "forth", "onward"].includes(action))
      return this.next(), this.draw(), true
    if (action === "list") return this.ask("list", true), true
    if (action === "back") return this.back(), true
    if (action === "forth") return this.forth(), true
    if (action === "resume") {
      if (this.root.dataset.state === "done" && this.others.length)
        return this.leave(this.others[0].study), true
      if (!this.reviewing()) return false
      this.next()
      return true
    }
    if (!this.current) return false
    if (this.current.practice && ["note", "flag", "skip"].includes(action)) {
      if (action === "skip" && !this.practice?.required) this.changePractice("skip")
      return true
    }
    if (action === "note") return view.$(".note").focus(), true
    if (action === "flag") {
      const flag = view.$(".flag")
      flag.setAttribute("aria-pressed", String(flag.getAttribute("aria-pressed") !== "true"))
      this.commit({})
      return true
    }
    if (action === "skip") {
      if (this.reviewing()) return true
      const id = this.current.id
      this.noteLeft()
      this.skips.push(id)
      this.skipped.add(id)
      this.hand = this.hand.filter((one) => one !== id)
      this.progress.left -= 1
      this.progress.skipped += 1
      this.next()
      this.draw()
      this.pump()
      return true
    }
    if (action === "overlap") return this.toggleOverlap(), true
    if (action === "page") {
      const given = view.$(".given")
      given.scrollBy({ top: given.clientHeight * 0.85 })
      return true
    }
    return false
  }

  // Skip what is left of the practice, or begin it anew; what comes next is the server's to say.
  changePractice(how) {
    if (!this.study.practice) return
    if (this.current) this.noteLeft()
    this.current = null
    this.hand = []
    this.view.state("loading", how === "skip" ? "Loading the next sample …" : "Loading the practice …")
    this.ask("practice", how)
  }

  // Go to another study, or with "" to the choice of studies; not before everything is saved.
  leave(study) {
    if (this.current) this.noteLeft()
    this.leavingTo = study
    if (this.outbox.items.length)
      this.view.notice("Not everything is saved yet; this goes on as soon as it is.")
    this.leaveWhenSaved()
  }

  leaveWhenSaved() {
    if (this.leavingTo === null || this.outbox.items.length || this.inFlight) return
    const study = this.leavingTo
    this.leavingTo = null
    this.go(study)
  }

  // The guidelines are a part of the page beside this component, see page.py; told by an attribute
  // of the document, which a rerun leaves alone. `wanted`: open or closed; without it the other.
  toggleGuidelines(wanted) {
    const page = document.documentElement
    const open = page.dataset.guidelines === "open"
    const now = wanted ?? !open
    if (now === open) return false
    if (now) page.dataset.guidelines = "open"
    else delete page.dataset.guidelines
    this.root.dataset.guidelines = now ? "open" : "closed"
    this.view.$(".guidelines").setAttribute("aria-expanded", String(now))
    const panel = document.querySelector(".st-key-guidelines_panel")
    if (panel) panel.tabIndex = 0 // it scrolls, also by keys
    return true
  }

  // The guidelines were changed while this desk was open: its page shows the new ones now.
  newGuidelines(version) {
    if (version === this.study.guidelines) return
    if (this.study.guidelines)
      this.view.notice("The guidelines of this study have changed: G shows them as they are now.")
    this.study.guidelines = version
  }

  toggleOverlap() {
    const button = this.view.$(".overlap")
    if (button.getAttribute("aria-pressed") === "true") {
      this.overlapWanted = null
      button.setAttribute("aria-pressed", "false")
      this.view.hideOverlap(this.current)
    } else {
      this.overlapWanted = this.current.id
      this.ask("overlap", this.current.id)
    }
  }

  overlapCame(overlap) {
    const reason = this.view.showOverlap(overlap, this.current)
    if (reason) this.view.notice(reason)
    else this.view.$(".overlap").setAttribute("aria-pressed", "true")
  }

  key(event) {
    if (document.querySelector("[role=dialog]:not(.overlay)")) return // a dialog of the page's
    const read = readKey(event)
    if (!read) return
    const overlayOpen = !this.view.$(".overlay").hidden
    if (overlayOpen && read.action !== "escape") return
    const bounced =
      event.code === this.lastCode && performance.now() - this.changedAt < BOUNCE_MS
    if (event.repeat || bounced) {
      // A held or bouncing key is one press; it must not reach Streamlit's own shortcuts either.
      if (read.action !== "page" && !(event.repeat && ["back", "forth"].includes(read.action))) {
        swallow(event)
        return
      }
    }
    this.lastCode = event.code
    if ("row" in read) {
      const step = this.study.rows[read.row]
      if (!step) return
      swallow(event)
      const verdict = VERDICTS[read.column]
      if (step.verdicts.includes(verdict)) this.press(step.key, verdict)
    } else if (this.act(read.action)) swallow(event)
  }

  click(event) {
    const button = event.target.closest?.("button")
    if (!button) return
    // The second click of a double click may land on a sample that was not there at the first.
    if (event.detail > 1 && performance.now() - this.changedAt < 600) return
    if (button.dataset.verdict) return this.press(button.dataset.step, button.dataset.verdict)
    if (button.matches(".close")) return this.view.closeOverlay()
    if (button.matches(".take-skipped")) return this.ask("take_skipped", true)
    const actions = ["back", "forth", "list", "keys", "overlap", "flag", "skip", "resume", "onward"]
    for (const action of [...actions, "guidelines", "practise", "leave"])
      if (button.matches(`.${action}`)) return this.act(action)
  }

  // ---- figures

  count(by) {
    this.progress.mine += by
    this.progress.left = Math.max(0, this.progress.left - by)
  }

  draw() {
    const sorted = [...this.paces].sort((a, b) => a - b)
    const pace = sorted.length >= 3 ? sorted[Math.floor(sorted.length / 2)] : null
    this.view.showProgress(this.progress, pace, this.showing)
    this.drawSaved()
  }

  drawSaved() {
    const waiting = this.outbox.items.length
    this.root.dataset.unsaved = String(waiting)
    if (!waiting) return this.view.showSaved("saved", "All saved")
    if (Date.now() - this.outbox.items[0].at < 2000) return this.view.showSaved("saving", "Saving …")
    this.view.showSaved(
      "waiting",
      `Not saved yet: ${waiting} ${waiting === 1 ? "sample is" : "samples are"} kept in this browser and sent again until the server answers`,
    )
  }
}

// A sample as it stands once an unacknowledged submission is stored.
function overlay(sample, item) {
  for (const [step, verdict] of Object.entries(item.verdicts))
    sample.said = { ...sample.said, [step]: [verdict, (item.base[step] ?? 0) + 1] }
  if ("note" in item) {
    sample.note = item.note
    sample.flagged = item.flagged
    sample.note_revision = item.note_base + 1
  }
}

function spoken(sample) {
  return Object.fromEntries(Object.entries(sample.said).map(([step, [verdict]]) => [step, verdict]))
}

function swallow(event) {
  event.preventDefault()
  event.stopImmediatePropagation()
}

const desks = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data?.study) return
  let desk = desks.get(parentElement)
  if (desk && desk.study.token + desk.study.annotator !== data.study.token + data.study.annotator) {
    desk.close()
    desk = null
  }
  if (!desk) {
    desk = new Desk(parentElement, data)
    desks.set(parentElement, desk)
  }
  desk.newGuidelines(data.study.guidelines)
  desk.go = (study) => setTriggerValue("go", study)
  desk.say = (message) => setTriggerValue("say", message)
  desk.waitsFor(data.waiting)
  desk.receive(data.reply)
  return () => {
    desk.close()
    desks.delete(parentElement)
  }
}
