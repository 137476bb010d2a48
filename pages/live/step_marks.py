"""One model's column as safe HTML: the text with its steps marked, the numbers, the estimates.

Nothing of a model is markup: every text goes through `escaped`. A step is told by its letter and by
the kind of its underline as well as by its colour. An estimate has a tick only where the step was
compared with something that is known; else it says that there is something, and no more.
"""

from collections.abc import Sequence

from pages.live.styles import SIGNS
from pages.shared.plain_text import NOTHING, SHOWN, escaped
from sit_core.figures.style import step_kind
from sit_core.live import Phase, StreamState
from sit_core.live.step_marks import Piece, StepReading
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import Step, Unparsed, Verdict, chain_name

_PHASES = {
    Phase.LOADING: "loading the model …",
    Phase.WRITING: "writing …",
    Phase.DONE: "done",
    Phase.STOPPED: "stopped",
    Phase.FAILED: "failed",
}
_WORDS = {
    Verdict.YES: "done",
    Verdict.PARTLY: "partly",
    Verdict.NO: "not",
    Verdict.UNSURE: "unsure",
}
_NOUNS = {
    "answer": "answer",
    "paraphrase": "paraphrase",
    "translate": "translation",
    "caption": "description",
}
_LISTED_WORDS = 6
_TONES = {"done": "green", "partly": "yellow", "not": "red"}


def step_chips(steps: Sequence[tuple[Step, str]]) -> str:
    """The chain that is asked for: letters and the words that ask for each."""
    names = labels([step for step, _ in steps])
    chips = [
        f'<span class="live-step" data-kind="{step_kind(step.letter, place)}">'
        f'<span class="live-badge">{escaped(name)}</span><span>{escaped(words)}</span></span>'
        for place, ((step, words), name) in enumerate(zip(steps, names, strict=True))
    ]
    arrow = '<span class="live-quiet" aria-hidden="true">→</span>'
    return f'<div class="live-steps">{arrow.join(chips)}</div>'


def column(
    shown: StreamState,
    name: str,
    steps: Sequence[Step],
    reading: StepReading,
    now: float,
    *,
    named: bool = True,
    number: int = 0,
    replayed: str | None = None,
) -> str:
    """The whole column.

    Args:
        shown: the model at this moment.
        name: what the column is called.
        steps: the chain.
        reading: of the text so far.
        now: seconds since the start.
        named: whether the name is to be seen; else a screen reader alone has it.
        number: of the run, so that whoever watches the page knows when it is another.
        replayed: where the text was stored and when; None where a model writes it now.
    """
    return (
        f'<div class="live-column" data-phase="{shown.phase.value}" data-run="{number}">'
        f"{_head(shown, name, steps, reading, now, named=named, replayed=replayed)}"
        f"{_error(shown)}{_thoughts(shown)}"
        '<div class="live-box" tabindex="0" role="group" aria-label="Output">'
        f"{_text(shown, steps, reading.pieces)}</div>"
        f"{_estimates(shown, steps, reading)}</div>"
    )


def _head(
    shown: StreamState,
    name: str,
    steps: Sequence[Step],
    reading: StepReading,
    now: float,
    *,
    named: bool,
    replayed: str | None,
) -> str:
    parts = [f'<b class="live-name{"" if named else " quiet"}">{escaped(name)}</b>']
    if replayed is not None:
        parts.append('<span class="live-chip" data-by="app" data-tone="blue">Replay</span>')
        said = "playing" if shown.phase is Phase.WRITING else _PHASES[shown.phase]
        parts.append(f'<span class="live-state">{escaped(f"{said} · {replayed}")}</span>')
    else:
        numbers = escaped(_numbers(shown, now))
        parts.append(
            f'<span class="live-state"><span class="live-phase">{_PHASES[shown.phase]}</span>'
            f"{numbers}</span>"
        )
    parts += [
        '<span class="live-chip live-ending" data-by="app" data-tone="yellow">'
        f"{escaped(ending)}</span>"
        for ending in _endings(shown)
    ]
    if shown.ended and len(steps) > 1 and (shown.text or shown.phase is Phase.DONE):
        whole = reading.whole
        word = "not compared" if whole is None else _WORDS[whole]
        parts.append(_chip(word, chain_name(steps), hidden=True))
    return f'<div class="live-head">{"".join(parts)}</div>'


def _numbers(shown: StreamState, now: float) -> str:
    said = []
    if shown.first is not None:
        said.append(f"first words {shown.first:.2f} s")
        if shown.tokens is not None:
            said.append(f"{shown.tokens:,} tokens")
        else:
            said.append(f"{shown.pieces:,} pieces")
    elif not shown.ended:
        said.append(f"{now:.1f} s")
    if rate := shown.rate(now):
        about = "" if shown.tokens is not None else "about "
        said.append(f"{about}{rate:,.0f}/s")
    return "".join(f" · {part}" for part in said)


def _endings(shown: StreamState) -> list[str]:
    found = []
    if shown.cut:
        found.append(f"CUT: {shown.reason}" if shown.reason else "CUT by the limit of tokens")
    if shown.refused:
        found.append(f"REFUSED: {shown.reason or 'the model declined'}")
    return found


def _error(shown: StreamState) -> str:
    if not shown.error:
        return ""
    return f'<div role="alert" class="live-error">{escaped(shown.error)}</div>'


def _thoughts(shown: StreamState) -> str:
    """Folded: they are no part of the output."""
    if not shown.thoughts:
        return ""
    return (
        '<details class="live-thoughts"><summary class="live-quiet">'
        f"Thoughts ({len(shown.thoughts):,} characters), no part of the output</summary>"
        f'<div dir="auto" tabindex="0">{escaped(shown.thoughts[:SHOWN])}</div></details>'
    )


def _text(shown: StreamState, steps: Sequence[Step], pieces: Sequence[Piece]) -> str:
    if not shown.text:
        only = f"(no answer: {shown.reason})" if shown.reason else NOTHING
        empty = f"<i>{escaped(only)}</i>" if shown.phase is Phase.DONE else ""
        return f'{empty}<div class="live-text" dir="auto"></div>'
    names = labels(steps)
    parts = []
    left = SHOWN
    for text, place in pieces:
        drawn = escaped(text[:left])
        left -= len(text)
        if place is None:
            parts.append(drawn)
        else:
            parts.append(
                f'<mark class="live-part" data-step="{escaped(names[place])}"'
                f' data-kind="{step_kind(steps[place].letter, place)}">{drawn}</mark>'
            )
        if left <= 0:
            break
    cut = f"<i>Of {len(shown.text):,} characters the first {SHOWN:,} are shown.</i>"
    return f'<div class="live-text" dir="auto">{"".join(parts)}</div>{cut if left < 0 else ""}'


def _estimates(shown: StreamState, steps: Sequence[Step], reading: StepReading) -> str:
    if not steps:
        return ""
    if not shown.text and shown.phase is not Phase.DONE:
        return ""
    rows = []
    for place, (name, (step, ruling), compared) in enumerate(
        zip(labels(steps), reading.rulings, reading.compared, strict=True)
    ):
        word, reason = _estimate(step, ruling, compared, reading)
        if not shown.ended and word in ("not", "unsure"):
            word = "not yet"  # it may still come
        rows.append(_row(name, step_kind(step.letter, place), word, reason))
    if reading.in_order is not None and shown.ended:
        word, reason = _estimate(None, reading.in_order, all(reading.compared), reading)
        rows.append(_row("in order", "all", word, reason))
    return f'<div class="live-estimates">{"".join(rows)}</div>'


def _estimate(
    step: Step | None, ruling: RuleVerdict | Unparsed, compared: bool, reading: StepReading
) -> tuple[str, str]:
    """Word and reason; "done" only where the step was compared with what it should yield."""
    if isinstance(ruling, Unparsed):
        return "no estimate", ruling.reason
    if ruling.verdict is not Verdict.YES or compared:
        reason = ruling.reason
        if step is not None and step.task == "answer" and compared:
            reason += ", the known answer"
        return _WORDS[ruling.verdict], reason
    if step is None:
        return "some order", f"{ruling.reason}; not all of them can be compared"
    noun = _NOUNS.get(step.task, "text")
    wrong = step.task == "answer" and reading.right is False
    same = ruling.reason.startswith(("there is a ", "there is an "))
    said = "" if same else f": {ruling.reason}"
    return f"some {noun}", f"there is some {noun}{said}{', not the known one' if wrong else ''}"


def _row(name: str, kind: str, word: str, reason: str) -> str:
    return (
        f'<div data-row="{escaped(name)}" data-kind="{kind}" data-says="{word}">'
        f'<span class="live-badge">{escaped(name)}</span>{_chip(word)}'
        f'<span class="live-quiet">{escaped(reason)}</span></div>'
    )


def _chip(word: str, before: str = "", *, hidden: bool = False) -> str:
    """An estimate: its sign, and its word (for a screen reader alone where ``hidden``)."""
    tone = _TONES.get(word, "gray")
    sign = f'<span class="live-sign" data-sign="{word}"></span>' if word in SIGNS else ""
    said = f'<span class="live-name quiet">{word}</span>' if hidden else word
    title = f' title="{word}"' if hidden else ""
    return (
        f'<span class="live-chip" data-by="rule" data-tone="{tone}"{title}>'
        f"{escaped(before)} {said}{sign or ('?' if hidden else '')}</span>"
    )


def outside_notice(words: Sequence[str]) -> str:
    """That a question is about nothing the embedded model knows, with the words that tell."""
    listed = " ".join(f"<code>{escaped(word)}</code>" for word in words[:_LISTED_WORDS])
    more = len(words) - _LISTED_WORDS
    rest = f" and {more:,} more" if more > 0 else ""
    return (
        '<div role="status" class="live-outside"><b>Outside what the micro lab knows.</b> '
        f"{listed}{rest}: no question that its models were made for has "
        f"{'this word' if len(words) == 1 else 'these words'}. Whatever they write means nothing; "
        "a real model can be named in any column.</div>"
    )


def labels(steps: Sequence[Step]) -> list[str]:
    """What the steps are called in the text: their letters, numbered from the second use on.

    >>> from sit_core.records import chain
    >>> labels(chain([Step("paraphrase", "P"), Step("repeat", "R"), Step("paraphrase", "P")]))
    ['P', 'R', 'P2']
    """
    seen: dict[str, int] = {}
    found = []
    for step in steps:
        seen[step.letter] = n = seen.get(step.letter, 0) + 1
        found.append(step.letter if n == 1 else f"{step.letter}{n}")
    return found
