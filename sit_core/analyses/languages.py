"""Languages (paper, Table 3): each language's figures per system, in seen and unseen groups.

    sit results languages --runs baseline.es,sit.es --baseline baseline.es

A figure is the mean over all outputs in a language that have a gold, an output without an answer
as 0 (docs/statistics.md); the difference is that to the baseline on the questions that both have
in that language, output by output. A group's figures are over the outputs of all its languages
together, where one question in several languages counts as one cluster. Exact match and F1 compare
words as SQuAD's script does in English and MLQA's elsewhere (P. Lewis et al. 2020), or by the
rules for all scripts (``sit score --words all-scripts``); contains-gold, of the whole output, is
close to the accuracy of the paper and favours long outputs. "Truly translated" is the verdict
*yes* on the step ``translate``: what is unsure stands apart and is in no share.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sit_core.config.fields import setting
from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import WHO, VerdictSettings, measured, systems_by

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.results.output_values import Measure
    from sit_core.results.run_factors import RunFactors
    from sit_core.store import Store
    from sit_core.store.output_values import OutputRow

SEEN, UNSEEN, NEITHER = "seen", "unseen", "not said"
GROUPS = (SEEN, UNSEEN, NEITHER)
OWN = "own"
"""After ``gold-``: the gold in the language of the output."""
ENGLISH = "en"
ALL = "all"
"""What the row of a whole group has for its language."""
NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class LanguagesConfig(AnalysisConfig):
    """What is compared with what, and which languages were seen."""

    metric: tuple[str, ...] = measured(("exact-match", "f1", "contains-gold"))
    group: tuple[str, ...] = systems_by("method where all runs have one, else run", was=("by",))
    baseline: tuple[str, ...] = setting(
        (),
        "What the others are compared with: systems as they are called here, or runs; empty: the "
        "method IT.",
        label="Baseline",
        metavar="A,B",
        comma=True,
        unique=True,
    )
    seen: tuple[str, ...] = setting(
        ("de", "zh", "ru", "es"),
        "Languages of the training data.",
        label="Seen",
        metavar="LANGUAGE,…",
        comma=True,
        unique=True,
    )
    unseen: tuple[str, ...] = setting(
        ("ar", "el", "vi", "hi", "tr", "th"),
        "Languages that were not among them; those in neither list are a group of their own.",
        label="Unseen",
        metavar="LANGUAGE,…",
        comma=True,
        unique=True,
    )
    words: Literal["last", "squad-mlqa", "all-scripts"] = setting(
        "last",
        "Exact match, F1 and contains-gold with these words (sit score --words).",
        label="Words of exact match and F1",
        choices={
            "last": "as last scored",
            "squad-mlqa": "as SQuAD's and MLQA's scripts",
            "all-scripts": "by rules for every script",
        },
    )
    step: str = setting("translate", "The step that is to translate.", label="Translating step")
    verdicts: VerdictSettings = setting(VerdictSettings(by="rule", partly="not-done"))


@dataclass(frozen=True, slots=True)
class _Value:
    """One output's value."""

    id: str
    question: str
    """The same for the same question in the same language in all runs."""
    cluster: str
    """The same for a question in all languages, where its id says so."""
    value: float


@dataclass(frozen=True, slots=True)
class _Cell:
    """One system in one language, or in all languages of a group."""

    model: str
    system: str
    group: str
    language: str


def languages(store: "Store", config: LanguagesConfig) -> AnalysisTable:
    """A row per language and system, then a row per group and system.

    Raises:
        UsageError: a baseline or a metric that there is not.
    """
    from sit_core.metrics.registry import OF_WORDS
    from sit_core.results.output_values import measure, notes_of
    from sit_core.results.run_factors import run_factors
    from sit_core.store.output_values import outputs_of_runs

    runs = runs_of(store, config)
    factors = run_factors(store, runs)
    group, systems = _systems(factors, config.group)
    baseline = _baseline(config, group, systems)
    outputs = outputs_of_runs(store, runs)
    given = {one.run: one.values.get("language", "") for one in factors}
    of_output = {one.id: _language(one, given[one.run]) for one in outputs}
    cells = {
        one.id: _Cell(*systems[one.run], _group(of_output[one.id], config), of_output[one.id])
        for one in outputs
    }
    measures = [measure(one) for one in config.metric]
    shape = _Shape(store, config, runs, outputs, cells, baseline)
    main = shape.table(measures)
    golds = [
        replace(one, step=f"gold-{which}")
        for one in measures
        if one.metric in OF_WORDS and not one.step
        for which in (ENGLISH, OWN)
    ]
    further = [*shape.golds(golds), *shape.translated()]
    fixed = OF_WORDS if config.words != "last" else frozenset[str]()
    there = {(cell.language, cell.system in baseline) for cell in cells.values()}
    alone = sorted({name for name, is_it in there if not is_it and (name, True) not in there})
    said = [
        f"Seen: {', '.join(config.seen) or 'none'}; unseen: {', '.join(config.unseen) or 'none'}.",
        f"Systems by {', '.join(group)}; compared with {', '.join(sorted(baseline))}."
        if baseline
        else "Nothing is compared: name a baseline (--baseline).",
        f"No baseline in {', '.join(alone)}." if baseline and alone else "",
        notes_of(
            store, runs, [one for one in measures if one.metric not in fixed], config.verdicts
        ),
    ]
    called = {run: _called(*of_run) for run, of_run in systems.items()}
    return replace(main, note=" ".join(filter(None, said)), further=further, systems=called)


def _systems(
    factors: "Sequence[RunFactors]", group: Sequence[str]
) -> tuple[Sequence[str], dict[str, tuple[str, str]]]:
    """By what systems are told apart, and run → (its model, its system)."""
    from sit_core.results.run_factors import METHOD, MODEL, RUN, systems

    if not group:
        every = factors and all(METHOD in one.values for one in factors)
        group = (METHOD,) if every else (RUN,)
    several = len({one.value(MODEL) for one in factors}) > 1 and not {RUN, MODEL} & {*group}
    named = systems(factors, group)
    return group, {
        one.run: (one.value(MODEL) if several else "", named[one.run]) for one in factors
    }


def _baseline(
    config: LanguagesConfig, group: Sequence[str], systems: Mapping[str, tuple[str, str]]
) -> frozenset[str]:
    there = {system for _, system in systems.values()}
    if config.baseline:
        wrong = [one for one in config.baseline if one not in there and one not in systems]
        if wrong:
            said = [unknown("baseline", one, sorted(there)) for one in wrong]
            raise UsageError(" ".join(said))
        return frozenset(systems[one][1] if one in systems else one for one in config.baseline)
    return frozenset(one for one in there if tuple(group) == ("method",) and one.casefold() == "it")


def _language(one: "OutputRow", given: str) -> str:
    """The example's language, else the run's own factor; without region or script."""
    named = one.example.language or (given if "," not in given and " " not in given else "")
    return named.lower().replace("_", "-").split("-")[0] or NOT_KNOWN


def _group(language: str, config: LanguagesConfig) -> str:
    if language in {one.lower() for one in config.seen}:
        return SEEN
    return UNSEEN if language in {one.lower() for one in config.unseen} else NEITHER


@dataclass(frozen=True, slots=True)
class _Shape:
    """What all tables of the analysis have in common: their rows, and how a cell is filled."""

    store: "Store"
    config: LanguagesConfig
    runs: Sequence[str]
    outputs: "Sequence[OutputRow]"
    cells: Mapping[str, _Cell]
    baseline: frozenset[str]

    def places(self) -> list[_Cell]:
        """The rows: languages by group in the order of the settings, then whole groups."""
        order = [*(one.lower() for one in (*self.config.seen, *self.config.unseen))]
        systems = list(dict.fromkeys((one.model, one.system) for one in self.cells.values()))
        systems.sort(key=lambda one: (one[0], one[1] not in self.baseline))
        there = set(self.cells.values())

        def place(cell: _Cell) -> tuple[int, int, str, int]:
            known = order.index(cell.language) if cell.language in order else len(order)
            number = systems.index((cell.model, cell.system))
            return (GROUPS.index(cell.group), known, cell.language, number)

        single = sorted(there, key=place)
        spoken: dict[_Cell, set[str]] = {}
        for cell in there:
            spoken.setdefault(replace(cell, language=ALL), set()).add(cell.language)
        whole = [cell for cell, names in spoken.items() if len(names) > 1]
        return [*single, *sorted(whole, key=place)]

    def values(self, of: "Measure", left_out: dict[str, int]) -> dict[_Cell, list[_Value]]:
        """Cell → the values of its outputs; whole groups too."""
        from sit_core.metrics.registry import GOLD, OF_WORDS, Options
        from sit_core.results.output_values import output_values, why_missing

        how = None
        if of.metric in OF_WORDS and self.config.words != "last":
            how = Options(words=self.config.words).how(of.metric)
        asked = [of]
        if of.step == f"{GOLD}{OWN}":
            spoken = dict.fromkeys(cell.language for cell in self.cells.values())
            asked = [replace(of, step=f"{GOLD}{one}") for one in spoken]
        found = {
            one.step: output_values(self.store, self.runs, one, self.config.verdicts, how)
            for one in asked
        }
        kept: dict[_Cell, list[_Value]] = {}
        for one in self.outputs:
            cell = self.cells[one.id]
            step = f"{GOLD}{cell.language}" if of.step == f"{GOLD}{OWN}" else of.step
            value = found[step].get(one.id)
            if value is None or value.value is None:
                missing = "no gold in this language" if of.step else why_missing(of)
                why = f"{of.name}: {value.reason if value else missing}"
                left_out[why] = left_out.get(why, 0) + 1
                continue
            cluster = str(one.example.meta.get("id") or one.question)
            question = f"{cell.language} {one.question}"
            mine = _Value(one.id, question, cluster, value.value)
            kept.setdefault(cell, []).append(mine)
            kept.setdefault(replace(cell, language=ALL), []).append(mine)
        return kept

    def table(self, measures: "Sequence[Measure]") -> AnalysisTable:
        """Each measure, and its difference to the baseline."""
        left_out: dict[str, int] = {}
        values = {of: self.values(of, left_out) for of in measures}
        rows: list[Row] = []
        samples: dict[tuple[int, str], Sequence[str]] = {}
        for cell in self.places():
            row: dict[str, Any] = _head(cell)
            for of in measures:
                mine = values[of].get(cell, [])
                samples[len(rows), of.name] = [one.id for one in mine]
                row[of.name] = _estimate(of, mine)
                if self.baseline:
                    row[f"{of.name} − baseline"] = self._difference(of, values[of], cell)
            samples[len(rows), ""] = [
                name for name, of_one in self.cells.items() if _within(of_one, cell)
            ]
            rows.append(row)
        return AnalysisTable(rows, left_out, samples=samples)

    def _difference(
        self, of: "Measure", values: Mapping[_Cell, Sequence[_Value]], cell: _Cell
    ) -> Estimate:
        from sit_core.results.output_values import difference_of_pairs, pairs_of

        if cell.system in self.baseline:
            return Estimate(None, why="it is the baseline")
        theirs = [
            one
            for name in sorted(self.baseline)
            for one in values.get(replace(cell, system=name), ())
        ]
        mine = values.get(cell, ())
        pairs = pairs_of(
            [(one.question, one.value) for one in mine],
            [(one.question, one.value) for one in theirs],
            {one.question: one.cluster for one in mine},
        )
        return difference_of_pairs(of, pairs)

    def golds(self, measures: "Sequence[Measure]") -> Iterator[AnalysisTable]:
        """The match with the English gold and with the language's own, apart."""
        left_out: dict[str, int] = {}
        values = {of: self.values(of, left_out) for of in measures}
        if not any(values.values()):
            return
        rows: list[Row] = []
        samples: dict[tuple[int, str], Sequence[str]] = {}
        for cell in self.places():
            row: dict[str, Any] = _head(cell)
            for of in measures:
                mine = values[of].get(cell, [])
                samples[len(rows), of.name] = [one.id for one in mine]
                row[of.name] = _estimate(of, mine)
            rows.append(row)
        yield AnalysisTable(
            rows,
            left_out,
            "gold-en: the English gold, by English rules; gold-own: the gold in the language of "
            "the question, by its rules.",
            "Match with the English gold and with that of the language",
            samples,
        )

    def translated(self) -> Iterator[AnalysisTable]:
        """How many outputs truly translate, by the verdicts on the step."""
        from sit_core.results.output_values import FOLLOWING, Measure
        from sit_core.store.output_values import sampled, step_states
        from sit_core.store.sample_selection import scopes, whole_runs
        from sit_core.store.verdict_state import DONE, UNDECIDED

        step, asked = self.config.step, self.config.verdicts
        with_step = {
            one.id for one in self.outputs if any(s.key == step for s in one.example.steps)
        }
        if not with_step:
            return
        meant = (
            scopes(self.store, asked.study, ())
            if asked.study
            else whole_runs(self.store, self.runs)
        )
        states: dict[str, dict[str, int]] = {}
        for scope in meant:
            states |= step_states(self.store, scope, asked.query(scope.runs).reading)
            if asked.study:
                with_step &= sampled(self.store, scope)
        rows: list[Row] = []
        samples: dict[tuple[int, str], Sequence[str]] = {}
        for cell in self.places():
            mine = [
                o for o in self.outputs if o.id in with_step and _within(self.cells[o.id], cell)
            ]
            of_each = {one.id: states.get(one.id, {}).get(step) for one in mine}
            decided = [o for o in mine if of_each[o.id] not in (None, UNDECIDED)]
            unsure = [o.id for o in mine if of_each[o.id] == UNDECIDED]
            missing = [o.id for o in mine if of_each[o.id] is None]
            found = _estimate(
                Measure(FOLLOWING, step),
                [
                    _Value(
                        o.id,
                        o.question,
                        str(o.example.meta.get("id") or o.question),
                        float(of_each[o.id] == DONE),
                    )
                    for o in decided
                ],
            )
            at = len(rows)
            samples[at, "truly translated"] = [o.id for o in decided]
            samples[at, "unsure"], samples[at, "not judged"] = unsure, missing
            samples[at, ""] = [o.id for o in mine]
            rows.append(
                _head(cell)
                | {
                    "truly translated": found,
                    "unsure": len(unsure),
                    "not judged": len(missing),
                    "outputs": len(mine),
                }
            )
        lacking = len(self.outputs) - len(with_step)
        yield AnalysisTable(
            rows,
            {f"no step {step!r} to be judged": lacking} if lacking else {},
            f"By {WHO[asked.by]}; partly counts as {asked.partly.replace('-', ' ')}. The share is "
            "of the outputs that are decided.",
            "Truly translated",
            samples,
        )


def _called(model: str, system: str) -> str:
    """In the figure."""
    return f"{model}, {system}" if model else system


def _head(cell: _Cell) -> dict[str, Any]:
    model = {"model": cell.model} if cell.model else {}
    return {"group": cell.group, "language": cell.language, **model, "system": cell.system}


def _within(one: _Cell, cell: _Cell) -> bool:
    return one == cell or (cell.language == ALL and replace(one, language=ALL) == cell)


def _estimate(of: "Measure", values: Sequence[_Value]) -> Estimate:
    from sit_core.results.output_values import estimate_of

    return estimate_of(of, [(one.cluster, one.value) for one in values])


def languages_figure(table: AnalysisTable) -> "Figure":
    """Dots with intervals: a language a column, in its group; a colour and a mark per system."""
    import plotly.graph_objects as go

    from sit_core.figures.style import TEXT, calm, run_colour
    from sit_core.figures.tables import label

    shown = next((n for n, v in table.rows[0].items() if isinstance(v, Estimate)), "")
    figure = go.Figure()
    names = list(dict.fromkeys((row.get("model", ""), row["system"]) for row in table.rows))
    marks = ("circle", "diamond", "square", "triangle-up", "cross")
    for place, (model, system) in enumerate(names):
        at = [
            (number, row)
            for number, row in enumerate(table.rows)
            if (row.get("model", ""), row["system"]) == (model, system)
            and row[shown].value is not None
        ]
        figures = [row[shown] for _, row in at]
        figure.add_scatter(
            name=label(_called(model, system), 60),
            mode="markers",
            x=[
                [row["group"] for _, row in at],
                [label(str(row["language"])) for _, row in at],
            ],
            y=[100 * one.value for one in figures],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [100 * ((one.high or one.value) - one.value) for one in figures],
                "arrayminus": [100 * (one.value - (one.low or 0.0)) for one in figures],
                "color": TEXT,
                "thickness": 1,
                "width": 0,
            },
            marker={
                "color": run_colour(table.run_places.get(_called(model, system), place)),
                "symbol": marks[place % len(marks)],
                "size": 10,
            },
            customdata=[(number, shown) for number, _ in at],
            hovertext=[one.shown for one in figures],
            hovertemplate="%{x}: %{hovertext}<extra>%{fullData.name}</extra>",
            offsetgroup=str(place),
            cliponaxis=False,
        )
    return calm(
        figure,
        380,
        lines="y",
        scattermode="group",
        scattergap=0.5,
        yaxis={"title": {"text": f"{label(shown)} (%)"}, "rangemode": "tozero"},
    )


ANALYSES.add(
    "languages",
    Analysis(
        "Languages",
        "How do systems compare in each language, seen in training or not?",
        languages,
        config=LanguagesConfig,
        figure=languages_figure,
    ),
)
