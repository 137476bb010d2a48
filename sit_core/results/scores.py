"""The table of automatic scores: per run, metric and step a mean with n and an interval.

The mean is over the outputs that have a value; those without are counted beside it with their
reasons, never as 0. A share (accuracy, following) with one output per example has Wilson's
interval; every other mean has a seeded bootstrap interval that draws whole examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sit_core.results.intervals import RESAMPLES, bootstrap_mean, wilson
from sit_core.scoring.metrics import METRICS, SHARES
from sit_core.store import Store
from sit_core.store.scores import ScoreRow, score_clusters, score_table

Interval = Literal["wilson", "bootstrap"]


@dataclass(frozen=True, slots=True)
class ScoreFigure:
    """What one metric says of one run, for the whole outputs or for one step."""

    run: str
    metric: str
    how: str
    """The metric's settings."""
    step: str
    """A step's key; empty for the whole output."""
    scored: int
    """n: the outputs that have a value."""
    unparsed: int
    """Outputs for which there is none."""
    mean: float | None
    low: float | None
    high: float | None
    interval: Interval | None
    """How `low` and `high` were made; None where there are too few values."""
    reasons: Mapping[str, int]
    """Why the others have no value, the commonest first."""
    ones: int | None
    """Of a share: how many values are 1."""

    @property
    def shown(self) -> str:
        """The figures in one cell, in percent.

        >>> ScoreFigure("m", "accuracy", "", "", 10, 2, .9, .596, .982, "wilson", {}, 9).shown
        '90.0 [59.6–98.2] n=10, 2 without'
        """
        without = f"{self.unparsed} without" if self.unparsed else ""
        if self.mean is None:
            return f"–, {without}" if without else "–"
        span = ""
        if self.low is not None and self.high is not None:
            span = f" [{100 * self.low:.1f}–{100 * self.high:.1f}]"
        cell = f"{100 * self.mean:.1f}{span} n={self.scored}"
        return f"{cell}, {without}" if without else cell


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The table and how its intervals were made."""

    runs: tuple[str, ...]
    seed: int
    rows: tuple[ScoreFigure, ...]

    def columns(self) -> dict[tuple[str, str, str], str]:
        """(metric, settings, step) → the column's name; settings only where a metric has several.

        In the order of the metrics, the whole output before its steps. The whole is left out where
        it says in every run just what its only step says.
        """
        of_metric: dict[str, set[str]] = {}
        for row in self.rows:
            of_metric.setdefault(row.metric, set()).add(row.how)
        order = {name: i for i, name in enumerate(METRICS)}
        kinds = dict.fromkeys((row.metric, row.how, row.step) for row in self.rows)
        kept = sorted(kinds.keys() - self._doubled(), key=lambda kind: list(kinds).index(kind))
        kept.sort(key=lambda kind: (order.get(kind[0], len(order)), kind[1]))
        return {kind: column(*kind, several=len(of_metric[kind[0]]) > 1) for kind in kept}

    def _doubled(self) -> set[tuple[str, str, str]]:
        """The whole outputs' columns that repeat the column of their only step."""
        figures: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
        for row in self.rows:
            steps = figures.setdefault((row.metric, row.how), {})
            steps.setdefault(row.step, {})[row.run] = row.shown
        return {
            (*of, "")
            for of, steps in figures.items()
            if len(steps) == 2
            and "" in steps
            and len({str(cells) for cells in steps.values()}) == 1
        }

    def wide(self) -> list[dict[str, str]]:
        """One row per run: ``run``, then a cell per metric and step."""
        names = self.columns()
        found: dict[str, dict[str, str]] = {}
        for run in self.runs:
            if any(row.run == run for row in self.rows):
                found[run] = {"run": run, **dict.fromkeys(names.values(), "")}
        for row in self.rows:
            name = names.get((row.metric, row.how, row.step))
            if name is not None:
                found[row.run][name] = row.shown
        return list(found.values())

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results scores --json`` and ``sit score --json``."""
        return {
            "runs": list(self.runs),
            "level": 0.95,
            "seed": self.seed,
            "resamples": RESAMPLES,
            "rows": [
                {**asdict(row), "step": row.step or None, "reasons": dict(row.reasons)}
                for row in self.rows
            ],
        }


def column(metric: str, how: str, step: str, *, several: bool) -> str:
    """What a column of scores is called.

    >>> column("rouge-l", "unicode", "repeat", several=False)
    'rouge-l · repeat'
    >>> column("rouge-l", "unicode", "", several=True)
    'rouge-l (unicode)'
    """
    name = f"{metric} ({how})" if several and how else metric
    return f"{name} · {step}" if step else name


def scores(
    store: Store, runs: Sequence[str], metrics: Sequence[str] = (), *, seed: int = 0
) -> ScoreTable:
    """The scores that are in the store; nothing is scored.

    Args:
        store: where.
        runs: their order is the table's.
        metrics: only these; empty: all.
        seed: of the bootstrap.

    Raises:
        UsageError: a run is unknown.
    """
    names = tuple(dict.fromkeys(runs))
    rows = score_table(store, names, metrics) if names else []
    order = {name: i for i, name in enumerate(METRICS)}
    rows.sort(key=lambda row: (names.index(row.run), order.get(row.metric, len(order)), row.how))
    return ScoreTable(names, seed, tuple(_figure(store, row, seed) for row in rows))


def _figure(store: Store, row: ScoreRow, seed: int) -> ScoreFigure:
    share = row.metric in SHARES
    span: tuple[float, float] | None
    how: Interval
    if share and row.examples == row.scored:
        span, how = wilson(row.ones, row.scored), "wilson"
    else:
        span, how = bootstrap_mean(*score_clusters(store, row), seed=seed), "bootstrap"
    return ScoreFigure(
        run=row.run,
        metric=row.metric,
        how=row.how,
        step=row.step,
        scored=row.scored,
        unparsed=row.unparsed,
        mean=row.mean,
        low=span[0] if span else None,
        high=span[1] if span else None,
        interval=how if span else None,
        reasons=row.reasons,
        ones=row.ones if share else None,
    )
