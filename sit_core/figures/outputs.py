"""Outputs as the Inspect page draws them, as JSON: a page of hits, one output with all on it.

Pure: what the store and the rules know comes in, what the browser draws goes out. Every text is
left as it is and cut only for the screen; the browser puts it in as text, never as markup.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.figures.style import WHOLE, step_kind
from sit_core.metrics.generated_part import CHARACTERS, GIVEN
from sit_core.records import IN_ORDER, JudgeKind, Step, Unparsed
from sit_core.store.browse import GivenVerdict, Hit
from sit_core.store.browse_sample import NoteGiven, OtherOutput, OutputView
from sit_core.store.judge_replies import ReplyAboutOutput
from sit_core.tasks import TASKS
from sit_core.tasks.follow import FOLLOW

SHOWN = 200_000
"""So many characters of a text are drawn at most; a browser lays out more of them too slowly."""
NOTHING = "(the model wrote nothing)"
LINE = 180
"""Characters of an output in a list."""
DIFFER = "differ"
"""Stands for a verdict where as many judges said one thing as another."""
OUTCOMES = {
    "complete": "Complete: the model ended it.",
    "cut": "Cut: a limit ended it.",
    "refused": "Refused: by the model or a content filter.",
}
_FORMER = {"thoughts": "its thoughts were split off", "failed": "it was freed to be asked again"}
_KINDS = {JudgeKind.HUMAN: "person", JudgeKind.LLM: "LLM judge", JudgeKind.RULE: "rule"}
_RANK = (JudgeKind.HUMAN, JudgeKind.LLM, JudgeKind.RULE)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

Segments = Sequence[tuple[str, int | None]]
"""A text in pieces, each with a number that says how it is marked, or None; joined: the text."""


def text_notes(text: str) -> list[str]:
    r"""What a reader can't see of a text: that it is cut, is white space only, hides characters.

    >>> text_notes("a\u200bb"), text_notes("  "), text_notes("")
    (['Contains 1 invisible control character.'], ['(only white space: 2 characters)'], [])
    """
    found = []
    if len(text) > SHOWN:
        found.append(f"Of {len(text):,} characters the first {SHOWN:,} are shown.")
    if text and not text.strip():
        found.append(f"(only white space: {len(text):,} characters)")
    hidden = len(_INVISIBLE.findall(text))
    if hidden:
        found.append(f"Contains {hidden:,} invisible control character{'s' * (hidden > 1)}.")
    return found


def text_json(text: str, marked: Segments | None = None) -> dict[str, Any]:
    """A text for the screen: ``pieces`` of ``[text, mark or null]``, and ``notes`` on it.

    Args:
        text: anything at all.
        marked: the same text in pieces; None: in one.
    """
    pieces: list[list[Any]] = []
    left = SHOWN
    for piece, mark in marked if marked is not None else [(text, None)]:
        if left > 0 and piece:
            pieces.append([_sendable(piece[:left]), mark])
        left -= len(piece)
    return {"pieces": pieces, "notes": text_notes(text)}


def _sendable(text: str) -> str:
    """Without halves of surrogate pairs, which UTF-8 can't say."""
    return text.encode("utf-8", "replace").decode("utf-8")


def step_letters(steps: Sequence[Step]) -> dict[str, dict[str, str]]:
    """Step key → its letter (numbered from its second use on), name, and kind of look.

    >>> from sit_core.records import chain
    >>> found = step_letters(chain([Step("paraphrase", "P"), Step("paraphrase", "P")]))
    >>> [(one["letter"], one["kind"]) for one in found.values()]
    [('P', 'P'), ('P2', 'P')]
    """
    seen: dict[str, int] = {}
    found = {}
    for place, step in enumerate(steps):
        seen[step.letter] = n = seen.get(step.letter, 0) + 1
        letter = step.letter if n == 1 else f"{step.letter}{n}"
        found[step.key] = {"letter": letter, "name": step.key, "kind": step_kind(letter, place)}
    return found


def _letter(key: str, letters: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """Of a step that was judged; it need not be one that the example asks for."""
    if key in letters:
        return letters[key]
    if key == FOLLOW.name:
        return {"letter": "All", "name": key, "kind": WHOLE}
    if key == IN_ORDER:
        return {"letter": "⇣", "name": "in the order asked", "kind": WHOLE}
    letter = TASKS.get(key).letter if key in TASKS else key[:1].upper()
    return {"letter": letter, "name": key, "kind": step_kind(letter, len(letters))}


def shared_verdicts(
    verdicts: Iterable[GivenVerdict], steps: Sequence[Step]
) -> list[dict[str, Any]]:
    """Per step one verdict for a list: people's if there are any, else LLM judges', else rules'.

    Of several judges of that kind the one that most gave; `DIFFER` where there is no such. For the
    eye alone: what tables count is `sit_core.store.verdict_state`'s.
    """
    letters = step_letters(steps)
    by_step: dict[str, list[GivenVerdict]] = {key: [] for key in letters}
    for one in verdicts:
        if one.current:
            by_step.setdefault(one.step, []).append(one)
    found = []
    for key, given in by_step.items():
        if not given:
            continue
        kind = min((one.kind for one in given), key=_RANK.index)
        said = [one.verdict for one in given if one.kind is kind]
        counts = sorted(((said.count(v), v) for v in set(said)), reverse=True)
        tied = len(counts) > 1 and counts[0][0] == counts[1][0]
        verdict = DIFFER if tied else counts[0][1]
        found.append({**_letter(key, letters), "verdict": verdict, "by": _KINDS[kind]})
    return found


def said_in_words(verdicts: Iterable[GivenVerdict]) -> str:
    """Everybody's current verdicts in one line: ``anna: repeat yes, answer no``."""
    by: dict[str, list[str]] = {}
    for one in verdicts:
        by.setdefault(one.judge, []).append(f"{one.step} {one.verdict}")
    return " · ".join(f"{judge}: {', '.join(said)}" for judge, said in by.items())


def hits_json(
    hits: Sequence[Hit], start: int, total: int, per_page: int, places: Mapping[str, int]
) -> dict[str, Any]:
    """One page of the hits.

    Args:
        hits: the page.
        start: the number of its first hit, from 0.
        total: how many hits there are in all.
        per_page: how many stand on a page at most.
        places: run → its order of arrival, for its colour.
    """
    return {
        "total": total,
        "start": start,
        "per_page": per_page,
        "rows": [
            {
                "id": hit.id,
                "run": hit.run,
                "place": places.get(hit.run, 0),
                "number": start + i + 1,
                "text": _sendable(" ".join(hit.output[:LINE].split())),
                "input": _sendable(" ".join(hit.input[:LINE].split())),
                "length": hit.length,
                "score": hit.score,
                "verdicts": shared_verdicts(hit.verdicts, hit.steps),
                "said": said_in_words(hit.verdicts),
                "noted": hit.noted,
                "flagged": hit.flagged,
            }
            for i, hit in enumerate(hits)
        ],
    }


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """One output and what is drawn of it."""

    view: OutputView
    pieces: Segments
    """The output; a piece's number is the place of its step, or 0 for what is marked otherwise."""
    note: str = ""
    """A sentence under it, e.g. what kind of model wrote it."""


def _given_note(view: OutputView) -> str:
    """What of an output was given to the model, for the line about its end; empty: nothing was."""
    given, count = view.meta.get(GIVEN), view.meta.get(CHARACTERS)
    if not isinstance(given, Mapping):
        return ""
    condition = str(given.get("condition"))[:40]
    if isinstance(count, int) and count > 0:
        return f"Its first {count:,} characters were given to the model (condition {condition})."
    where = "; the text stood in the instruction" if given.get("text") else ""
    return f"Condition: {condition}{where}."


def output_json(shown: ShownOutput, place: int) -> dict[str, Any]:
    """An output alone: for both sides of a comparison.

    Args:
        shown: the output.
        place: of its run.
    """
    view = shown.view
    reason = view.meta.get("reason")
    outcome = view.outcome or ("cut" if view.meta.get("cut") is True else None)
    ended = OUTCOMES.get(outcome or "", "")
    if reason:
        ended = f"{ended} {str(reason)[:500]}".strip()
    ended = " ".join(part for part in (ended, _given_note(view)) if part)
    return {
        "id": view.id,
        "run": view.run,
        "name": output_name(view.run, view.ordinal),
        "place": place,
        "length": view.length,
        "text": text_json(view.output, shown.pieces),
        "steps": list(step_letters(view.steps).values()),
        "ended": _sendable(ended),
        "thoughts": text_json(view.thoughts) if view.thoughts else None,
        "thoughts_length": len(view.thoughts or ""),
        "said": [
            {"by": _KINDS[kind], "verdicts": shared_verdicts(said, view.steps)}
            for kind in _RANK
            if (said := [one for one in view.verdicts if one.kind is kind])
        ],
        "note": shown.note,
    }


def output_name(run: str, ordinal: int) -> str:
    """What an output is called: its run, and from the run's second output for an example on which.

    >>> output_name("m", 0), output_name("m", 1)
    ('m', 'm · output 2')
    """
    return run if ordinal == 0 else f"{run} · output {ordinal + 1}"


def question_json(view: OutputView) -> dict[str, Any]:
    """What was asked: the instruction, the input, the right answer, the steps' expected texts."""
    letters = step_letters(view.steps)
    return {
        "instruction": text_json(view.instruction),
        "input": text_json(view.input),
        "image": text_json(view.image) if view.image else None,
        "reference": None if view.reference is None else text_json(view.reference),
        "steps": list(letters.values()),
        "expected": [
            {"key": step.key, **letters[step.key], "text": text_json(step.expected)}
            for step in view.steps
            if step.expected
        ],
    }


def beside_json(
    others: Sequence[OtherOutput], chosen: str | None, places: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The outputs that may stand beside, by name; one that is chosen and not there is in it too."""
    names = {output_name(one.run, one.ordinal): one for one in others}
    found = [
        {"name": name, "place": places.get(one.run, 0), "there": True}
        for name, one in names.items()
    ]
    if chosen is not None and chosen not in names:
        found.append({"name": chosen, "place": places.get(chosen, 0), "there": False})
    return found


def judges_json(
    view: OutputView,
    replies: Sequence[ReplyAboutOutput],
    when: Callable[[float], str],
) -> list[dict[str, Any]]:
    """Who said what: people first, then LLM judges, then rules; revisions, notes, flags, replies.

    Args:
        view: the output.
        replies: what LLM judges wrote of it, word for word.
        when: a moment as the reader reads it.
    """
    letters = step_letters(view.steps)
    judges: dict[tuple[str, str, str | None], dict[str, Any]] = {}

    def judge(name: str, kind: JudgeKind, study: str | None) -> dict[str, Any]:
        empty: dict[str, Any] = {"judge": name, "kind": _KINDS[kind], "study": study,
                 "verdicts": [], "notes": [], "replies": []}  # fmt: skip
        return judges.setdefault((kind.value, name, study), empty)

    for given in view.verdicts:
        card = judge(given.judge, given.kind, given.study)
        line = {"verdict": given.verdict, "when": when(given.created_at)}
        if given.current:
            card["verdicts"].append({**_letter(given.step, letters), **line, "before": []})
        else:
            card["verdicts"][-1]["before"].append(line)
    for note in view.notes:
        judge(note.judge, JudgeKind.HUMAN, note.study)["notes"].append(_note(note, when))
    for reply in replies:
        judge(reply.judge, JudgeKind.LLM, None)["replies"].append(_reply(reply))
    order = [kind.value for kind in _RANK]
    return [judges[key] for key in sorted(judges, key=lambda key: order.index(key[0]))]


def _note(note: NoteGiven, when: Callable[[float], str]) -> dict[str, Any]:
    return {
        "note": _sendable(note.note),
        "flagged": note.flagged,
        "current": note.current,
        "when": when(note.created_at),
    }


def _reply(reply: ReplyAboutOutput) -> dict[str, Any]:
    against = f"against {reply.against}, as number {reply.place}"
    return {
        "about": _sendable(reply.step or against),
        "read": _sendable(reply.said or f"unusable: {reply.reason}"),
        "quality": None if reply.quality is None else f"{reply.quality:g}",
        "reply": None if reply.reply is None else text_json(reply.reply),
    }


def scores_json(
    found: Iterable[tuple[str, str, str, float | Unparsed]],
) -> list[dict[str, Any]]:
    """The automatic scores: metric, settings, step, and the value or why there is none."""
    return [
        {
            "metric": metric,
            "how": how,
            "step": step or "all",
            "value": None if isinstance(value, Unparsed) else f"{value:.3f}",
            "reason": _sendable(value.reason) if isinstance(value, Unparsed) else "",
        }
        for metric, how, step, value in found
    ]


def former_json(
    texts: Iterable[Mapping[str, Any]], when: Callable[[float], str]
) -> list[dict[str, Any]]:
    """The texts that it had before, with the verdicts on them, which no figure counts."""
    return [
        {
            "until": when(text["changed_at"]),
            "why": _FORMER[text["why"]],
            "text": text_json(text["output"]),
            "said": [
                _sendable(f"{one['judge']}: {one['step']} {one['verdict']}")
                for one in text["said"].get("judgments", [])
            ],
        }
        for text in texts
    ]


def everything_else(view: OutputView) -> str:
    """What else is known of an output, of its example and of its run, as indented JSON."""
    known = {
        "id": view.id,
        "example": view.example_id,
        "run": view.run,
        "model": view.model,
        "adapter": view.adapter,
        "language": view.language,
        "steps": [step.key for step in view.steps],
        "of the output": dict(view.meta),
        "of the example": dict(view.example_meta),
        "settings of the run": dict(view.run_settings),
        "where the run comes from": dict(view.run_provenance),
    }
    kept = {name: value for name, value in known.items() if value not in (None, {}, [])}
    return _sendable(json.dumps(kept, ensure_ascii=False, indent=2, default=str))
