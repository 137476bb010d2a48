"""What the judges of one kind say of one sample, as a short text that equal samples share. Pure.

A pattern holds, per judge and step, the current verdict (and an LLM's rating): JSON such as
``{"3":{"answer":"no","repeat":"yes"}}``, with the judges' numbers as keys. Thousands of samples
have a few hundred patterns, so that a table is counted by reading how many samples have which
(`sit_core.store.sample_verdicts`), and what a pattern comes to is worked out once.

What the states mean is said in `sit_core.store.verdict_state`; what is worked out here per pattern
is what stands there.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.records import JudgeKind, Verdict
from sit_core.store.verdict_state import (
    CHAIN,
    DONE,
    FOLLOW,
    NOT_DONE,
    UNDECIDED,
    Selection,
    VerdictFilter,
    state_of_votes,
)

State = int | None
"""DONE, NOT_DONE, UNDECIDED, or None: missing."""
Said = Mapping[int, Mapping[str, str]]
"""Judge's number → step → verdict."""
ALL_STUDIES = 0
"""The scope of all outputs of runs; the others are the numbers of studies."""


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One judgment of a sample."""

    study_id: int | None
    judge_id: int
    step: str
    revision: int
    verdict: str
    rating: float | None
    created_at: float
    id: int

    @property
    def age(self) -> tuple[float, int]:
        """Of two studies' verdicts the one with the greater counts."""
        return self.created_at, self.id


def patterns_of(
    given: Iterable[GivenRow], kind: JudgeKind, studies: Iterable[int] = ()
) -> dict[int, str]:
    """The pattern of one sample in each scope in which judges of this kind said anything.

    Args:
        given: all their judgments of it, in every revision.
        kind: whose.
        studies: of machines, the studies that the sample is in: what they say in no study belongs
            to these, too.

    >>> row = GivenRow(5, 3, "answer", 1, "yes", None, 0.0, 1)
    >>> sorted(patterns_of([row], JudgeKind.HUMAN).items())
    [(0, '{"3":{"answer":"yes"}}'), (5, '{"3":{"answer":"yes"}}')]
    """
    newest: dict[tuple[int, int, str], GivenRow] = {}
    for row in given:
        place = (row.study_id or ALL_STUDIES, row.judge_id, row.step)
        known = newest.get(place)
        if known is None or row.revision > known.revision:
            newest[place] = row
    machine = kind != JudgeKind.HUMAN
    found: dict[int, dict[tuple[int, str], GivenRow]] = {}
    for (study, judge, step), row in newest.items():
        scopes = {study, ALL_STUDIES}
        if machine and study == ALL_STUDIES:
            scopes.update(studies)
        for scope in scopes:
            of_scope = found.setdefault(scope, {})
            known = of_scope.get((judge, step))
            if known is None or row.age > known.age:
                of_scope[judge, step] = row
    return {scope: _text(rows) for scope, rows in found.items()}


def _text(rows: Mapping[tuple[int, str], GivenRow]) -> str:
    said: dict[str, dict[str, Any]] = {}
    for (judge, step), row in sorted(rows.items()):
        value = row.verdict if row.rating is None else [row.verdict, row.rating]
        said.setdefault(str(judge), {})[step] = value
    return json.dumps(said, separators=(",", ":"))


def pattern_id(pattern: str) -> int:
    """The number of a pattern: the first 63 bits of its hash, so that nobody hands numbers out.

    >>> pattern_id('{"3":{"answer":"yes"}}') == pattern_id('{"3":{"answer":"yes"}}') > 0
    True
    """
    digest = hashlib.blake2b(pattern.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def said_in(pattern: str) -> dict[int, dict[str, str]]:
    """Judge → step → verdict.

    >>> said_in('{"3":{"follow":["no",2.5]}}')
    {3: {'follow': 'no'}}
    """
    return {
        int(judge): {
            step: value if isinstance(value, str) else value[0] for step, value in steps.items()
        }
        for judge, steps in json.loads(pattern).items()
    }


def ratings_in(pattern: str) -> dict[int, dict[str, float]]:
    """Judge → step → rating, where it gave one.

    >>> ratings_in('{"3":{"follow":["no",2.5]},"4":{"follow":"no"}}')
    {3: {'follow': 2.5}}
    """
    found: dict[int, dict[str, float]] = {}
    for judge, steps in json.loads(pattern).items():
        for step, value in steps.items():
            if not isinstance(value, str):
                found.setdefault(int(judge), {})[step] = value[1]
    return found


class PatternReader:
    """Works out what patterns come to at the steps of one scope, read in one way."""

    def __init__(
        self,
        scope: Selection,
        reading: VerdictFilter,
        judges: Iterable[int],
        checks: Iterable[int] = (),
    ) -> None:
        """Nothing is read yet.

        Args:
            scope: has the steps.
            reading: how verdicts are read.
            judges: the numbers of those whose verdicts count.
            checks: of rules, those that check constraints; they have steps of their own.
        """
        self.scope, self.reading, self.judges = scope, reading, frozenset(judges)
        self._checks = frozenset(checks)
        self._keys = scope.keys
        self._done = {Verdict.YES.value, *([Verdict.PARTLY.value] if reading.partly_done else [])}
        self._steps = [step.key for step in scope.steps]
        self._whole = reading.by == JudgeKind.LLM and bool(scope.steps) and not scope.is_beside

    def counted(self, said: Said) -> dict[int, Mapping[str, str]]:
        """Of the judges in a pattern those whose verdicts count.

        Of rules, where none is named, the newest that judged the sample, and the newest of the
        checks of constraints.
        """
        mine = {judge: steps for judge, steps in said.items() if judge in self.judges}
        if mine and self.reading.by == JudgeKind.RULE and self.reading.annotator is None:
            newest = {judge in self._checks: judge for judge in sorted(mine)}
            return {judge: mine[judge] for judge in newest.values()}
        return mine

    def majority(self, said: Said) -> tuple[State, ...] | None:
        """A state per key of the scope; None where none of the judges said anything."""
        mine = self.counted(said)
        return self._states(list(mine.values())) if mine else None

    def of_each(self, said: Said) -> dict[int, tuple[State, ...]]:
        """The same of each judge by itself."""
        return {judge: self._states([steps]) for judge, steps in self.counted(said).items()}

    def by_step(self, said: Said) -> dict[str, int]:
        """The state of every step that any of the judges said anything of, asked for or not."""
        votes = list(self.counted(said).values())
        found = {step: self._plurality(votes, step) for steps in votes for step in steps}
        return {step: state for step, state in found.items() if state is not None}

    def units(self, said: Said, *, each: bool) -> list[tuple[State, ...]]:
        """The states of each judge, or of all together: none, one or several."""
        if each:
            return list(self.of_each(said).values())
        together = self.majority(said)
        return [] if together is None else [together]

    def _states(self, votes: Sequence[Mapping[str, str]]) -> tuple[State, ...]:
        of_key: dict[str, State] = {
            key: self._plurality(votes, key) for key in self._keys if key != CHAIN
        }
        parts = [of_key[key] for key in self._steps]
        whole: State = DONE
        if any(part is None for part in parts):
            whole = None
        elif NOT_DONE in parts:
            whole = NOT_DONE
        elif UNDECIDED in parts:
            whole = UNDECIDED
        of_key[CHAIN] = whole
        if self._whole and FOLLOW not in self._keys:
            at = CHAIN if CHAIN in self._keys else self._keys[0]  # one step is the chain
            if of_key[at] is None:
                of_key[at] = self._plurality(votes, FOLLOW)
        return tuple(of_key[key] for key in self._keys)

    def _plurality(self, votes: Sequence[Mapping[str, str]], key: str) -> State:
        """What most of the annotators of one unit say; where that is a tie, undecided."""
        said = [steps[key] for steps in votes if key in steps]
        if not said:
            return None
        done = sum(verdict in self._done for verdict in said)
        unsure = sum(verdict == Verdict.UNSURE.value for verdict in said)
        return state_of_votes(done, unsure, len(said))
