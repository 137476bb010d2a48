"""Analyses: further tables over the outputs of some runs, one registry for terminal and app.

    ANALYSIS = ANALYSES.add("length", Analysis(
        "Length", "Do accuracy and following fall as texts grow?", length,
        config=LengthConfig, figure=length_figure))

An analysis is declared once: from its configuration follow ``sit results NAME`` with its options,
the widgets of its tab on the page Analyses, and the address. Those that come with the program are
in `sit_core.analyses`, one a file; plugins add others (group ``sit.analyses``).
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sit_core.config.fields import Config, setting, settings_of
from sit_core.errors import SitError, UsageError
from sit_core.plugins import PluginError, error_text
from sit_core.registry import Registry
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import verdicts_in

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.store import Store

Row = Mapping[str, Any]
"""Column → value: plain values as JSON has them, or an `Estimate`."""


@dataclass(frozen=True, kw_only=True)
class AnalysisConfig(Config):
    """What every analysis is asked: of which runs."""

    runs: tuple[str, ...] = setting(
        (), "Only these runs; else all.", label="Runs", metavar="A,B", comma=True, unique=True
    )


@dataclass(frozen=True, slots=True)
class AnalysisTable:
    """What an analysis comes to."""

    rows: Sequence[Row]
    """Column → value; the columns are those of the first row."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Why something is not in the table → how many outputs that is."""
    note: str = ""
    """A sentence to read the table by."""
    title: str = ""
    """What this table is, where an analysis has several."""
    samples: Mapping[tuple[int, str], Sequence[str]] = field(default_factory=dict)
    """(number of the row, column) → ids of the outputs that this cell is about; column ``""``: the
    row's, for cells that have none of their own."""
    further: "Sequence[AnalysisTable]" = ()
    """More tables of the same analysis, below this one."""
    points: Sequence[Row] = ()
    """What the figure draws beside the rows, such as a curve's points; not printed as a table."""
    point_samples: Sequence[Sequence[str]] = ()
    """Per point: ids of the outputs that it is about."""
    x_title: str = ""
    """What the figure's horizontal axis is, where the table alone doesn't say it."""
    systems: Mapping[str, str] = field(default_factory=dict)
    """Run → its system, where the table has systems of several runs."""
    run_places: Mapping[str, int] = field(default_factory=dict)
    """Run → its order of arrival in the store, which is its colour, whatever other runs are shown;
    system → that of its first run here. Filled in by `Analysis`."""

    def samples_of(self, row: int, column: str) -> Sequence[str]:
        """The ids of the outputs behind a cell; empty where it has none."""
        if (row, column) in self.samples:
            return self.samples[row, column]  # none, where a cell is about none
        return self.samples.get((row, ""), ())

    def tables(self) -> "Iterator[AnalysisTable]":
        """This one and the further ones."""
        yield self
        for table in self.further:
            yield from table.tables()

    def methods(self) -> list[str | None]:
        """How the intervals in the rows were made."""
        cells = (cell for row in self.rows for cell in row.values())
        return [cell.method for cell in cells if isinstance(cell, Estimate)]

    def to_dict(self, *, samples: bool = False) -> dict[str, Any]:
        """The stable shape of ``sit results analysis NAME --json``.

        Args:
            samples: with the ids of the outputs behind every cell and point.
        """
        found: dict[str, Any] = {
            "rows": [plain_row(row) for row in self.rows],
            "left_out": dict(self.left_out),
            "note": self.note,
        }
        if self.title:
            found["title"] = self.title
        if self.points:
            found["points"] = [plain_row(row) for row in self.points]
        if self.further:
            found["further"] = [table.to_dict(samples=samples) for table in self.further]
        if samples:
            found["samples"] = [
                {"row": row, "column": column, "ids": list(ids)}
                for (row, column), ids in self.samples.items()
            ]
            found["point_samples"] = [list(ids) for ids in self.point_samples]
        return found

    def flat_rows(self) -> list[dict[str, Any]]:
        """The rows as a spreadsheet wants them: a figure is ``x``, ``x_low``, ``x_high``, ``x_n``.

        >>> AnalysisTable([{"run": "m", "rate": Estimate(.5, .2, .8, 9)}]).flat_rows()
        [{'run': 'm', 'rate': 0.5, 'rate_low': 0.2, 'rate_high': 0.8, 'rate_n': 9}]
        """
        found = []
        for row in self.rows:
            flat: dict[str, Any] = {}
            for name, cell in row.items():
                if isinstance(cell, Estimate):
                    flat |= {name: cell.value, f"{name}_low": cell.low, f"{name}_high": cell.high}
                    flat[f"{name}_n"] = cell.n
                    if cell.p is not None:
                        flat[f"{name}_p"] = cell.p
                else:
                    flat[name] = cell
            found.append(flat)
        return found

    def to_json(self, name: str, config: AnalysisConfig, *, samples: bool = False) -> str:
        """What ``sit results NAME --json`` prints: the question, then `to_dict`."""
        from sit_core.config.parse import to_plain

        head = {"analysis": name, "config": to_plain(config)}
        return json.dumps({**head, **self.to_dict(samples=samples)})

    def to_csv(self, *, bom: bool = False) -> str:
        """The table as CSV; further ones follow after an empty line, each under its title.

        The points of the figure come last.

        Args:
            bom: begin with a byte order mark, for Excel.
        """
        from sit_core.sources.own_export import cell_of

        text = io.StringIO()
        text.write("\ufeff" if bom else "")
        drawn = [AnalysisTable(self.points, title="points of the figure")] if self.points else []
        for place, one in enumerate([*self.tables(), *drawn]):
            if place:
                text.write(f"\r\n{one.title}\r\n")
            rows = one.flat_rows()
            writer = csv.writer(text)
            columns = list(dict.fromkeys(name for row in rows for name in row))
            writer.writerow(columns)
            for row in rows:
                cells = (row.get(name) for name in columns)
                writer.writerow([cell_of(c) if isinstance(c, str) else c for c in cells])
        return text.getvalue()


def plain_row(row: Row) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        name: cell.to_dict() if isinstance(cell, Estimate) else cell for name, cell in row.items()
    }


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis."""

    title: str
    """On its tab."""
    purpose: str
    """One line: the question that it answers."""
    run: "Callable[[Store, Any], AnalysisTable]"
    """Store and configuration → the table. Without `config`: store and names of runs."""
    config: type[AnalysisConfig] | None = None
    """Its settings; None: only runs."""
    most_runs: int | None = None
    """On the page, with more runs than this some must be chosen; None: all are taken."""
    figure: "Callable[[AnalysisTable], Figure] | None" = None
    """Table → figure. A point's ``customdata`` is (row, column) of its samples, or (-1, point)."""

    def __post_init__(self) -> None:
        """Each setting has an option of its own: of two with one name, one could not be said."""
        flags = [one.flag for one in settings_of(self.config or AnalysisConfig) if one.flag]
        if twice := sorted({one for one in flags if flags.count(one) > 1}):
            raise ValueError(f"{self.title}: several settings have the option {', '.join(twice)}.")

    def table(self, store: "Store", config: AnalysisConfig) -> AnalysisTable:
        """What it comes to.

        Args:
            store: where the outputs are.
            config: of the type `config`; former names of runs are read as the present ones.

        Raises:
            SitError: a name is unknown, or the settings contradict each other.
        """
        from sit_core.store.overview import places_of_runs

        runs = runs_of(store, config)
        asked = runs if self.config is None else replace(config, runs=runs if config.runs else ())
        places = places_of_runs(store)
        found = self.run(store, asked)
        note = " ".join(filter(None, (found.note, _archived_said(store, config))))
        mine = {run: places[run] for run in runs if run in places}
        of_systems: dict[str, int] = {}
        for run, system in found.systems.items():
            if run in places:
                of_systems[system] = min(places[run], of_systems.get(system, places[run]))
        return replace(found, note=note, run_places=mine | of_systems)


def runs_of(store: "Store", config: AnalysisConfig) -> tuple[str, ...]:
    """The runs that are meant: those named, else those of the study, else all but archived ones.

    Raises:
        SitError: a run or the study is unknown, or a run is not one of the study's.
    """
    from sit_core.store.browse import run_names
    from sit_core.store.renaming import present_runs
    from sit_core.store.scores import check_runs
    from sit_core.store.studies import get_study

    runs = tuple(present_runs(store, config.runs))
    if runs:
        check_runs(store, runs)
    verdicts = verdicts_in(config)
    if verdicts is None or verdicts.study is None:
        return runs or tuple(run_names(store, archived=False))
    study = get_study(store, verdicts.study)
    if outside := [run for run in runs if run not in study.runs]:
        listed = ", ".join(map(repr, outside))
        raise UsageError(
            f"The study {study.name!r} has no samples of {listed}; its runs: "
            f"{', '.join(study.runs)}."
        )
    return runs or tuple(study.runs)


def _archived_said(store: "Store", config: AnalysisConfig) -> str:
    """Which runs are not in a table over all runs."""
    from sit_core.store.renaming import archived_runs

    verdicts = verdicts_in(config)
    names = archived_runs(store)
    if config.runs or not names or (verdicts is not None and verdicts.study is not None):
        return ""
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"Archived runs are left out ({len(names):,}: {shown})."


def _of_plugin(name: str, thing: Any) -> Analysis:
    """A plugin's analysis, whose failure is a sentence where its table is asked for."""
    if not isinstance(thing, Analysis):
        raise PluginError(f"it is a {type(thing).__name__}, not an Analysis")

    def run(store: "Store", asked: Any) -> AnalysisTable:
        try:
            table = thing.run(store, asked)
        except SitError:
            raise
        except Exception as error:
            raise SitError(f"The analysis {name!r} failed: {error_text(error)}.") from error
        if not isinstance(table, AnalysisTable):
            raise SitError(
                f"The analysis {name!r} gave a {type(table).__name__}, no AnalysisTable."
            )
        return table

    return replace(thing, run=run)


ANALYSES: Registry[Analysis] = Registry(
    "analysis",
    "sit.analyses",
    _of_plugin,
    modules=(
        "sit_core.analyses.length",
        "sit_core.analyses.adversarial",
        "sit_core.analyses.comparison",
        "sit_core.analyses.cells",
        "sit_core.analyses.languages",
        "sit_core.analyses.templates",
        "sit_core.analyses.tasks",
        "sit_core.analyses.chain_length",
        "sit_core.analyses.instruction_metrics",
    ),
)
"""Name → analysis."""
