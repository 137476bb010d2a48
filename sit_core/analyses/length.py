"""Length (paper, Figure 3): do accuracy and following fall as texts grow longer?

Outputs are sorted by a length; a window of neighbours moves along, and its mean is a point of the
curve, with a band (`sit_core.statistics.bootstrap_band`). Beside the curve stand Spearman's ρ of
length and value (`spearman`) and a logistic trend, its slope the change of the log odds each time
the length doubles (`logistic_trend`): logit P = a + b·log2(length).

The control asks whether that is because outputs grow with inputs: outputs are put into strata of
about the same intermediate length, and the slope is the one within strata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.verdict_settings import VerdictSettings, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plotly.graph_objects import Figure

    from sit_core.results.estimate import Estimate
    from sit_core.results.output_values import Measure
    from sit_core.store import Store
    from sit_core.store.output_values import OutputRow

POINTS = 100
"""At most so many windows of a curve are points of it."""
DRAWN = 10
"""So many runs are in the figure: as many as have a colour."""
FEWEST = 10
"""Outputs of a window, at least, where none is said: as in the paper."""
_CUT = {"complete": False, "refused": False, "cut": True}


@dataclass(frozen=True, kw_only=True)
class LengthConfig(AnalysisConfig):
    """What is sorted by which length."""

    metric: tuple[str, ...] = measured(("following",))
    x: Literal["input", "intermediate", "output"] = setting(
        "input",
        "Whose length: of the input, the output, or of its part before the last step.",
        label="Length of",
        choices={"input": "input", "intermediate": "intermediate text", "output": "output"},
    )
    unit: Literal["tokens", "words", "characters"] = setting(
        "words", "Counted in; tokens are those of --tokenizer.", label="Counted in"
    )
    tokenizer: str | None = setting(
        None,
        "Whose tokens: a folder, the hub id of a model on this machine, or microlab.",
        label="Tokenizer",
        metavar="NAME",
        placeholder="for tokens",
    )
    smooth: int | None = setting(
        None,
        "Outputs in a window; else a tenth of them, at least 10.",
        label="Window",
        ge=1,
        placeholder="a tenth",
    )
    sample: int | None = setting(
        None,
        "Only so many questions, drawn from those that all runs have.",
        label="Sample of",
        ge=1,
        placeholder="all questions",
    )
    seed: int = setting(0, "Of the sample and the band.", label="Seed", ge=0)
    within: bool = setting(
        False,
        "Also the trend among outputs of about the same intermediate length (of intermediate "
        "texts: input length). The parts of each output are looked for, which takes a while.",
        label="Within equal intermediate length",
    )
    strata: int = setting(5, "Groups of about the same length, for --within.", label="Groups", ge=2)
    verdicts: VerdictSettings = setting(VerdictSettings)

    def faults(self) -> "Iterable[str]":
        """Tokens need a tokenizer."""
        from sit_core.results.text_lengths import NO_TOKENIZER

        if self.unit == "tokens" and not self.tokenizer:
            yield NO_TOKENIZER


@dataclass(frozen=True, slots=True)
class _Item:
    """One output with its length and what is measured of it."""

    length: int
    output: "OutputRow"
    value: float


def length(store: "Store", config: LengthConfig) -> AnalysisTable:
    """Curves of means in moving windows; a row per run and measure.

    Raises:
        SitError: a metric, step or judge is unknown, or the tokenizer is not here.
    """
    from sit_core.results.output_values import measure, notes_of, output_values, why_missing
    from sit_core.results.text_lengths import counter
    from sit_core.store.output_values import outputs_of_runs

    runs = runs_of(store, config)
    measures = [measure(one) for one in config.metric]
    lengths = _Lengths(counter(config.unit, config.tokenizer))
    outputs, said, left_out = _sampled(outputs_of_runs(store, runs), config)
    groups: list[tuple[str, Measure, list[_Item]]] = []
    for of in measures:
        values = output_values(store, runs, of, config.verdicts)
        items: dict[str, list[_Item]] = {run: [] for run in runs}
        for one in outputs:
            found = values.get(one.id)
            long = lengths.of(one, config.x)
            why = long if isinstance(long, str) else ""
            if found is None or found.value is None:
                why = found.reason if found else why_missing(of)
            if found is None or found.value is None or isinstance(long, str):
                left_out[f"{of.name}: {why}"] = left_out.get(f"{of.name}: {why}", 0) + 1
            else:
                items[one.run].append(_Item(long, one, found.value))
        for run in runs:
            items[run].sort(key=lambda item: (item.length, item.output.row, item.output.id))
            groups.append((run, of, items[run]))
    curves = _Curves(config)
    for run, of, kept in groups:
        curves.add(run, of, kept)
    further = [_cut_table(groups)] if any(_cuts(kept)[0] for _, _, kept in groups) else []
    if config.within:
        further.append(_within_table(groups, lengths, config))
    notes = [*said, *curves.notes(len(runs)), notes_of(store, runs, measures, config.verdicts)]
    return AnalysisTable(
        curves.rows,
        left_out | curves.left_out,
        " ".join(note for note in notes if note),
        samples=curves.samples,
        further=further,
        points=curves.points,
        point_samples=curves.point_samples,
        x_title=f"length of the {x_title(config)}",
    )


class _Lengths:
    """Lengths of outputs and what belongs to them, each text counted once."""

    def __init__(self, count: "Callable[[str], int]") -> None:
        self._count, self._known = count, dict[str, int]()

    def of(self, one: "OutputRow", what: str) -> int | str:
        """The length, or why there is none."""
        from sit_core.records import Unparsed
        from sit_core.results.text_lengths import intermediate_text

        if what == "intermediate":
            part = intermediate_text(one.output, one.example)
            if isinstance(part, Unparsed):
                return f"no intermediate text: {part.reason}"
            return self._counted(part)
        if what == "output":
            return self._counted(one.output)
        return self._counted(one.example.input) if one.example.input else "it has no input"

    def _counted(self, text: str) -> int:
        if text not in self._known:
            self._known[text] = self._count(text)
        return self._known[text]


def _sampled(
    outputs: "list[OutputRow]", config: LengthConfig
) -> "tuple[list[OutputRow], list[str], dict[str, int]]":
    """The outputs for a seeded sample of questions, what is to be said of it, and what is left."""
    import random

    if config.sample is None:
        return outputs, [], {}
    of_runs: dict[str, set[str]] = {}
    for one in outputs:
        of_runs.setdefault(one.run, set()).add(one.question)
    shared = sorted(set.intersection(*of_runs.values())) if of_runs else []
    many = min(config.sample, len(shared))
    chosen = set(random.Random(config.seed).sample(shared, many))
    kept = [one for one in outputs if one.question in chosen]
    note = f"A sample of {many:,} of the {len(shared):,} questions that all runs have, seed "
    rest = len(outputs) - len(kept)
    return kept, [f"{note}{config.seed}."], {"not in the sample": rest} if rest else {}


class _Curves:
    """The rows and the points of the curves."""

    def __init__(self, config: LengthConfig) -> None:
        self.config = config
        self.rows: list[Row] = []
        self.points: list[Row] = []
        self.point_samples: list[list[str]] = []
        self.samples: dict[tuple[int, str], list[str]] = {}
        self.left_out: dict[str, int] = {}
        self._windows: dict[int, bool] = {}

    def add(self, run: str, of: "Measure", kept: Sequence[_Item]) -> None:
        """One run by one measure; its outputs sorted by length."""
        from sit_core.results.output_values import estimate_of
        from sit_core.statistics import spearman

        questions = [item.output.question for item in kept]
        values = [item.value for item in kept]
        ranks = spearman([item.length for item in kept], values, prompts=questions)
        slope, empty = _slope(kept)
        if empty:
            why = f"{of.name}: of the trend only, because the length is 0"
            self.left_out[why] = self.left_out.get(why, 0) + empty
        cut, unknown = _cuts(kept)
        self.samples[len(self.rows), ""] = [item.output.id for item in kept]
        if cut:
            self.samples[len(self.rows), "cut"] = [i.output.id for i in kept if _is_cut(i)]
        self.rows.append(
            {
                "run": run,
                "measure": of.name,
                "length": _range([item.length for item in kept]),
                "mean": estimate_of(of, list(zip(questions, values, strict=True))),
                "spearman ρ": _estimate(ranks.rho, ranks.interval, ranks.n, ranks.why),
                "slope per doubling": slope,
                "cut": _cut_words(len(kept), cut, unknown),
            }
        )
        self._add_points(run, of, kept, values, questions)

    def _add_points(
        self,
        run: str,
        of: "Measure",
        kept: Sequence[_Item],
        values: Sequence[float],
        questions: Sequence[str],
    ) -> None:
        from sit_core.results.estimate import Estimate
        from sit_core.statistics import bootstrap_band, window_starts

        size = self.config.smooth or max(FEWEST, round(len(kept) / 10))
        starts = window_starts(len(kept), size, POINTS)
        self._windows[size] = len(kept) - size + 1 > len(starts) > 0
        band = bootstrap_band(values, questions, starts, size, seed=self.config.seed)
        for start, ends in zip(starts, band, strict=True):
            window = kept[start : start + size]
            mean = sum(item.value for item in window) / size
            self.points.append(
                {
                    "run": run,
                    "measure": of.name,
                    "length": sum(item.length for item in window) / size,
                    "from": window[0].length,
                    "to": window[-1].length,
                    "mean": Estimate.of(mean, ends, size),
                }
            )
            self.point_samples.append([item.output.id for item in window])

    def notes(self, runs: int) -> list[str]:
        """How the curves are made."""
        config, sizes = self.config, sorted(self._windows)
        found = [f"Lengths are of the {x_title(config)}."]
        if sizes:
            many = " or ".join(f"{size:,}" for size in sizes)
            some = any(self._windows.values())
            found.append(
                f"A point is the mean of {many} outputs of neighbouring lengths"
                + (f"; {POINTS} of the windows are shown." if some else ".")
            )
        found.append(
            "The slope is the change of the log odds each time the length doubles; below 0: "
            "longer ones fare worse. ρ: of length and value."
        )
        if runs > DRAWN:
            found.append(f"The figure shows the first {DRAWN} of {runs:,} runs.")
        return found


def x_title(config: LengthConfig) -> str:
    """Which length, counted in what.

    >>> x_title(LengthConfig(unit="tokens", tokenizer="microlab"))
    'input in tokens of microlab'
    """
    unit = f"tokens of {config.tokenizer}" if config.unit == "tokens" else config.unit
    return f"{'intermediate text' if config.x == 'intermediate' else config.x} in {unit}"


def _slope(kept: Sequence[_Item], strata: Sequence[int] | None = None) -> "tuple[Estimate, int]":
    """The logistic trend over log2 of the length, and how many have no length to take it of."""
    from math import log2

    from sit_core.statistics import logistic_trend

    there = [place for place, item in enumerate(kept) if item.length > 0]
    found = logistic_trend(
        [log2(kept[place].length) for place in there],
        [kept[place].value for place in there],
        strata=None if strata is None else [strata[place] for place in there],
        prompts=[kept[place].output.question for place in there],
    )
    return _estimate(found.slope, found.interval, found.n, found.why), len(kept) - len(there)


def _estimate(value: float | None, interval: "object", n: int, why: str) -> "Estimate":
    from sit_core.results.estimate import Estimate
    from sit_core.statistics import Interval

    assert interval is None or isinstance(interval, Interval)
    if value is not None and interval is None:
        return Estimate(value, n=n, percent=False, signed=True, why=why)
    why = f"not defined: {why}" if why else ""
    return Estimate.of(value, interval, n, percent=False, signed=True, why=why)


def _range(lengths: Sequence[int]) -> str:
    """Median and ends, in words."""
    from statistics import median

    if not lengths:
        return "–"
    return f"{median(lengths):,.0f} ({min(lengths):,}–{max(lengths):,})"


def _is_cut(item: _Item) -> bool | None:
    """Whether a limit ended the output; None: nobody said how it ended."""
    outcome = item.output.outcome
    return None if outcome is None else _CUT.get(outcome.value)


def _cuts(kept: Sequence[_Item]) -> tuple[int, int]:
    """How many outputs a limit ended, and of how many that is not known."""
    said = [_is_cut(item) for item in kept]
    return said.count(True), said.count(None)


def _cut_words(n: int, cut: int, unknown: int) -> str:
    if not n:
        return "–"
    if unknown == n:
        return "not known"
    return f"{cut:,}" + (f", of {unknown:,} not known" if unknown else "")


def _cut_table(groups: "Sequence[tuple[str, Measure, list[_Item]]]") -> AnalysisTable:
    """Outputs that a limit ended, apart: they are long and lack what was to come."""
    from sit_core.results.output_values import estimate_of

    rows: list[Row] = []
    samples: dict[tuple[int, str], list[str]] = {}
    for run, of, kept in groups:
        cut = [item for item in kept if _is_cut(item)]
        if not cut:
            continue
        others = [item for item in kept if not _is_cut(item)]
        row: dict[str, object] = {"run": run, "measure": of.name}
        for name, some in (("cut", cut), ("the others", others)):
            samples[len(rows), name] = [item.output.id for item in some]
            row[name] = estimate_of(of, [(item.output.question, item.value) for item in some])
        row["slope without cut ones"] = _slope(others)[0]
        samples[len(rows), "slope without cut ones"] = samples[len(rows), "the others"]
        rows.append(row)
    return AnalysisTable(rows, title="Outputs cut at a limit, and the others", samples=samples)


def _within_table(
    groups: "Sequence[tuple[str, Measure, list[_Item]]]", lengths: _Lengths, config: LengthConfig
) -> AnalysisTable:
    """The trend within groups of about the same intermediate length, and over all of them."""
    from sit_core.results.output_values import estimate_of

    other = "input" if config.x == "intermediate" else "intermediate"
    words = f"{other} length"
    rows: list[Row] = []
    samples: dict[tuple[int, str], list[str]] = {}
    left_out: dict[str, int] = {}

    def add(run: str, of: "Measure", which: str, some: Sequence[_Item], slope: "Estimate") -> None:
        samples[len(rows), ""] = [item.output.id for item in some]
        mean = estimate_of(of, [(item.output.question, item.value) for item in some])
        row = {"run": run, "measure": of.name, words: which, "mean": mean}
        rows.append({**row, "slope per doubling": slope})

    for run, of, kept in groups:
        both: list[tuple[int, _Item]] = []
        for item in kept:
            found = lengths.of(item.output, other)
            if isinstance(found, str):
                why = f"{of.name}: {found}"
                left_out[why] = left_out.get(why, 0) + 1
            else:
                both.append((found, item))
        if not both:
            continue
        strata = strata_of([long for long, _ in both], config.strata)
        items = [item for _, item in both]
        for one in sorted(set(strata)):
            some = [place for place, stratum in enumerate(strata) if stratum == one]
            ends = [both[place][0] for place in some]
            inside = [items[place] for place in some]
            add(run, of, f"{min(ends):,}–{max(ends):,}", inside, _slope(inside)[0])
        add(run, of, "all, within groups", items, _slope(items, strata)[0])
        add(run, of, "all, as they are", items, _slope(items)[0])
    note = (
        f"The slope over the {config.x} length among outputs of about the same {words}, in "
        f"{config.strata} groups. Only outputs whose intermediate text was found are here, so "
        "those that left a step out are not: following is that of the rest."
    )
    title = f"Within equal {words}"
    return AnalysisTable(rows, left_out, note, title=title, samples=samples)


def strata_of(lengths: Sequence[int], many: int) -> list[int]:
    """Groups of about as many outputs by length, from 0; equal lengths are in one group.

    >>> strata_of([5, 1, 2, 1, 9, 5], 3)
    [1, 0, 1, 0, 2, 1]
    """
    order = sorted(range(len(lengths)), key=lambda place: lengths[place])
    found = [0] * len(lengths)
    for rank, place in enumerate(order):
        same = rank and lengths[order[rank - 1]] == lengths[place]
        found[place] = found[order[rank - 1]] if same else rank * many // len(lengths)
    return found


def length_figure(table: AnalysisTable) -> "Figure":
    """A line per run, a panel per measure."""
    from sit_core.figures.lengths import lengths_figure

    return lengths_figure(table.points, table.run_places, table.x_title, DRAWN)


ANALYSES.add(
    "length",
    Analysis(
        "Length",
        "Do accuracy and following fall as texts grow longer?",
        length,
        config=LengthConfig,
        most_runs=DRAWN,
        figure=length_figure,
    ),
)
