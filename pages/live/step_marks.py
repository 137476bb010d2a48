"""One model's column as safe HTML: the text with its steps marked, the numbers, the estimates.

Nothing of a model is markup: every text goes through `escaped`. A step is told by its letter and
by the kind of its underline as well as by its colour (Okabe and Ito's, which all eyes tell apart).
"""

from collections.abc import Sequence

from pages.shared.plain_text import BOX, NOTHING, SHOWN, escaped
from sit_core.live import Phase, StreamState
from sit_core.live.step_marks import Piece, StepReading
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import Step, Unparsed, Verdict

_DARK, _LIGHT = "#111", "#fff"
_COLOURS = (
    ("#0072b2", _LIGHT),
    ("#e69f00", _DARK),
    ("#009e73", _DARK),
    ("#cc79a7", _DARK),
    ("#d55e00", _DARK),
    ("#56b4e9", _DARK),
)
_LINES = ("solid", "dashed", "double", "dotted")
_SIGNS = {Verdict.YES: "✓", Verdict.PARTLY: "◐", Verdict.NO: "✗", Verdict.UNSURE: "?"}
_SAID = {
    Phase.LOADING: "loading the model …",
    Phase.WRITING: "writing …",
    Phase.DONE: "done",
    Phase.STOPPED: "stopped",
    Phase.FAILED: "failed",
}
_QUIET = "opacity: .75; font-size: .875em"
_RED = "#d9434e"
_BADGE = "font-size: .75em; font-weight: 700; padding: 0 .35em; border-radius: .2rem"
STYLE = (
    "<style>"
    ".live-part::before { content: attr(data-step); margin-right: .3em; user-select: none;"
    f" {_BADGE}; color: var(--live-ink); background: var(--live-colour); }}"
    "</style>"
)
"""Once on the page: the letters before the parts are no text, so that nobody copies them."""


def column(
    shown: StreamState,
    name: str,
    steps: Sequence[Step],
    reading: StepReading,
    now: float,
    *,
    large: bool = False,
    number: int = 0,
) -> str:
    """The whole column.

    Args:
        shown: the model at this moment.
        name: what the column is called.
        steps: the chain.
        reading: of the text so far.
        now: seconds since the start.
        large: whether people in the back row are to read it.
        number: of the run, so that whoever watches the page knows when it is another.
    """
    size = "font-size: 1.6rem; line-height: 1.45;" if large else ""
    state = f"{_SAID[shown.phase]}{_numbers(shown, now)}"
    return (
        f'<div class="live-column" data-phase="{shown.phase.value}" data-run="{number}"'
        f' style="{"font-size: 1.25rem" if large else ""}">'
        f'<div style="font-weight: 600; overflow-wrap: anywhere">{escaped(name)}</div>'
        f'<div class="live-state" style="{_QUIET}">{escaped(state)}</div>'
        f"{_error(shown)}{_thoughts(shown)}"
        f'<div class="live-text" dir="auto" style="{BOX}{size} min-height: 6rem;'
        f' unicode-bidi: plaintext; text-align: start">{_text(shown, steps, reading.pieces)}</div>'
        f"{_estimates(shown, steps, reading)}</div>"
    )


def _numbers(shown: StreamState, now: float) -> str:
    said = []
    if shown.first is not None:
        said.append(f"first words after {shown.first:.2f} s")
        if shown.tokens is not None:
            said.append(f"{shown.tokens:,} tokens")
        else:
            said.append(f"{shown.pieces:,} pieces")
    elif not shown.ended:
        said.append(f"{now:.1f} s")
    if rate := shown.rate(now):
        about = "" if shown.tokens is not None else "about "
        said.append(f"{about}{rate:,.0f} tokens/s")
    if shown.cut:
        said.append(f"CUT: {shown.reason}" if shown.reason else "CUT by the limit of tokens")
    if shown.refused:
        said.append(f"REFUSED: {shown.reason or 'the model declined'}")
    return "".join(f" · {part}" for part in said)


def _error(shown: StreamState) -> str:
    if not shown.error:
        return ""
    return (
        f'<div role="alert" style="border-left: 3px solid {_RED}; padding: .3rem .6rem;'
        f" background: color-mix(in srgb, {_RED} 12%, transparent); margin: .2rem 0;"
        f' white-space: pre-wrap; overflow-wrap: anywhere">{escaped(shown.error)}</div>'
    )


def _thoughts(shown: StreamState) -> str:
    """Folded: they are no part of the output."""
    if not shown.thoughts:
        return ""
    return (
        f'<details class="live-thoughts" style="margin: .2rem 0"><summary style="{_QUIET}">'
        f"Thoughts ({len(shown.thoughts):,} characters), no part of the output</summary>"
        f'<div dir="auto" style="{BOX}{_QUIET}; max-height: 14rem">'
        f"{escaped(shown.thoughts[:SHOWN])}</div></details>"
    )


def _text(shown: StreamState, steps: Sequence[Step], pieces: Sequence[Piece]) -> str:
    if not shown.text:
        only = f"(no answer: {shown.reason})" if shown.reason else NOTHING
        empty = only if shown.phase is Phase.DONE else ""
        return f'<span style="{_QUIET}; font-style: italic">{escaped(empty)}</span>'
    names = labels(steps)
    parts = []
    for text, place in pieces:
        if place is None:
            parts.append(escaped(text))
            continue
        colour, ink = _COLOURS[place % len(_COLOURS)]
        parts.append(
            f'<mark class="live-part" data-step="{escaped(names[place])}" style="color: inherit;'
            f" --live-colour: {colour}; --live-ink: {ink};"
            f" background: color-mix(in srgb, {colour} 28%, transparent);"
            f' border-bottom: 2px {_LINES[place % len(_LINES)]} {colour}">{escaped(text)}</mark>'
        )
    return "".join(parts)


def _estimates(shown: StreamState, steps: Sequence[Step], reading: StepReading) -> str:
    if not steps:
        return ""
    if not shown.text and shown.phase is not Phase.DONE:
        return ""
    rows = [
        _row(name, place, ruling)
        for place, (name, (_, ruling)) in enumerate(
            zip(labels(steps), reading.rulings, strict=True)
        )
    ]
    if reading.in_order is not None:
        rows.append(_row("in order", None, reading.in_order))
    how = "Estimates by rule" if shown.ended else "Estimates by rule, so far"
    return (
        f'<div class="live-estimates" style="margin-top: .4rem">'
        f'<div style="{_QUIET}">{how}; people may judge otherwise.</div>{"".join(rows)}</div>'
    )


def _row(name: str, place: int | None, ruling: RuleVerdict | Unparsed) -> str:
    if isinstance(ruling, Unparsed):
        sign, verdict = "–", "no estimate"
    else:
        sign, verdict = _SIGNS[ruling.verdict], ruling.verdict.value
    colours = "border: 1px solid currentColor"
    if place is not None:
        colour, ink = _COLOURS[place % len(_COLOURS)]
        colours = f"background: {colour}; color: {ink}"
    return (
        f'<div style="margin-top: .15rem; overflow-wrap: anywhere" data-row="{escaped(name)}">'
        f'<span style="{_BADGE}; {colours}; display: inline-block; min-width: 1.2em;'
        f' text-align: center; margin-right: .4em">{escaped(name)}</span>'
        f"<b>{sign} {verdict}</b> "
        f'<span style="{_QUIET}">{escaped(ruling.reason)}</span></div>'
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
