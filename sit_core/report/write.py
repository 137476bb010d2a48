"""Write a report: the excerpt first, then everything counted from the excerpt alone.

So the report says nothing that its bundle does not, and `sit_core.report.verify` does the same
again. The folder is there whole or not at all.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sit_core.actions import Context
from sit_core.errors import SitError, UsageError
from sit_core.files import replacing_folder, scratch_folder, write_bytes, write_text
from sit_core.report import bundle
from sit_core.report.config import (
    AnalysisEntry,
    ReportConfig,
    ReportQuestion,
    folder_of,
    read_analysis,
)
from sit_core.report.content import ReportContent, all_figures, content_of
from sit_core.store import Store
from sit_core.store.excerpt import pseudonyms, schema_of
from sit_core.store.renaming import present_runs
from sit_core.store.scores import check_runs
from sit_core.store.studies import get_study, list_studies


@dataclass(frozen=True, slots=True)
class ReportMade:
    """What came of it."""

    folder: Path
    tables: int
    figures: int
    left_out: tuple[str, ...]
    """Tables that could not be made, with the reason."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit report --json``."""
        return {
            "folder": str(self.folder),
            "tables": self.tables,
            "figures": self.figures,
            "left_out": list(self.left_out),
        }


def write_report(config: ReportConfig, context: Context) -> ReportMade:
    """Write the report to its folder.

    Raises:
        UsageError: a name is unknown, or the folder holds something else.
        SitError: it can't be made or written.
    """
    out = folder_of(config)
    check_place(out)
    question = question_of(config, context.store)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing_folder(out.resolve()) as folder:
            content = _write(context, question, folder)
    except OSError as error:
        raise SitError(
            f"{out} can't be written ({error.strerror or error}); choose another place."
        ) from None
    return ReportMade(out, len(content.tables), len(all_figures(content)), content.left_out)


def _write(context: Context, question: ReportQuestion, folder: Path) -> ReportContent:
    store, parts = context.store, 4
    context.report(0, parts, "Copying outputs and verdicts")
    schema = schema_of(store)
    tables = bundle.write_rows(store, question, folder)
    made_with = bundle.versions()
    question = _called(store, question)
    with (
        scratch_folder("sit-report") as scratch,
        bundle.store_of(folder, schema, tables, scratch) as excerpt,
    ):
        context.report(1, parts, "Counting")
        content = content_of(excerpt, question, made_with)
        context.report(2, parts, "Writing")
        for name, file in bundle.rendered(content).items():
            write_bytes(folder / name, file)
        for what in bundle.EXPORTS:
            file = bundle.export_of(excerpt, question, what)
            write_bytes(folder / bundle.BUNDLE / f"{what}.jsonl", file)
        seeds = seeds_of(excerpt, question)
    context.report(3, parts, "Hashing")
    files = {name: bundle.hash_of(folder / name) for name in bundle.files_in(folder)}
    text = bundle.manifest_text(question, made_with, schema, tables, seeds, files)
    write_text(folder / bundle.BUNDLE / bundle.MANIFEST, text)
    context.report(parts, parts, "Written")
    return content


def _called(store: Store, question: ReportQuestion) -> ReportQuestion:
    """The same with annotators in analyses' settings called as in the excerpt."""
    if question.names_kept:
        return question
    called = pseudonyms(store, question.runs, question.studies)

    def renamed(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: renamed(one, name) for name, one in value.items()}
        return called.get(value, value) if key == "annotator" and isinstance(value, str) else value

    entries = tuple(replace(one, settings=renamed(dict(one.settings))) for one in question.analyses)
    return replace(question, analyses=entries)


def seeds_of(store: Store, question: ReportQuestion) -> dict[str, int]:
    """Study → the seed that its sample was drawn with."""
    return {name: get_study(store, name).seed for name in question.studies}


def question_of(config: ReportConfig, store: Store) -> ReportQuestion:
    """What is asked, with present names, and an experiment's runs and tables.

    Raises:
        UsageError: a name is unknown, or a setting wrong; all in one message.
    """
    title, experiment, lacking = config.title, None, list[str]()
    runs = list(present_runs(store, config.runs))
    entries = [read_analysis(one) for one in config.analysis]
    study = None
    if config.study is not None:
        found = get_study(store, config.study)
        study, title = found.name, title or found.name
        if outside := [run for run in runs if run not in found.runs]:
            raise UsageError(f"The study {study} does not have the runs {', '.join(outside)}.")
        runs = [run for run in found.runs if not runs or run in runs]
    if config.experiment is not None:
        experiment, its_runs, its_entries, lacking = _of_experiment(config.experiment, store)
        title = title or experiment
        runs = list(dict.fromkeys([*runs, *its_runs]))
        entries = [*its_entries, *entries]
    if not runs:
        raise UsageError("There is no run to report on yet.")
    check_runs(store, runs)
    baseline = None
    if config.baseline is not None:
        (baseline,) = present_runs(store, [config.baseline])
        check_runs(store, [baseline])
        if baseline not in runs:
            raise UsageError(f"{baseline} is none of the report's runs; name one of them.")
    every = list_studies(store, archived=True)
    studies = [study] if study else [one.name for one in every if set(one.runs) & set(runs)]
    return ReportQuestion(
        title=title or ", ".join(runs[:3]) + (f" and {len(runs) - 3} more" if runs[3:] else ""),
        study=study,
        runs=tuple(runs),
        by=config.by,
        partly=config.partly,
        baseline=baseline,
        analyses=tuple(_with_runs(one, runs, study, config.partly) for one in entries),
        names_kept=config.names,
        date=config.date,
        studies=tuple(studies),
        experiment=experiment,
        left_out=tuple(lacking),
    )


def _with_runs(
    entry: AnalysisEntry, runs: list[str], study: str | None, partly: str
) -> AnalysisEntry:
    """An analysis over the report's runs and samples, where it names none of its own."""
    from sit_core.config.fields import settings_of
    from sit_core.results.analyses import ANALYSES, AnalysisConfig

    settings = json.loads(json.dumps(dict(entry.settings)))
    settings.setdefault("runs", runs)
    kind = ANALYSES.get(entry.name).config or AnalysisConfig
    if outside := [run for run in settings["runs"] if run not in runs]:
        raise UsageError(
            f"The analysis {entry.name} is over {', '.join(outside)}, which the report is not of."
        )
    if any(one.path == ("verdicts", "study") for one in settings_of(kind)):
        verdicts = settings.setdefault("verdicts", {})
        verdicts.setdefault("partly", partly)
        if study is not None:
            verdicts.setdefault("study", study)
    return replace(entry, settings=settings)


def _of_experiment(
    named: str, store: Store
) -> tuple[str, list[str], list[AnalysisEntry], list[str]]:
    """The name of an experiment, its runs, the analyses of its report, and those it lacks.

    Raises:
        UsageError: there is no such experiment, or it has no outputs yet.
    """
    from sit_core.config.parse import to_plain
    from sit_core.experiment.files import find_file
    from sit_core.experiment.paper import paper_table
    from sit_core.experiment.plan import placed_cells
    from sit_core.experiment.report import report

    config = find_file(named).config()
    placed, _ = placed_cells(store, config)
    runs = [one.run for one in placed if one.there is not None and one.there.outputs]
    made = report(store, config)
    if not runs:
        raise UsageError(
            f"The experiment {made.name} has no outputs; sit experiment run makes them."
        )
    entries, lacking = [], []
    for asked, one in zip(config.report, made.tables, strict=True):
        if one.table is None or one.config is None:
            lacking.append(f"{one.title}: {one.fault}")
            continue
        notes = [f"Cells that lack outputs: {', '.join(one.incomplete)}."] if one.incomplete else []
        paper, published = asked.paper, None
        if paper is not None and paper.file is not None:  # not there where the report is verified
            published = asdict(paper_table(paper))
            paper = replace(paper, file=None)
        entry = AnalysisEntry(
            one.analysis,
            to_plain(one.config),
            one.title,
            None if paper is None else to_plain(paper),
            tuple(notes),
            published,
        )
        if file := entry.outside_file():
            lacking.append(f"{one.title}: it reads {file}, which a report does not hold")
            continue
        entries.append(entry)
    if made.not_named:
        lacking.append(
            f"Runs that the experiment does not name any more: {', '.join(made.not_named)}."
        )
    return made.name, runs, entries, lacking


def check_place(out: Path) -> None:
    """See that a report may be written there: nothing, an empty folder, or an earlier report.

    Raises:
        SitError: something else is there, which would be lost.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise SitError(f"{out} is a file; name a folder.")
    there = bundle.files_in(out)
    manifest = out / bundle.BUNDLE / bundle.MANIFEST
    if not there and not manifest.exists():
        if any(out.iterdir()):
            raise SitError(f"{out} holds folders that are no report; choose another place.")
        return
    known: set[str] = set()
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.get("kind") == bundle.KIND:
            known = set(found.get("files", {}))
    except (OSError, ValueError, RecursionError):
        pass
    if others := [name for name in there if name not in known]:
        raise SitError(
            f"{out} holds files that are no part of an earlier report ({others[0]}); choose "
            "another folder."
        )
