"""Current verdicts and the states that follow from them, as SQL to build questions on.

A *unit* is what counts once: a sample (its annotators' majority, or one annotator's verdict), or,
with ``combine="each"``, one annotator's judgment of a sample. Its state at a step:

=====  ==========  ==========================================================================
 1     done        the verdict is yes (or partly, where partly counts as done)
 0     not done    the verdict is no (or partly, where it does not count)
-1     undecided   unsure, or a tie: neither *done* nor *not done* has more annotators than
                   each of the two others (done + unsure of two people is a tie)
NULL   missing     nobody judged this step yet
=====  ==========  ==========================================================================

The chain's state follows from the states of its steps, so that R, A and R+A of one table agree:
missing where a step is missing (counting such a sample only when it failed would bias the rate),
else not done where any step is not done, else undecided where any is, else done.

An LLM that judged all tasks together (the step ``follow``) has said something of the chain, and
nothing of its steps; where it judged the steps, theirs counts.

The current verdict of a judge is that of the highest revision. Where several studies are read
together, one judge has one voice per sample and step: the verdict given last. Rules that were made
better are a new judge; of one output the newest that judged it count, unless others are named.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Label,
    Select,
    Subquery,
    and_,
    case,
    func,
    null,
    or_,
    select,
    text,
)

from sit_core.metrics.following import WITH_ENCODER
from sit_core.metrics.verifiable import LOOSE, PACKAGE
from sit_core.records import IN_ORDER, JudgeKind, Step, Verdict
from sit_core.store.engine import Store
from sit_core.store.schema import judges, judgments, predictions, slots

CHAIN = "chain"
"""What stands for the whole chain where a step's key is asked for."""
FOLLOW = "follow"
"""The step's key under which all tasks are judged together, without the single steps."""
DONE, NOT_DONE, UNDECIDED = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which samples are meant: those of a study, or all outputs of some runs."""

    study_id: int | None
    runs: tuple[str, ...]
    run_ids: tuple[int, ...]
    steps: tuple[Step, ...]
    ask_order: bool = False
    annotators: int = 1
    """k of the study."""
    is_beside: bool = False
    """Whether its only step is a question of a judge's own, which the chain does not have: a
    verdict on all tasks together says nothing of it."""

    def beside(self, step: str) -> "Selection":
        """The same samples, with a step that an LLM judge asks about beside their chain."""
        own = (Step(step, step, step),)
        return replace(self, steps=own, ask_order=False, is_beside=True)

    @property
    def keys(self) -> tuple[str, ...]:
        """The steps' keys, then `CHAIN` (for two steps or more), then ``in_order``."""
        keys = tuple(step.key for step in self.steps)
        return (*keys, *((CHAIN,) if len(keys) > 1 else ()), IN_ORDER)


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """How verdicts are read."""

    by: JudgeKind = JudgeKind.HUMAN
    annotator: str | None = None
    """Only this judge's verdicts; None: all of that kind, but of rules only those that asked no
    encoder, and of checks of constraints only the strict ones: these and those aren't of one kind,
    and have no common majority."""
    partly_done: bool = True
    combine: Literal["majority", "each"] = "majority"


@contextmanager
def table_connection(store: Store) -> Iterator[Connection]:
    """A connection for questions that read most of the judgments at once.

    PostgreSQL takes the result of a window function for a handful of rows and would join it by
    nested loops, a thousand times slower than by hashing.
    """
    with store.read() as connection:
        if not store.is_sqlite:
            connection.execute(text("set local enable_nestloop = off"))
        yield connection


def population(scope: Selection) -> Subquery:
    """The samples meant: prediction_id, run_id, example_id, ordinal."""
    rows = select(
        predictions.c.id.label("prediction_id"),
        predictions.c.run_id,
        predictions.c.example_id,
        predictions.c.ordinal,
    ).where(predictions.c.run_id.in_(scope.run_ids))
    if scope.study_id is not None:
        in_study = and_(slots.c.prediction_id == predictions.c.id, slots.c.place == 0)
        rows = rows.join(slots, in_study).where(slots.c.study_id == scope.study_id)
    return rows.subquery()


def belongs(scope: Selection) -> ColumnElement[bool]:
    """Which judgments are about the scope, of judges of every kind and in every revision.

    Of a study: what was said in it, and what LLMs and rules said of its samples in no study.
    """
    j = judgments.c
    if scope.study_id is None:
        mine = select(predictions.c.id).where(predictions.c.run_id.in_(scope.run_ids))
        return j.prediction_id.in_(mine)
    of_study = select(slots.c.prediction_id).where(
        slots.c.study_id == scope.study_id, slots.c.place == 0
    )
    machines = select(judges.c.id).where(judges.c.kind != JudgeKind.HUMAN)
    outside = and_(j.study_id.is_(None), j.judge_id.in_(machines), j.prediction_id.in_(of_study))
    return or_(j.study_id == scope.study_id, outside)


def current(scope: Selection, reading: VerdictFilter) -> Subquery:
    """Current verdicts of the judges meant: prediction_id, judge_id, step, verdict."""
    who = select(judges.c.id).where(judges.c.kind == reading.by)
    if reading.annotator is not None:
        who = who.where(judges.c.name == reading.annotator)
    elif reading.by == JudgeKind.RULE:
        # What asked an encoder, or checked loosely, is read by its name only.
        who = who.where(judges.c.name.not_like(f"%{WITH_ENCODER}%"))
        who = who.where(judges.c.name.not_like(f"{PACKAGE}%, {LOOSE}"))
    j = judgments.c
    place: list[Any] = [j.prediction_id, j.judge_id, j.step]
    one_study = scope.study_id is not None and reading.by == JudgeKind.HUMAN
    where = j.study_id == scope.study_id if one_study else belongs(scope)
    if not one_study:
        place = [func.coalesce(j.study_id, 0), *place]
    newest = func.row_number().over(partition_by=place, order_by=j.revision.desc())
    columns = (j.prediction_id, j.judge_id, j.step, j.verdict)
    # Rules and the checks of constraints have steps of their own; each kind's newest counts.
    checks = j.judge_id.in_(select(judges.c.id).where(judges.c.name.like(f"{PACKAGE}%")))
    last = func.max(j.judge_id).over(partition_by=(j.prediction_id, case((checks, 1), else_=0)))
    ranked = (
        select(*columns, j.created_at, j.id, newest.label("place"), last.label("last_judge"))
        .where(j.judge_id.in_(who), where)
        .subquery()
    )
    kept_rows = select(ranked).where(ranked.c.place == 1)
    if reading.by == JudgeKind.RULE and reading.annotator is None:
        kept_rows = kept_rows.where(ranked.c.judge_id == ranked.c.last_judge)
    found = kept_rows.subquery()
    if one_study:
        return found
    voice = func.row_number().over(
        partition_by=(found.c.prediction_id, found.c.judge_id, found.c.step),
        order_by=(found.c.created_at.desc(), found.c.id.desc()),
    )
    kept = (found.c.prediction_id, found.c.judge_id, found.c.step, found.c.verdict)
    voiced = select(*kept, voice.label("place")).subquery()
    return select(voiced).where(voiced.c.place == 1).subquery()


def states(scope: Selection, reading: VerdictFilter, *, each: bool, called: str = "") -> CTE:
    """One row per unit: prediction_id, judge_id (with ``each``), and a state ``s0`` … per key.

    Named by the kind of judge and the scope, so that one question may ask of two kinds and of
    several scopes; ``called``: by another word, where it asks of two judges of one kind.
    """
    verdicts = current(scope, reading)
    done = [Verdict.YES, Verdict.PARTLY] if reading.partly_done else [Verdict.YES]
    done_here = verdicts.c.verdict.in_([v.value for v in done])
    unsure_here = verdicts.c.verdict == Verdict.UNSURE.value
    unit = [verdicts.c.prediction_id, *([verdicts.c.judge_id] if each else [])]
    single = [key for key in scope.keys if key != CHAIN]
    if reading.by == JudgeKind.LLM and scope.steps and not scope.is_beside and FOLLOW not in single:
        single.append(FOLLOW)
    votes: list[Label[Any]] = []
    for i, key in enumerate(single):
        here = verdicts.c.step == key
        votes.append(func.sum(case((and_(here, done_here), 1), else_=0)).label(f"d{i}"))
        votes.append(func.sum(case((and_(here, unsure_here), 1), else_=0)).label(f"u{i}"))
        votes.append(func.sum(case((here, 1), else_=0)).label(f"c{i}"))
    voted = select(*unit, *votes).group_by(*unit).subquery()
    of_key: dict[str, ColumnElement[Any]] = {
        key: _plurality(voted.c[f"d{i}"], voted.c[f"u{i}"], voted.c[f"c{i}"])
        for i, key in enumerate(single)
    }
    parts = [of_key[step.key] for step in scope.steps]
    of_key[CHAIN] = case(
        (or_(*(part.is_(None) for part in parts)), null()),
        (or_(*(part == NOT_DONE for part in parts)), NOT_DONE),
        (or_(*(part == UNDECIDED for part in parts)), UNDECIDED),
        else_=DONE,
    )
    if FOLLOW in of_key and FOLLOW not in scope.keys:
        whole = CHAIN if CHAIN in scope.keys else scope.keys[0]  # a single step is the chain
        of_key[whole] = func.coalesce(of_key[whole], of_key[FOLLOW])
    return select(
        voted.c.prediction_id,
        *([voted.c.judge_id] if each else []),
        *(of_key[key].label(f"s{i}") for i, key in enumerate(scope.keys)),
    ).cte(f"states_by_{called or reading.by.value}_{_number(scope)}")


def _plurality(
    done: ColumnElement[Any], unsure: ColumnElement[Any], said: ColumnElement[Any]
) -> ColumnElement[Any]:
    """What most of the annotators of one unit say; where that is a tie, undecided."""
    not_done = said - done - unsure
    return case(
        (said == 0, null()),
        (and_(done > not_done, done > unsure), DONE),
        (and_(not_done > done, not_done > unsure), NOT_DONE),
        else_=UNDECIDED,
    )


def state_of_votes(done: int, unsure: int, said: int) -> int:
    """The same of votes that are counted already, of which there is at least one.

    >>> state_of_votes(2, 0, 3), state_of_votes(1, 1, 2), state_of_votes(0, 0, 1)
    (1, -1, 0)
    """
    not_done = said - done - unsure
    if done > max(not_done, unsure):
        return DONE
    return NOT_DONE if not_done > max(done, unsure) else UNDECIDED


def _number(scope: Selection) -> str:
    """Tells scopes of one question apart."""
    runs = hashlib.sha256(repr(scope.run_ids).encode()).hexdigest()[:12]
    return f"{scope.study_id or 0}_{runs}"


STATES = {"done": DONE, "not-done": NOT_DONE, "unsure": UNDECIDED}
"""What a state is called in addresses; ``missing`` is none of them."""
DECIDED = "decided"
"""What stands for done and not done together: the samples that a rate is over."""


def samples_in_state(scope: Selection, reading: VerdictFilter, key: str, state: str) -> Select[Any]:
    """The prediction ids that a following-rate table counts at ``key`` as ``state``.

    Those of the whole store that nobody judged are ``missing`` too: combine with the scope.
    """
    units = states(scope, reading, each=False)
    of_key = units.c[f"s{scope.keys.index(key)}"]
    if state == DECIDED:
        return select(units.c.prediction_id).where(of_key.in_((DONE, NOT_DONE)))
    if state != "missing":
        return select(units.c.prediction_id).where(of_key == STATES[state])
    judged = select(units.c.prediction_id).where(of_key.is_not(None))
    return select(predictions.c.id).where(predictions.c.id.not_in(judged))


def tallies(scope: Selection, reading: VerdictFilter, *, each: bool) -> Select[Any]:
    """One row per sample that anybody judged: prediction_id, and per key how many units say what.

    The columns of key number i are ``d<i>`` (done), ``n<i>`` (not done) and ``u<i>`` (undecided).
    """
    units = states(scope, reading, each=each)
    counts: list[Label[Any]] = []
    for i in range(len(scope.keys)):
        for letter, state in (("d", DONE), ("n", NOT_DONE), ("u", UNDECIDED)):
            is_it = case((units.c[f"s{i}"] == state, 1), else_=0)
            counts.append(func.sum(is_it).label(f"{letter}{i}"))
    return select(units.c.prediction_id, *counts).group_by(units.c.prediction_id)
