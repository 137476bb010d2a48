"""The state of the work in one look: how much there is, where to go on, which systems lead.

Everything but `leading_systems` is a few counts; that one reads a board that was made already.
"""

from dataclasses import dataclass

from sit_core.results.leaderboard.records import (
    FOLLOWING,
    BoardColumn,
    Leaderboard,
)
from sit_core.results.leaderboard.table_view import main_column, ranks
from sit_core.store import Store
from sit_core.store.overview import own_work, store_counts
from sit_core.store.studies import list_studies
from sit_core.store.study_progress import StudyProgress, study_progress


@dataclass(frozen=True, slots=True)
class StudyState:
    """One study, as far as it is."""

    name: str
    done: int
    """Judgments of whole samples by everybody …"""
    places: int
    """… out of this many (samples × people per sample)."""
    own: int | None
    """Of these by the annotator who asks; None where nobody says who that is."""

    @property
    def left(self) -> int:
        """Judgments still to be had by anybody."""
        return self.places - self.done

    @property
    def share(self) -> float:
        """Done as a share of all, from 0 to 1."""
        return self.done / self.places if self.places else 0.0


@dataclass(frozen=True, slots=True)
class Overview:
    """All that Home says of a store, but for the leaderboard."""

    runs: int
    outputs: int
    studies: int
    samples: int
    """Outputs to judge, of all studies together."""
    done: int
    """Judgments of whole samples …"""
    places: int
    """… out of this many."""
    with_rates: int
    """Studies in which something was judged whole, so that there are rates."""
    resume: tuple[StudyState, ...]
    """Studies to go on with: the annotator's own first, the last used first; then those with
    something left, the newest first; those that are complete at the end."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.runs and not self.studies


@dataclass(frozen=True, slots=True)
class LeadingSystem:
    """A system among the best."""

    rank: int
    """From 1; systems with the same value share a rank."""
    system: str
    run: str | None
    """None: others' results."""
    value: float
    """The share of outputs in which all steps were done."""
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Leading:
    """The best systems of a board, and by whose verdicts."""

    column: BoardColumn
    judge: str | None
    """The LLM judge, where that is who says so."""
    prompt_set: str | None
    systems: tuple[LeadingSystem, ...]
    of: int
    """How many systems have a value."""


def overview(store: Store, annotator: str | None = None, resume: int = 3) -> Overview:
    """Count what is there; archived runs and studies are left out.

    Args:
        store: where.
        annotator: who asks, if that is known.
        resume: how many studies to go on with at most.
    """
    counts = store_counts(store)
    own = own_work(store, annotator) if annotator else {}
    newest = [study.name for study in list_studies(store)]
    progress = {name: one for name, one in study_progress(store).items() if name in newest}

    def order(name: str) -> tuple[bool, bool, float, int]:
        at = own[name].last_at if name in own else 0.0
        state = progress[name]
        return (state.done >= state.slots, name not in own, -at, newest.index(name))

    known = sorted((name for name in newest if name in progress), key=order)
    return Overview(
        runs=counts.runs,
        outputs=counts.outputs,
        studies=counts.studies,
        samples=sum(one.samples for one in progress.values()),
        done=sum(one.done for one in progress.values()),
        places=sum(one.slots for one in progress.values()),
        with_rates=sum(one.done > 0 for one in progress.values()),
        resume=tuple(
            _state(name, progress[name], own[name].judged if name in own else 0, annotator)
            for name in known[:resume]
        ),
    )


def _state(name: str, progress: StudyProgress, own: int, annotator: str | None) -> StudyState:
    return StudyState(name, progress.done, progress.slots, own if annotator else None)


def leading_systems(board: Leaderboard, first: int = 3) -> Leading | None:
    """The systems that follow all steps most often; None where none has a rate.

    By the LLM judge's verdicts where there are any, else by people's, else by rules.
    """
    column = main_column(board)
    if column is None:
        return None
    rank_of = ranks(board, column.key)
    ranked = sorted(
        (
            LeadingSystem(
                rank_of[row.system],
                row.system,
                row.run,
                figure.value,
                figure.low,
                figure.high,
                figure.n,
            )
            for row in board.rows
            if (figure := row.figures.get(column.key)) is not None and figure.value is not None
        ),
        key=lambda one: (one.rank, one.system),
    )
    return Leading(
        column,
        board.question.judge if column.key == FOLLOWING else None,
        board.question.prompt_set,
        tuple(ranked[:first]),
        len(ranked),
    )
