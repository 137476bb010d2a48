"""Systems × prompts: where each output stands, and what is counted of it as arrays. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.results.measures import Measure
from sit_core.store.leaderboard import OutputColumns, SystemEntry
from sit_core.store.pairwise_filter import outcome_of
from sit_core.store.verdict_state import UNDECIDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNSURE, NOT_JUDGED, NO_RATING = "undecided", "not judged", "judged without a rating"


class OutputMatrix:
    """The outputs of some systems, laid out; prompts in the order of their keys."""

    def __init__(self, entries: Sequence[SystemEntry], outputs: OutputColumns) -> None:
        import numpy as np

        self.entries = entries
        self.ids = outputs.ids
        self.place = {prediction: i for i, prediction in enumerate(outputs.ids)}
        self.prompts = sorted(set(outputs.prompts))
        of_run = {entry.run_id: i for i, entry in enumerate(entries)}
        of_prompt = {prompt: i for i, prompt in enumerate(self.prompts)}
        self.system: NDArray[Any] = np.array([of_run[run] for run in outputs.run_ids], dtype=int)
        self.prompt: NDArray[Any] = np.array(
            [of_prompt[prompt] for prompt in outputs.prompts], dtype=int
        )
        self.ordinals: NDArray[Any] = np.array(outputs.ordinals, dtype=int)
        self.first: NDArray[Any] = self.ordinals == 0
        self.shape = (len(entries), len(self.prompts))
        self.cell = self.system * self.shape[1] + self.prompt
        self.asked_often: NDArray[Any] = self._laid_out(np.ones(len(self.ids)))
        """Systems × prompts: how many outputs."""
        self.asked: NDArray[Any] = self.asked_often > 0

    def column(self, values: Mapping[str, float]) -> "NDArray[Any]":
        """One number per output, NaN where it has none; what is of other outputs is left out."""
        import numpy as np

        found = np.full(len(self.ids), np.nan)
        known = [(self.place[p], value) for p, value in values.items() if p in self.place]
        if known:
            places, numbers = zip(*known, strict=True)
            found[list(places)] = numbers
        return found

    def measure(self, values: "NDArray[Any]") -> Measure:
        """Sums and counts of one number per output; NaN is no value."""
        import numpy as np

        there = ~np.isnan(values)
        return Measure(
            self._laid_out(np.where(there, values, 0)), self._laid_out(there.astype(float))
        )

    def firsts(self, values: "NDArray[Any]") -> "NDArray[Any]":
        """Systems × prompts: the number of the first output for each prompt, NaN without one."""
        import numpy as np

        found = np.full(self.shape[0] * self.shape[1], np.nan)
        found[self.cell[self.first]] = values[self.first]
        return found.reshape(self.shape)

    def slots(self, values: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
        """Systems × slots: one number each, NaN without one; and each slot's prompt, ascending.

        A slot is a prompt and which of a system's outputs for it is meant (the first, the second,
        …), so that two systems are paired output by output, as two runs are on the Results page.
        """
        import numpy as np

        most = int(self.ordinals.max(initial=0)) + 1
        found = np.full((self.shape[0], self.shape[1] * most), np.nan)
        found[self.system, self.prompt * most + self.ordinals] = values
        return found, np.repeat(np.arange(self.shape[1]), most)

    def of_prompts(self, cells: Sequence[tuple[int, str, float, int]]) -> Measure:
        """A measure from (run number, prompt, sum, how many)."""
        import numpy as np

        of_run = {entry.run_id: i for i, entry in enumerate(self.entries)}
        of_prompt = {prompt: i for i, prompt in enumerate(self.prompts)}
        sums, counts = np.zeros(self.shape), np.zeros(self.shape)
        for run, prompt, total, n in cells:
            sums[of_run[run], of_prompt[prompt]] += total
            counts[of_run[run], of_prompt[prompt]] += n
        return Measure(sums, counts)

    def tally(self, reasons: Mapping[int, str]) -> list[dict[str, int]]:
        """Per system: reason → how many outputs, the commonest first; output's number → reason."""
        found = [Counter[str]() for _ in self.entries]
        for place, reason in reasons.items():
            found[self.system[place]][reason] += 1
        return [dict(sorted(one.items(), key=lambda r: (-r[1], r[0]))) for one in found]

    def _laid_out(self, values: "NDArray[Any]") -> "NDArray[Any]":
        import numpy as np

        size = self.shape[0] * self.shape[1]
        return np.bincount(self.cell, weights=values, minlength=size).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class MeasuredOutputs:
    """One number per output, and why others have none."""

    values: "NDArray[Any]"
    reasons: list[dict[str, int]]
    """Per system."""


def decided(
    grid: OutputMatrix,
    states: Mapping[str, int],
    unusable: Mapping[str, str] | None = None,
    kept: Mapping[str, float] | None = None,
) -> MeasuredOutputs:
    """States of outputs as 1 and 0, undecided ones as none.

    Args:
        grid: where the outputs are.
        states: output → DONE, NOT_DONE or UNDECIDED.
        unusable: output → why there is no state.
        kept: take these numbers of the outputs that have a state instead (ratings).
    """
    import numpy as np

    state = grid.column({p: float(s) for p, s in states.items()})
    values = np.where(state == UNDECIDED, np.nan, state)
    reasons = {int(i): UNSURE for i in np.flatnonzero(state == UNDECIDED)}
    if kept is not None:
        values = grid.column(kept)
        reasons = {int(i): NO_RATING for i in np.flatnonzero(np.isnan(values) & ~np.isnan(state))}
    why = {grid.place[p]: r for p, r in (unusable or {}).items() if p in grid.place}
    for i in np.flatnonzero(np.isnan(values)):
        reasons.setdefault(int(i), why.get(int(i), NOT_JUDGED))
    return MeasuredOutputs(values, grid.tally(reasons))


def outcomes(
    duels: Sequence[tuple[str, str, int, float | None, str | None]],
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], str]]:
    """Two outputs → 1 won, 0 lost, ½ a tie; and those without an outcome → why.

    The rule is `sit_core.store.pairwise_filter.outcome_of`'s. Where an order was asked twice, what
    was said last counts.

    >>> outcomes([("a", "b", 1, 1.0, None), ("a", "b", 2, 0.0, None), ("c", "d", 1, 1.0, None)])
    ({('a', 'b'): 0.5}, {('c', 'd'): 'compared in one order only'})
    """
    orders: dict[tuple[str, str], dict[int, tuple[float | None, str | None]]] = {}
    for own, other, place, value, reason in duels:
        orders.setdefault((own, other), {})[place] = (value, reason)
    found: dict[tuple[str, str], float] = {}
    none: dict[tuple[str, str], str] = {}
    for pair, said in orders.items():
        values = [value for value, _ in said.values() if value is not None]
        lost = [reason for value, reason in said.values() if value is None]
        if lost:
            none[pair] = lost[0] or "no usable verdict"
        elif len(values) < 2:
            none[pair] = "compared in one order only"
        else:
            found[pair] = outcome_of(values)
    return found, none
