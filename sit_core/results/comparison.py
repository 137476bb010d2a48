"""Two runs on the examples they share: paired counts, difference with interval, where they differ.

The interval and p are Bonett and Price's (`sit_core.statistics.paired`), which decide; the exact p
of McNemar stands beside them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER
from sit_core.registry import unknown
from sit_core.results.table_query import TableQuery, labels
from sit_core.statistics import LEVEL, mcnemar, paired, paired_clusters
from sit_core.store import Store
from sit_core.store.pairs import (
    Cells,
    DifferingExample,
    differences,
    paired_states,
    repeated_pairs,
)
from sit_core.store.verdict_state import DONE, NOT_DONE, Selection


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One step (or the chain): the 2×2 counts of the examples decided in both runs."""

    step: str
    letter: str
    both: int
    only_first: int
    only_second: int
    neither: int
    n: int
    first_rate: float | None
    second_rate: float | None
    difference: float | None
    """Rate of the first run minus rate of the second, over the same n examples."""
    p: float | None
    """Two-sided, of no difference, by Bonett and Price; below 0.05 just where 0 lies outside
    `low` to `high`."""
    left_out: int
    """Shared examples that are undecided or not judged in one of the runs."""
    low: float | None = None
    """Of the difference."""
    high: float | None = None
    method: str | None = None
    """How `low`, `high` and `p` were made; a key of `sit_core.statistics.METHODS`."""
    p_mcnemar: float | None = None
    """Exact two-sided McNemar; None where no example differs, or prompts repeat, which it does not
    know of."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared."""

    question: TableQuery
    rows: tuple[ComparisonRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results compare --json``."""
        return {
            **self.question.to_dict(),
            "annotator": self.question.annotator,
            "level": LEVEL,
            "rows": [asdict(row) for row in self.rows],
        }


def comparison_row(
    key: str,
    letter: str,
    cells: Cells,
    prompts: Mapping[tuple[int, int, int], int] | None = None,
) -> ComparisonRow:
    """Counts, rates, their difference with interval, and p of one step; pure.

    Args:
        key: the step's.
        letter: what the table calls it.
        cells: (state of the first, state of the second) → how many.
        prompts: where prompts have several pairs: (only the first, only the second, pairs) of one →
            how many prompts.
    """
    both, neither = cells.get((DONE, DONE), 0), cells.get((NOT_DONE, NOT_DONE), 0)
    first, second = cells.get((DONE, NOT_DONE), 0), cells.get((NOT_DONE, DONE), 0)
    n = both + neither + first + second
    each = [pair for pair, many in (prompts or {}).items() for _ in range(many)]
    if each:
        only_first, only_second, pairs = zip(*each, strict=True)
        found = paired_clusters(only_first, only_second, pairs)
    else:
        found = paired(first, second, n)
    return ComparisonRow(
        step=key,
        letter=letter,
        both=both,
        only_first=first,
        only_second=second,
        neither=neither,
        n=n,
        first_rate=(both + first) / n if n else None,
        second_rate=(both + second) / n if n else None,
        difference=(first - second) / n if n else None,
        p=found.p if found else None,
        left_out=sum(cells.values()) - n,
        low=found.interval.low if found else None,
        high=found.interval.high if found else None,
        method=found.interval.method if found else None,
        p_mcnemar=None if each else mcnemar(first, second),
    )


def compare(store: Store, question: TableQuery) -> Comparison:
    """Compare the two runs of the question, by majority or by one annotator.

    Raises:
        UsageError: not exactly two runs, or they have different chains, or ``combine="each"``.
        SitError: a name is unknown.
    """
    scope = _scope(store, question)
    names = labels(scope.steps)
    cells = paired_states(store, scope, question.reading, *question.runs)
    if not scope.ask_order and all(state == (None, None) for state in cells[IN_ORDER]):
        del cells[IN_ORDER]
    several = repeated_pairs(store, scope, question.reading, *question.runs)
    rows = tuple(
        comparison_row(key, names[key], of_key, several[key]) for key, of_key in cells.items()
    )
    return Comparison(question, rows)


def differing(
    store: Store, question: TableQuery, step: str, limit: int = 1000
) -> list[DifferingExample]:
    """The examples at which one of the two runs did this step and the other did not.

    Args:
        store: where the verdicts are.
        question: of two runs, as for `compare`.
        step: a step's key, ``chain`` or ``in_order``.
        limit: no more than so many.

    Raises:
        UsageError: as `compare`, or there is no such step.
        SitError: a name is unknown.
    """
    scope = _scope(store, question)
    first, second = question.runs
    if step not in scope.keys:
        raise UsageError(unknown("step", step, list(scope.keys)))
    return differences(store, scope, question.reading, first, second, step, limit=limit)


def _scope(store: Store, question: TableQuery) -> Selection:
    if len(question.runs) != 2:
        raise UsageError(f"A comparison needs exactly two runs; found {len(question.runs)}.")
    if question.combine == "each":
        raise UsageError(
            "A comparison pairs samples, so it needs one verdict per sample; use the majority or "
            "name one annotator."
        )
    found = question.scopes(store)
    if len(found) > 1:
        raise UsageError("These runs have different chains of steps and can't be compared.")
    return found[0]
