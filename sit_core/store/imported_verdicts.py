"""Verdicts of an LLM judge that came with a file of outputs, as judgments beside all others.

SeqEval's files hold, beside an output, who judged it (``judge``), the reply as received
(``llm_as_a_judge``) and what was read of it (``following``, ``score``; -1 for none). The reply is
read anew. Where that gives something else than the file's own reading neither is believed: the
output counts as unusable, and the difference is reported.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from sit_core.errors import UsageError
from sit_core.metrics.judge_replies import FollowingReply, read_following
from sit_core.records import Unparsed, Verdict
from sit_core.sources import Problem
from sit_core.sources.problem import MAX_SHOWN
from sit_core.store.engine import Store
from sit_core.store.judge_replies_writer import QuestionResult, save_answers_in
from sit_core.store.schema import predictions, runs
from sit_core.store.scores import check_runs
from sit_core.store.verdict_state import FOLLOW

JUDGE, REPLY = "judge", "llm_as_a_judge"
FOLLOWING, SCORE = "following", "score"
NO_SCORE = -1
"""What a file holds where its own reading found none."""
_NONE = ("none", "null", "nan", "")
_SUFFIX = " (imported)"
_MAX_NAME = 200
_PAGE = 1000


def verdict_columns(meta: Mapping[str, Any]) -> list[str]:
    """The columns of a row that are read as a judge's verdict."""
    return [name for name in (JUDGE, REPLY, FOLLOWING, SCORE) if name in meta]


@dataclass
class ImportedVerdicts:
    """What came of the verdicts in files."""

    verdicts: int = 0
    """Outputs with one."""
    new: int = 0
    """Of them: not in the store before."""
    unusable: int = 0
    """Outputs whose reply holds none, and those whose file says something else."""
    differing: int = 0
    """Of the unusable: the file's own reading is another than ours."""
    judges: list[str] = field(default_factory=list)
    """The judges' names in the store."""
    problems: list[Problem] = field(default_factory=list)
    """The first twenty differences."""

    @property
    def any(self) -> bool:
        """Whether there were any."""
        return bool(self.verdicts or self.unusable)

    @property
    def sentence(self) -> str:
        """All of it in words.

        >>> ImportedVerdicts(803, 803, 2, 0, ["gpt-4-turbo (imported)"]).sentence
        'Verdicts of gpt-4-turbo (imported): 803, 803 of them new; 2 unusable.'
        """
        if not self.any:
            return "No verdicts came with these outputs."
        said = f"Verdicts of {', '.join(self.judges)}: {self.verdicts:,}, {self.new:,} of them new"
        if self.unusable:
            said += f"; {self.unusable:,} unusable"
        if self.differing:
            said += f", {self.differing:,} of them because the file says something else"
        return f"{said}."

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "verdicts": self.verdicts,
            "new": self.new,
            "unusable": self.unusable,
            "differing": self.differing,
            "judges": list(self.judges),
            "problems": [str(problem) for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class ImportedOutput:
    """One output and what came with it."""

    prediction_id: str
    meta: Mapping[str, Any]
    file: str
    line: int | None


def has_verdict(meta: Mapping[str, Any]) -> bool:
    """Whether a judge's reply came with an output."""
    return isinstance(meta.get(REPLY), str) and _name_of(meta) is not None


def keep_imported(
    connection: Connection, came: Sequence[ImportedOutput], into: ImportedVerdicts
) -> None:
    """Keep the verdicts among them, as part of a transaction; repeatable."""
    by_judge: dict[str, list[QuestionResult]] = {}
    for one in came:
        if not has_verdict(one.meta):
            continue
        answer, differs = _answer(one)
        name = f"{_name_of(one.meta)}{_SUFFIX}"
        by_judge.setdefault(name, []).append(answer)
        into.verdicts += answer.verdict is not None
        into.unusable += answer.verdict is None
        if differs:
            into.differing += 1
            if len(into.problems) < MAX_SHOWN:
                into.problems.append(Problem(one.file, one.line, str(answer.reason)))
    for name, answers in by_judge.items():
        into.new += save_answers_in(connection, name, answers)
        if name not in into.judges:
            into.judges.append(name)


def take_imported(store: Store, names: Sequence[str]) -> ImportedVerdicts:
    """The same for runs that are in the store already.

    Raises:
        UsageError: no run is named, or one is unknown.
    """
    check_runs(store, names)
    found = ImportedVerdicts()
    with store.write() as connection:
        for page in _pages(connection, names):
            keep_imported(connection, page, found)
    if not found.any:
        raise UsageError(
            f"No output of {', '.join(names)} came with a verdict (columns {JUDGE} and {REPLY})."
        )
    return found


def _pages(connection: Connection, names: Sequence[str]) -> Iterator[list[ImportedOutput]]:
    p = predictions.c
    last = ("", -1)
    for name in dict.fromkeys(names):
        last = (name, -1)
        while True:
            rows = connection.execute(
                select(p.id, p.meta, p.row)
                .join(runs, runs.c.id == p.run_id)
                .where(runs.c.name == name, p.row > last[1])
                .order_by(p.row)
                .limit(_PAGE)
            ).all()
            yield [ImportedOutput(row.id, row.meta or {}, name, row.row + 1) for row in rows]
            if len(rows) < _PAGE:
                break
            last = (name, rows[-1].row)


def _name_of(meta: Mapping[str, Any]) -> str | None:
    name = meta.get(JUDGE)
    if not isinstance(name, str) or not name.strip():
        return None
    return " ".join(name.split())[: _MAX_NAME - len(_SUFFIX)]


def _answer(one: ImportedOutput) -> tuple[QuestionResult, bool]:
    """What a reply says, and whether the file's own reading is another."""
    reply = str(one.meta[REPLY])
    read = read_following(reply)
    provenance = {"imported": True, "reply": reply, "file": one.file}
    differs = _difference(read, one.meta)
    if differs is not None or isinstance(read, Unparsed):
        reason = differs or (read.reason if isinstance(read, Unparsed) else "")
        return (
            QuestionResult(
                one.prediction_id, FOLLOW, reason=reason, reply=reply, provenance=provenance
            ),
            differs is not None,
        )
    verdict = Verdict.YES if read.following else Verdict.NO
    return (
        QuestionResult(
            one.prediction_id,
            FOLLOW,
            verdict=verdict,
            quality=read.quality,
            reply=reply,
            provenance=provenance,
        ),
        False,
    )


def _difference(read: FollowingReply | Unparsed, meta: Mapping[str, Any]) -> str | None:
    """What the file says that the reply does not; None where they agree or it says nothing."""
    said = None if isinstance(read, Unparsed) else read
    mine = (None, None) if said is None else (said.following, said.quality)
    faults = []
    for column, value, theirs in (
        (FOLLOWING, mine[0], _flag(meta.get(FOLLOWING))),
        (SCORE, mine[1], _number(meta.get(SCORE))),
    ):
        if column in meta and theirs != value:
            faults.append(f"{column} is {_shown(meta[column])}, the reply says {_shown(value)}")
    return "; ".join(faults) or None


def _flag(value: Any) -> Any:
    """True, False or None, also as CSV writes it; what is none of them comes back as text."""
    word = _word(value)
    return {**dict.fromkeys(_NONE), "true": True, "false": False, "yes": True, "no": False}.get(
        word, word
    )


def _number(value: Any) -> float | None:
    """A number, also as CSV writes it; None where the file has none, NaN for anything else."""
    word = _word(value)
    try:
        number = None if word in _NONE else float(word)
    except ValueError:
        return math.nan
    return None if number == NO_SCORE else number


def _word(value: Any) -> str:
    return str(value).strip().lower()


def _shown(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
