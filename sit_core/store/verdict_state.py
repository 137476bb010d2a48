"""What is counted and what its states mean: the samples meant, whose verdicts, read how.

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

What follows from the verdicts of a sample is worked out in `sit_core.store.verdict_patterns`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import (
    Connection,
    Subquery,
    and_,
    select,
    text,
)

from sit_core.records import IN_ORDER, JudgeKind, Step
from sit_core.store.engine import Store
from sit_core.store.schema import predictions, slots

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


def state_of_votes(done: int, unsure: int, said: int) -> int:
    """What most of the annotators of one unit say; where that is a tie, undecided.

    Args:
        done: how many say so.
        unsure: how many are unsure.
        said: how many said anything, at least one.

    >>> state_of_votes(2, 0, 3), state_of_votes(1, 1, 2), state_of_votes(0, 0, 1)
    (1, -1, 0)
    """
    not_done = said - done - unsure
    if done > max(not_done, unsure):
        return DONE
    return NOT_DONE if not_done > max(done, unsure) else UNDECIDED


STATES = {"done": DONE, "not-done": NOT_DONE, "unsure": UNDECIDED}
"""What a state is called in addresses; ``missing`` is none of them."""
DECIDED = "decided"
"""What stands for done and not done together: the samples that a rate is over."""
