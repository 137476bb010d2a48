"""The tables and figures of an experiment: analyses over its cells' runs, as its file says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.experiment.cells import chosen
from sit_core.experiment.config import ExperimentConfig, ReportEntry
from sit_core.experiment.paper import with_paper
from sit_core.experiment.plan import PlacedCell, placed_cells, write_factors
from sit_core.names import clean_name
from sit_core.results.analyses import ANALYSES, Analysis, AnalysisConfig, AnalysisTable
from sit_core.store import Store


@dataclass(frozen=True)
class ReportTable:
    """One of them."""

    title: str
    analysis: str
    config: AnalysisConfig | None
    """None where the settings are off."""
    table: AnalysisTable | None
    cells: int
    """That the file gives it."""
    incomplete: tuple[str, ...] = ()
    """Of them, those that lack outputs."""
    fault: str = ""
    """Why there is no table."""

    def to_dict(self, *, samples: bool = False) -> dict[str, Any]:
        """As JSON."""
        from sit_core.config.parse import to_plain

        found: dict[str, Any] = {
            "title": self.title,
            "analysis": self.analysis,
            "config": None if self.config is None else to_plain(self.config),
            "cells": self.cells,
            "incomplete": list(self.incomplete),
        }
        if self.table is not None:
            found |= self.table.to_dict(samples=samples)
            found["title"] = self.title
        if self.fault:
            found["fault"] = self.fault
        return found


@dataclass(frozen=True)
class ExperimentTables:
    """The report."""

    name: str
    tables: tuple[ReportTable, ...]
    not_named: tuple[str, ...] = ()
    """Runs of the experiment that its file does not name (any more); in no table."""

    def to_dict(self, *, samples: bool = False) -> dict[str, Any]:
        """The stable shape of ``sit experiment report --json``."""
        return {
            "name": self.name,
            "tables": [one.to_dict(samples=samples) for one in self.tables],
            "not_named": list(self.not_named),
        }

    def to_csv(self) -> str:
        """All tables, each under its title."""
        import csv
        import io

        from sit_core.sources.own_export import cell_of

        parts = []
        for one in self.tables:
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow([cell_of(one.title)])
            if one.table is None:
                writer.writerow([cell_of(one.fault)])
            parts.append(text.getvalue() + ("" if one.table is None else one.table.to_csv()))
        return "\r\n".join(parts)


def report(store: Store, config: ExperimentConfig) -> ExperimentTables:
    """Make its tables from what is there; what is lacking is named in each.

    Raises:
        UsageError: the experiment is not in order.
    """
    placed, others = placed_cells(store, config)
    write_factors(store, placed)
    tables = tuple(_table(store, entry, placed) for entry in config.report)
    return ExperimentTables(clean_name(config.name), tables, tuple(run.name for run in others))


def _table(store: Store, entry: ReportEntry, placed: Sequence[PlacedCell]) -> ReportTable:
    mine = [one for one in placed if chosen(one.cell.factors, entry.only)]
    there = [one.run for one in mine if one.there is not None and one.there.outputs]
    lacking = tuple(one.cell.name for one in mine if one.there is None or not one.there.complete)
    title, config = entry.title or entry.analysis, None
    try:
        analysis = ANALYSES.get(entry.analysis)
        title = entry.title or analysis.title
        config = configured(analysis, entry, there)
        if not mine:
            raise SitError("Its only leaves no cell; name values that the cells have.")
        if not there:
            raise SitError("None of its cells has outputs yet.")
        table = analysis.table(store, config)
        if entry.paper is not None:
            table = with_paper(table, entry.paper)
    except SitError as error:
        return ReportTable(
            title, entry.analysis, config, None, len(mine), lacking, fault=str(error)
        )
    return ReportTable(title, entry.analysis, config, table, len(mine), lacking)


def configured(analysis: Analysis, entry: ReportEntry, runs: Sequence[str]) -> AnalysisConfig:
    """The analysis's settings as the file has them, for these runs.

    Raises:
        UsageError: all that is wrong with them.
    """
    kind = analysis.config or AnalysisConfig
    return from_plain(kind, {**entry.settings, "runs": list(runs)}, entry.title or entry.analysis)


def faults_of_report(config: ExperimentConfig) -> list[str]:
    """What is wrong with the analyses that the file names, before anything is there."""
    from sit_core.experiment.paper import paper_table

    found = []
    for entry in config.report:
        try:
            configured(ANALYSES.get(entry.analysis), entry, ())
            if entry.paper is not None:
                paper_table(entry.paper)
        except SitError as error:
            found.append(str(error))
    return found
