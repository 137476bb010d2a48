"""Comparison: runs in pairs on the questions they share, for any measure, and where they differ.

    sit results comparison --runs A,B,C --baseline A --metric accuracy,following:answer

Of each pair: both means over the shared questions, the paired difference with its interval and p
(`sit_core.results.output_values.difference_of_pairs`), p corrected by Holm over all pairs of a
measure, and how many questions both, only one, or neither got right. The second table lists the
single questions at which they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.verdict_settings import RUN, VerdictSettings, measured

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.results.estimate import Estimate
    from sit_core.results.output_values import Measure, OutputValue
    from sit_core.store import Store
    from sit_core.store.output_values import OutputRow

MOST_PAIRS = 300
"""So many pairs of runs are compared at once: all pairs of 25 runs."""
SHOWN = 80
"""Characters of a question in the list of flips."""
DIFFERENCE, P_HOLM = "difference", "p (Holm)"
Place = tuple[str, int]
"""A question, and which of a run's outputs for it."""


@dataclass(frozen=True, kw_only=True)
class ComparisonConfig(AnalysisConfig):
    """Which runs are compared by what."""

    baseline: str | None = setting(
        None,
        "Compare every run with this one; else all pairs.",
        label="Against",
        metavar="RUN",
        placeholder="all pairs",
        kind=RUN,
    )
    metric: tuple[str, ...] = measured(("following",))
    flips: int = setting(
        50,
        "So many differing questions are listed of each pair and measure.",
        label="Flips listed",
        ge=0,
        le=10_000,
    )
    verdicts: VerdictSettings = setting(VerdictSettings)


def comparison(store: "Store", config: ComparisonConfig) -> AnalysisTable:
    """A row per pair and measure, then the flips.

    Raises:
        SitError: a name is unknown, there are too many pairs, or runs have no such step.
    """
    from sit_core.results.output_values import measure, notes_of, output_values
    from sit_core.store.output_values import outputs_of_runs

    runs, pairs = pairs_of(store, config)
    measures = [measure(one) for one in config.metric]
    outputs: dict[str, dict[Place, OutputRow]] = {run: {} for run in runs}
    seen: dict[tuple[str, str], int] = {}
    for one in outputs_of_runs(store, runs):
        place = seen[one.run, one.question] = seen.get((one.run, one.question), -1) + 1
        outputs[one.run][one.question, place] = one
    made = _Comparison(config.flips)
    for of in measures:
        values = output_values(store, runs, of, config.verdicts)
        for first, second in pairs:
            made.compare(of, values, outputs[first], outputs[second], first, second)
    rows, note = made.rows, notes_of(store, runs, measures, config.verdicts)
    _correct(rows)
    note += " The difference is first minus second"
    note += f"; p is corrected by Holm over the {len(pairs)} pairs." if len(pairs) > 1 else "."
    if not all(of.share for of in measures):
        note += " Of a mean, 'only first' counts where the first is higher."
    flips = AnalysisTable(
        made.flips,
        title="Where they differ",
        samples=made.flip_samples,
        note=made.not_listed(),
    )
    further = (flips,) if made.flips else ()
    return AnalysisTable(rows, made.left_out, note.strip(), samples=made.samples, further=further)


def pairs_of(store: "Store", config: ComparisonConfig) -> tuple[list[str], list[tuple[str, str]]]:
    """The runs, and which two are compared.

    Raises:
        SitError: the baseline is unknown, or there are fewer than two runs or too many pairs.
    """
    from sit_core.errors import UsageError
    from sit_core.store.renaming import present_runs
    from sit_core.store.scores import check_runs

    runs = list(runs_of(store, config))
    if config.baseline is None:
        pairs = list(combinations(runs, 2))
    else:
        (baseline,) = present_runs(store, [config.baseline])
        check_runs(store, [baseline])
        pairs = [(run, baseline) for run in runs if run != baseline]
        runs = list(dict.fromkeys([*runs, baseline]))
    if not pairs:
        raise UsageError("A comparison needs at least two runs.")
    if len(pairs) > MOST_PAIRS:
        raise UsageError(
            f"These are {len(pairs):,} pairs; choose fewer runs, or one to compare with "
            "(--baseline)."
        )
    return runs, pairs


class _Comparison:
    """What is found, pair by pair."""

    def __init__(self, most_flips: int) -> None:
        self.most_flips = most_flips
        self.all_flips = 0
        self.listed = 0
        self.rows: list[dict[str, object]] = []
        self.samples: dict[tuple[int, str], list[str]] = {}
        self.flips: list[Row] = []
        self.flip_samples: dict[tuple[int, str], list[str]] = {}
        self.left_out: dict[str, int] = {}

    def compare(
        self,
        of: "Measure",
        values: "dict[str, OutputValue]",
        first_outputs: "dict[Place, OutputRow]",
        second_outputs: "dict[Place, OutputRow]",
        first: str,
        second: str,
    ) -> None:
        """Add the row of one pair and its flips."""
        from sit_core.results.output_values import difference_of_pairs, estimate_of

        shared = [place for place in first_outputs if place in second_outputs]
        alone = len(first_outputs) + len(second_outputs) - 2 * len(shared)
        if alone:
            self._leave_out(f"{first} – {second}: questions that only one of them has", alone)
        self.listed = 0
        pairs: list[tuple[str, float, float]] = []
        where: dict[str, list[str]] = {name: [] for name in ("", *_CELLS)}
        for place in shared:
            sides = (first_outputs[place], second_outputs[place])
            one, other = (values.get(side.id) for side in sides)
            if one is None or other is None or one.value is None or other.value is None:
                self._leave_out(f"{first} – {second}: {of.name}: {_why(of, one, other)}", 1)
                continue
            pairs.append((place[0], one.value, other.value))
            cell = _cell_of(one.value, other.value, share=of.share)
            ids = [side.id for side in sides]
            where[""] += ids
            if cell:
                where[cell] += ids
            if one.value != other.value:
                self._flip(of, first, second, sides, (one.value, other.value))
        row: dict[str, object] = {
            "first": first,
            "second": second,
            "measure": of.name,
            "mean of first": estimate_of(of, [(name, value) for name, value, _ in pairs]),
            "mean of second": estimate_of(of, [(name, value) for name, _, value in pairs]),
            DIFFERENCE: difference_of_pairs(of, pairs),
            P_HOLM: None,
        }
        for name in _CELLS:
            counted = of.share or name in _APART
            row[name] = len(where[name]) // 2 if counted else None
        for name, ids in where.items():
            self.samples[len(self.rows), name] = ids
        self.rows.append(row)

    def not_listed(self) -> str:
        """How many flips there are beyond those listed."""
        more = self.all_flips - len(self.flips)
        return f"{more:,} more differ (--flips lists more)." if more else ""

    def _flip(
        self,
        of: "Measure",
        first: str,
        second: str,
        sides: "tuple[OutputRow, OutputRow]",
        values: tuple[float, float],
    ) -> None:
        self.all_flips += 1
        if self.listed >= self.most_flips:
            return
        self.listed += 1
        self.flip_samples[len(self.flips), ""] = [side.id for side in sides]
        asked = sides[0].example
        self.flips.append(
            {
                "first": first,
                "second": second,
                "measure": of.name,
                "question": shortened(asked.input or asked.instruction),
                "of first": _value_said(values[0], share=of.share),
                "of second": _value_said(values[1], share=of.share),
            }
        )

    def _leave_out(self, why: str, many: int) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + many


_CELLS = ("both", "only first", "only second", "neither")
_APART = ("only first", "only second")


def shortened(text: str, longest: int = SHOWN) -> str:
    r"""A text on one line, without its middle where it is long: a question often ends its input.

    >>> shortened("a b\nc"), shortened("0123456789", 5)
    ('a b c', '01…89')
    """
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return " ".join(f"{text[:half]}…{text[-half:]}".split())


def _cell_of(first: float, second: float, *, share: bool) -> str:
    """Which count a pair belongs to.

    >>> _cell_of(1, 1, share=True), _cell_of(.2, .5, share=False), _cell_of(.2, .2, share=False)
    ('both', 'only second', '')
    """
    if first != second:
        return "only first" if first > second else "only second"
    if not share:
        return ""
    return "both" if first else "neither"


def _value_said(value: float, *, share: bool) -> str:
    return ("yes" if value else "no") if share and value in (0, 1) else f"{100 * value:.1f}"


def _why(of: "Measure", *sides: "OutputValue | None") -> str:
    """Why a pair has no two values."""
    from sit_core.results.output_values import why_missing

    for side in sides:
        if side is None:
            return why_missing(of)
        if side.value is None:
            return side.reason
    raise AssertionError("both have a value")


def _correct(rows: Sequence[dict[str, object]]) -> None:
    """Put p corrected by Holm over all pairs of a measure into their rows."""
    import numpy as np

    from sit_core.results.estimate import Estimate
    from sit_core.results.significance import holm

    of_measure: dict[object, list[tuple[int, float]]] = {}
    for number, row in enumerate(rows):
        found = row[DIFFERENCE]
        assert isinstance(found, Estimate)
        if found.p is not None:
            of_measure.setdefault(row["measure"], []).append((number, found.p))
    for family in of_measure.values():
        for (number, _), p in zip(family, holm(np.array([p for _, p in family])), strict=True):
            rows[number][P_HOLM] = float(p)


def comparison_figure(table: AnalysisTable) -> "Figure":
    """The differences with their intervals, a line each, and where none is."""
    import plotly.graph_objects as go

    from sit_core.figures.style import TEXT, calm
    from sit_core.figures.tables import LONGEST, label

    rows = [(number, row) for number, row in enumerate(table.rows) if _drawn(row[DIFFERENCE])]
    names = [f"{row['first']} − {row['second']}, {row['measure']}" for _, row in rows]
    found: list[Estimate] = [row[DIFFERENCE] for _, row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=[100 * (one.value or 0) for one in found],
        y=list(range(len(rows))),
        mode="markers",
        marker={"size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_points(one.high, one.value) for one in found],
            "arrayminus": [_points(one.value, one.low) for one in found],
        },
        customdata=[(number, DIFFERENCE) for number, _ in rows],
        text=[label(f"{name}: {one.shown}") for name, one in zip(names, found, strict=True)],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=0, line={"color": TEXT, "width": 1, "dash": "dot"})
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[label(name, 2 * LONGEST) for name in names],
        autorange="reversed",
    )
    figure.update_xaxes(title="difference in points", zeroline=False)
    return calm(figure, 120 + 34 * len(rows))


def _points(one: float | None, less: float | None) -> float:
    """How far two ends of an interval are apart, in points; 0 where there is none."""
    return 0.0 if one is None or less is None else 100 * (one - less)


def _drawn(cell: object) -> bool:
    from sit_core.results.estimate import Estimate

    return isinstance(cell, Estimate) and cell.value is not None


ANALYSES.add(
    "comparison",
    Analysis(
        "Comparison",
        "Which runs differ on the questions they share, and where?",
        comparison,
        config=ComparisonConfig,
        figure=comparison_figure,
    ),
)
