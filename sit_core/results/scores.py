"""Mean scores of runs: n, an interval by name, and what has no value, for each metric and step.

The mean is over **all outputs that have something to be compared with**: an output that lacks what
was asked for (no answer to be found, cut off, refused, a step that is not there) counts as 0 in it.
What there is nothing to compare with (no gold, no rule) is left out and counted beside it, as are
outputs that were not scored and calls that came to nothing. The share of the n outputs that have a
value stands beside the mean, and the mean of those alone is another figure with a name of its own:
*accuracy of answered*, *rouge-l of present*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sit_core.metrics.registry import METRICS, OF_ANSWERS, is_share, name_of_answered
from sit_core.statistics import (
    LEVEL,
    Interval,
    mean_interval,
    share_clusters,
    share_interval,
    wilson_open,
)
from sit_core.statistics.interval import figure_text
from sit_core.store import Store
from sit_core.store.former_results import earlier_scores, former_results
from sit_core.store.prompt_sets import sets_of_runs
from sit_core.store.scores import Clusters, ScoreRow, outputs_of, score_clusters, score_table
from sit_core.store.studies import sharing

SCALE = (0.0, 1.0)
"""Of every score."""
NOT_SCORED = "not scored"


@dataclass(frozen=True, slots=True)
class ScoreFigure:
    """What one metric says of one run, for the whole outputs or for one step."""

    run: str
    metric: str
    how: str
    """The metric's settings."""
    step: str
    """A step's key; empty for the whole output."""
    n: int
    """The outputs of the mean: all that have something to be compared with."""
    scored: int
    """Of them, those that have a value."""
    unparsed: int
    """Outputs for which there is no value, in n (as 0) or not."""
    mean: float | None
    """Over n."""
    low: float | None
    high: float | None
    method: str | None
    """How `low` and `high` were made; a key of `sit_core.statistics.METHODS`."""
    reasons: Mapping[str, int]
    """Why the others have no value, the commonest first."""
    ones: int | None
    """Of a share: how many values are 1."""
    mean_scored: float | None = None
    """Over those that have a value: what `name_scored` says."""
    scored_low: float | None = None
    scored_high: float | None = None
    scored_method: str | None = None
    share_scored: float | None = None
    """``scored / n``, with an interval."""
    share_low: float | None = None
    share_high: float | None = None
    unscored: int = 0
    """Outputs of the run that were not scored by this (of the whole output; 0 for a step)."""
    shared_by: tuple[str, ...] = ()
    """The runs that all have the prompts of these outputs; empty: all prompts of the run."""

    @property
    def left_out(self) -> int:
        """Outputs with nothing to be compared with, or that no rule can tell; in no mean."""
        return self.scored + self.unparsed - self.n

    @property
    def name_scored(self) -> str:
        """What the mean of those that have a value is called."""
        return name_of_answered(self.metric)

    @property
    def shown(self) -> str:
        """The figures in one cell, in percent.

        >>> ScoreFigure(
        ...     "m", "accuracy", "", "", 10, 9, 3, .8, .49, .943, "wilson-open", {}, 8
        ... ).shown
        '80.0 [49.0–94.3] n=10, 9 answered, 2 left out'
        """
        beside = []
        if self.scored < self.n:
            word = "answered" if self.metric in OF_ANSWERS else "present"
            beside.append(f"{self.scored} {word}")
        if self.left_out:
            beside.append(f"{self.left_out} left out")
        if self.unscored:
            beside.append(f"{self.unscored} {NOT_SCORED}")
        cell = "–"
        if self.mean is not None:
            cell = figure_text(self.mean, self.low, self.high, n=self.n)
        return ", ".join([cell, *beside])


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The table."""

    runs: tuple[str, ...]
    rows: tuple[ScoreFigure, ...]
    failed: Mapping[str, int] = field(default_factory=dict)
    """Run → prompts for which the call came to nothing: no outputs, so in no figure."""
    shared: int | None = None
    """The figures are over so many prompts, which all the runs have; None: each run's own."""
    alike: bool = False
    """Whether the runs have the same prompts, so that each run's own are all of them."""
    set_aside: Mapping[str, str] = field(default_factory=dict)
    """Run → the sentence on scores of texts that its outputs had before: in no figure."""
    earlier: Mapping[str, str] = field(default_factory=dict)
    """Run → the sentence on scores that an earlier version of their metric made."""

    @property
    def said_of_runs(self) -> list[str]:
        """The sentences on scores that are in no figure, or are not of today."""
        return [*self.set_aside.values(), *self.earlier.values()]

    @property
    def about_prompts(self) -> str:
        """Over which prompts the figures are, where there are several runs; else empty."""
        if len(self.runs) < 2:
            return ""
        if self.alike:
            return f"All {len(self.runs)} runs have the same prompts."
        if self.shared is None:
            return "Each run's figures are over its own prompts."
        return f"Over the {self.shared:,} prompts that all {len(self.runs)} runs have."

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
        """One row per run: ``run``, then a cell per metric and step; what was not scored says so.

        Where a call came to nothing for some prompts, a last column says for how many.
        """
        names = self.columns()
        found = {
            run: {
                "run": run,
                **dict.fromkeys(names.values() if names else ["scores"], NOT_SCORED),
                **({"failed": str(self.failed.get(run, 0))} if any(self.failed.values()) else {}),
            }
            for run in self.runs
        }
        scored = {(row.run, row.metric, row.how) for row in self.rows}
        for run in self.runs:
            for (metric, how, _), name in names.items():
                if (run, metric, how) in scored:
                    found[run][name] = ""  # scored, and without this step
        for row in self.rows:
            of_row = names.get((row.metric, row.how, row.step))
            if of_row is not None:
                found[row.run][of_row] = row.shown
        return list(found.values())

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results scores --json`` and ``sit score --json``."""
        return {
            "runs": list(self.runs),
            "level": LEVEL,
            "failed": dict(self.failed),
            "shared_prompts": self.shared,
            "set_aside": dict(self.set_aside),
            "earlier_version": dict(self.earlier),
            "rows": [
                {
                    **{k: v for k, v in asdict(row).items() if k != "shared_by"},
                    "step": row.step or None,
                    "reasons": dict(row.reasons),
                    "left_out": row.left_out,
                    "name_scored": row.name_scored,
                    "level": LEVEL,
                }
                for row in self.rows
            ],
            NOT_SCORED: [run for run in self.runs if all(row.run != run for row in self.rows)],
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
    store: Store,
    runs: Sequence[str],
    metrics: Sequence[str] = (),
    *,
    own_prompts: bool = False,
) -> ScoreTable:
    """The scores that are in the store; nothing is scored.

    Args:
        store: where.
        runs: their order is the table's; those without scores are in it.
        metrics: only these; empty: all.
        own_prompts: each run's figures over all its prompts. Else runs of one prompt set, of which
            some have more of it than others, are compared on the prompts that all of them have.

    Raises:
        UsageError: a run is unknown.
    """
    names = tuple(dict.fromkeys(runs))
    if not names:
        return ScoreTable((), ())
    shared, alike = (None, False) if own_prompts else _shared(store, names)
    among = () if shared is None else names
    rows = score_table(store, names, metrics, among)
    order = {name: i for i, name in enumerate(METRICS)}
    rows.sort(key=lambda row: (names.index(row.run), order.get(row.metric, len(order)), row.how))
    there = outputs_of(store, names, among)
    return ScoreTable(
        names,
        tuple(_figure(store, row, there[row.run][0], among) for row in rows),
        {name: failed for name, (_, failed) in there.items()},
        shared,
        alike,
        {one.run: one.of_scores() for one in former_results(store, names, metrics) if one.scores},
        earlier_scores(store, names, metrics),
    )


def _shared(store: Store, names: Sequence[str]) -> tuple[int | None, bool]:
    """How many prompts runs of one set share, where some lack some; whether none lacks any."""
    sets = sets_of_runs(store, names)
    if len(names) < 2 or len(sets) < len(names) or len(set(sets.values())) > 1:
        return None, False
    found = sharing(store, names, shown=0)
    if not any(one.left_out for one in found.runs):
        return None, True
    return found.shared or None, False


def score_interval(metric: str, sums: Sequence[float], counts: Sequence[float]) -> Interval | None:
    """The interval of a mean score: a share's for what is 0 or 1, else that of a mean; pure.

    Args:
        metric: tells which.
        sums: per prompt, what its outputs come to.
        counts: per prompt, how many they are.
    """
    if is_share(metric):
        return share_clusters(sums, counts)
    return mean_interval(sums, counts, scale=SCALE)


def _figure(store: Store, row: ScoreRow, outputs: int, among: Sequence[str] = ()) -> ScoreFigure:
    share = is_share(row.metric)
    if share and row.examples == row.n:
        span, of_scored = wilson_open(row.ones, row.n), wilson_open(row.ones, row.scored)
        present = wilson_open(row.scored, row.n)
    else:
        behind = score_clusters(store, row, among)
        span = score_interval(row.metric, behind.sums, behind.counts)
        of_scored = score_interval(row.metric, behind.sums_scored, behind.counts_scored)
        present = _present(behind)
    return ScoreFigure(
        run=row.run,
        metric=row.metric,
        how=row.how,
        step=row.step,
        n=row.n,
        scored=row.scored,
        unparsed=row.unparsed,
        mean=row.mean,
        low=span.low if span else None,
        high=span.high if span else None,
        method=span.method if span else None,
        reasons=row.reasons,
        ones=row.ones if share else None,
        mean_scored=row.mean_scored,
        scored_low=of_scored.low if of_scored else None,
        scored_high=of_scored.high if of_scored else None,
        scored_method=of_scored.method if of_scored else None,
        share_scored=row.scored / row.n if row.n else None,
        share_low=present.low if present else None,
        share_high=present.high if present else None,
        unscored=0 if row.step else outputs - row.scored - row.unparsed,
        shared_by=tuple(among),
    )


def _present(behind: Clusters) -> Interval | None:
    prompts: dict[tuple[int, int], int] = {}
    for pair in zip(behind.counts_scored, behind.counts, strict=True):
        prompts[pair] = prompts.get(pair, 0) + 1
    return share_interval(sum(behind.counts_scored), sum(behind.counts), prompts)
