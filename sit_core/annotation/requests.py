"""What an annotator's desk (the browser) says, checked before anything is done with it.

A message is JSON; `read_message` is total: everything that is not as it should be is left out and
named, nothing raises. ::

    {"turn": 7,
     "submissions": [{"id": "…", "prediction": "…", "verdicts": {"repeat": "yes"},
                      "base": {"repeat": 0}, "note": "", "flagged": false, "note_base": 0,
                      "seconds": 4.2, "guidelines": 1}],
     "skip": ["…"], "have": ["…"], "open": "…", "before": "…", "overlap": "…",
     "take_skipped": false, "progress": true, "list": false, "practice": "skip"}

A practice sample is named ``practice/ROUND/ID``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sit_core.records import IN_ORDER, Step, Verdict
from sit_core.store.judgments import Remark, Submission

MAX_NOTE = 10_000
MAX_SUBMISSIONS = 200


@dataclass(frozen=True, slots=True)
class SentSubmission:
    """A submission under the id that the desk will hear it acknowledged by."""

    id: str
    submission: Submission


@dataclass(frozen=True, slots=True)
class Refused:
    """A submission that can't be taken, ever; the desk drops it and tells the annotator."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the desk; the default is a desk that has just opened."""

    turn: int = 0
    submissions: tuple[SentSubmission, ...] = ()
    refused: tuple[Refused, ...] = ()
    skip: tuple[str, ...] = ()
    have: tuple[str, ...] = ()
    """Samples whose text the desk has already."""
    open: str | None = None
    """A sample that the annotator asks for by id."""
    before: str | None = None
    """Wants the sample that was judged before this one; ``""``: the latest."""
    overlap: str | None = None
    """Wants the overlap of this sample's output with the expected text."""
    take_skipped: bool = False
    progress: bool = True
    list: bool = False
    """Wants the list of everything judged so far."""
    practice: Literal["skip", "again"] | None = None
    """Leaves the practice, or begins it anew."""


def read_message(raw: Any, steps: tuple[Step, ...], ask_order: bool) -> Message:
    """Check a message against the study's steps.

    >>> read_message("nonsense", (), False).submissions
    ()
    >>> bad = {"submissions": [{"id": "1", "prediction": "p", "verdicts": {"hop": "yes"}}]}
    >>> read_message(bad, (Step("repeat", "R", "repeat"),), False).refused[0].reason
    "This study has no step 'hop'."
    """
    if not isinstance(raw, Mapping):
        return Message()
    sent: list[SentSubmission] = []
    refused: list[Refused] = []
    for item in _list(raw.get("submissions"))[:MAX_SUBMISSIONS]:
        read = _submission(item, steps, ask_order)
        if isinstance(read, SentSubmission):
            sent.append(read)
        elif read is not None:
            refused.append(read)
    turn = raw.get("turn")
    practice: Any = raw.get("practice")
    return Message(
        turn=turn if isinstance(turn, int) else 0,
        submissions=tuple(sent),
        refused=tuple(refused),
        skip=_ids(raw.get("skip")),
        have=_ids(raw.get("have")),
        open=_text(raw.get("open")),
        before=_text(raw.get("before")),
        overlap=_text(raw.get("overlap")),
        take_skipped=raw.get("take_skipped") is True,
        progress=raw.get("progress") is True,
        list=raw.get("list") is True,
        practice=practice if practice in ("skip", "again") else None,
    )


def practice_name(number: int, sample_id: int) -> str:
    """What the desk calls a practice sample of somebody's round.

    >>> practice_name(1, 12), practice_of("practice/1/12"), practice_of("practice/1/x")
    ('practice/1/12', (1, 12), None)
    """
    return f"practice/{number}/{sample_id}"


def practice_of(prediction: str) -> tuple[int, int] | None:
    """The round and the practice sample that a name stands for; None where it is none of ours."""
    found = re.fullmatch(r"practice/([0-9]{1,9})/([0-9]{1,9})", prediction)
    return (int(found[1]), int(found[2])) if found else None


def _submission(
    item: Any, steps: tuple[Step, ...], ask_order: bool
) -> SentSubmission | Refused | None:
    if not isinstance(item, Mapping) or not _text(item.get("id")):
        return None  # nothing to acknowledge it by
    name = str(item["id"])
    prediction = _text(item.get("prediction"))
    if not prediction:
        return Refused(name, "The sample is not named.")
    asked = {step.key for step in steps} | ({IN_ORDER} if ask_order else set())
    verdicts: dict[str, Verdict] = {}
    for step, verdict in _mapping(item.get("verdicts")).items():
        if step not in asked:
            return Refused(name, f"This study has no step {str(step)[:100]!r}.")
        if verdict not in list(Verdict) or (step == IN_ORDER and verdict == Verdict.PARTLY):
            return Refused(name, f"{str(verdict)[:100]!r} is no verdict on {step!r}.")
        verdicts[step] = Verdict(verdict)
    base = {
        step: revision
        for step, revision in _mapping(item.get("base")).items()
        if step in verdicts and isinstance(revision, int) and revision >= 0
    }
    remark = None
    if "note" in item or "flagged" in item:
        note = _text(item.get("note")) or ""
        # PostgreSQL stores neither NUL nor lone surrogates.
        note = note.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        note_base = item.get("note_base")
        remark = Remark(
            note=note[:MAX_NOTE],
            flagged=item.get("flagged") is True,
            revision=note_base if isinstance(note_base, int) and note_base >= 0 else 0,
        )
    if not verdicts and remark is None:
        return Refused(name, "Nothing is said of the sample.")
    seconds = item.get("seconds")
    good = isinstance(seconds, int | float) and 0 <= seconds < 86_400
    version = item.get("guidelines")
    known = isinstance(version, int) and not isinstance(version, bool) and 0 < version < 2**31
    return SentSubmission(
        name,
        Submission(
            prediction,
            verdicts,
            base,
            remark,
            float(seconds) if good else None,  # type: ignore[arg-type]
            version if known else None,
        ),
    )


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(v for v in _list(value)[:1000] if isinstance(v, str))
