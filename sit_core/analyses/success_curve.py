"""Success against the number of tasks: a logistic curve of short chains, held against longer ones.

The curve is `sit_core.statistics.logistic`. Beyond the chains that it is fitted on stand the
prediction (between which shares so many new outputs are expected to lie) and what was observed; how
far they are apart is said in words. Chains of one length may differ by far more than chance (R+P+A
from P+R+A): Pearson's χ² of the chains around their length's rate, over its degrees of freedom, is
the dispersion by which counts are divided for the intervals (McCullagh and Nelder 1989,
*Generalized Linear Models*, 4.5), where it is above 1. Part of the analysis *chain-length*.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Any

from sit_core.results.analyses import AnalysisTable, Row
from sit_core.results.estimate import Estimate
from sit_core.statistics.interval import figure_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.statistics import Interval, LogisticFit

SYSTEM, NUMBER = "system", "steps"
PREDICTED, OBSERVED, WITHIN = "predicted", "observed", "observed within"
FITTED = "fitted on"
_VAGUE = 0.8
"""A prediction that spans more says next to nothing."""
_BETWEEN = 8
"""Places of the drawn curve from one number of steps to the next."""


@dataclass(slots=True)
class CurveData:
    """What was observed of one system."""

    system: str
    numbers: list[int] = field(default_factory=list)
    seen: list[Estimate] = field(default_factory=list)
    ids: list[Sequence[str]] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    """Effective numbers of outputs: fewer where a chain was asked of a question several times."""
    chains: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    """Of each number of steps: (done, count) of each of its chains, effective."""

    def add(
        self,
        number: int,
        seen: Estimate,
        ids: Sequence[str],
        chains: Sequence[Sequence[Sequence[int]]],
    ) -> None:
        """The outputs of one number of steps.

        Args:
            number: of steps.
            seen: their rate.
            ids: of the outputs.
            chains: per chain, per question (done, outputs).
        """
        import numpy as np

        from sit_core.statistics.share_clusters import share_clusters_rows

        if seen.value is None:
            return
        found = []
        for questions in chains:
            yes = np.array([[done for done, _ in questions]], dtype=float)
            of = np.array([[count for _, count in questions]], dtype=float)
            count = float(share_clusters_rows(yes, of)[2][0])
            found.append((min(count, count * float(yes.sum() / of.sum())), count))
        self.numbers.append(number)
        self.seen.append(seen)
        self.ids.append(ids)
        self.chains.append(tuple(found))
        self.counts.append(sum(count for _, count in found))

    def dispersion(self, up_to: int) -> float:
        """How much more chains of one length differ than by chance; at least 1."""
        squares = freedom = 0.0
        for number, chains in zip(self.numbers, self.chains, strict=True):
            rate = sum(done for done, _ in chains) / sum(count for _, count in chains)
            if number > up_to or len(chains) < 2 or not 0 < rate < 1:
                continue
            freedom += len(chains) - 1
            squares += sum(
                (done - count * rate) ** 2 / (count * rate * (1 - rate)) for done, count in chains
            )
        return max(1.0, squares / freedom) if freedom else 1.0

    def fit(self, up_to: int, *, over: float = 1.0) -> "LogisticFit | None":
        """The curve of the chains up to so long; ``over``: what counts are divided by."""
        from sit_core.statistics import logistic

        short = [
            (number, done, count)
            for number, chains in zip(self.numbers, self.chains, strict=True)
            for done, count in chains
            if number <= up_to
        ]
        return logistic(
            [number for number, _, _ in short],
            [done / over for _, done, _ in short],
            [count / over for _, _, count in short],
        )

    def points(self, up_to: int) -> list[tuple[Row, Sequence[str]]]:
        """What the figure draws: each number of steps as observed, and the curve's places."""
        fit, wide = self.fit(up_to), self.fit(up_to, over=self.dispersion(up_to))
        found: list[tuple[Row, Sequence[str]]] = []
        for place, number in enumerate(self.numbers):
            row = {SYSTEM: self.system, NUMBER: number, OBSERVED: self.seen[place]}
            found.append((row, self.ids[place]))
        if fit is None or wide is None:
            return found
        last = max(self.numbers)
        first = min(self.numbers)
        for k in range((last - first) * _BETWEEN + 1):
            x = first + k / _BETWEEN
            rate = _around(fit.rate(x), wide.rate_interval(x), 0)
            found.append(({SYSTEM: self.system, NUMBER: x, PREDICTED: rate}, ()))
        return found


def _around(value: float, interval: "Interval", n: int, **more: Any) -> Estimate:
    """An estimate whose interval, which was made of fewer effective counts, holds it."""
    low, high = min(interval.low, value), max(interval.high, value)
    return Estimate(value, low, high, n, interval.method, **more)


def curve_rows(
    data: CurveData, up_to: int
) -> tuple[list[tuple[dict[str, Any], Sequence[str]]], str]:
    """A row for each longer chain (prediction beside observation), and what they say together."""
    over = data.dispersion(up_to)
    fit, wide = data.fit(up_to), data.fit(up_to, over=over)
    short = [number for number in data.numbers if number <= up_to]
    if fit is None or wide is None:
        return [], (
            f"{data.system}: no curve, for it needs outputs of two numbers of steps up to {up_to}."
        )
    fitted = sum(
        seen.n for number, seen in zip(data.numbers, data.seen, strict=True) if number <= up_to
    )
    odds = _around(fit.slope, wide.interval, fitted, percent=False, signed=True)
    rows: list[tuple[dict[str, Any], Sequence[str]]] = []
    inside = gaps = vague = 0.0
    longer = [i for i, number in enumerate(data.numbers) if number > up_to]
    for i in longer:
        number, seen = data.numbers[i], data.seen[i]
        assert seen.value is not None
        ends = wide.predicted(number, data.counts[i] / over)
        predicted = _around(fit.rate(number), ends, seen.n)
        within = ends.low - 1e-9 <= seen.value <= ends.high + 1e-9
        vague += ends.high - ends.low > _VAGUE
        inside, gaps = inside + within, gaps + seen.value - fit.rate(number)
        row = {
            SYSTEM: data.system,
            FITTED: ", ".join(map(str, short)),
            "log-odds per step": odds,
            NUMBER: number,
            PREDICTED: predicted,
            OBSERVED: seen,
            WITHIN: "yes" if within else "no",
        }
        rows.append((row, data.ids[i]))
    ratio = figure_text(
        exp(fit.slope), exp(odds.low or 0.0), exp(odds.high or 0.0), digits=".2g", scale=1
    )
    said = f"{data.system}: each step more multiplies the odds of success by {ratio}"
    if over > 1:
        said += f"; chains of one length differ {over:.3g} times as much as by chance"
    if not longer:
        row = {SYSTEM: data.system, FITTED: ", ".join(map(str, short)), "log-odds per step": odds}
        return [(row, [one for ids in data.ids for one in ids])], f"{said}; no longer chains."
    mean = 100 * gaps / len(longer)
    said += (
        f"; of {len(longer)} longer {'chain lengths' if len(longer) > 1 else 'chain length'} "
        f"{inside:.0f} {'lie' if inside != 1 else 'lies'} where predicted, on average "
        f"{abs(mean):.1f} points {'above' if mean >= 0 else 'below'} the curve"
    )
    said += f"; {vague:.0f} predictions are too wide to test anything." if vague else "."
    return rows, said


def draw_curves(figure: "Figure", table: AnalysisTable) -> None:
    """Into the first panel, per system: rates with intervals and its own mark, the curve dashed."""
    from sit_core.figures.estimates import percents, whiskers
    from sit_core.figures.style import run_colour
    from sit_core.figures.tables import label

    systems = list(dict.fromkeys(str(row[SYSTEM]) for row in table.points))
    marks = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
    for place, system in enumerate(systems):
        mine = [(i, row) for i, row in enumerate(table.points) if row[SYSTEM] == system]
        seen = [(i, row[NUMBER], row[OBSERVED]) for i, row in mine if row.get(OBSERVED)]
        curve = [(row[NUMBER], row[PREDICTED]) for _, row in mine if row.get(PREDICTED)]
        colour = run_colour(table.run_places.get(system, place))
        shift = 0.05 * (place - (len(systems) - 1) / 2)
        figure.add_scatter(
            row=1,
            col=1,
            name=label(system),
            legendgroup=system,
            mode="markers",
            x=[number + shift for _, number, _ in seen],
            y=percents([one for *_, one in seen]),
            error_y=whiskers([one for *_, one in seen], width=3),
            customdata=[(-1, i) for i, _, _ in seen],
            text=[f"{label(system)}, {number} steps: {one.shown}" for _, number, one in seen],
            hovertemplate="%{text}<extra></extra>",
            marker={"color": colour, "size": 10, "symbol": marks[place % len(marks)]},
        )
        if curve:
            figure.add_scatter(
                row=1,
                col=1,
                name=f"{label(system)}, curve",
                legendgroup=system,
                showlegend=False,
                mode="lines",
                x=[x for x, _ in curve],
                y=percents([one for _, one in curve]),
                hoverinfo="skip",
                line={"color": colour, "dash": "dash", "width": 1.5},
            )
    figure.update_xaxes(title_text="number of tasks", dtick=1, row=1, col=1)
    figure.update_yaxes(ticksuffix=" %", range=[-3, 103], row=1, col=1)
