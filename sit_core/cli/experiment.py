"""``sit experiment plan|run|report FILE …``: what an experiment comes to, make it, its tables."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import JSON, print_table

if TYPE_CHECKING:
    from sit_core.experiment.plan import Plan
    from sit_core.experiment.run import ExperimentReport

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…")


@click.group()
def experiment() -> None:
    """Models × instructions × examples × verdicts, in one YAML file each.

    FILE is a path, or the name of one that comes with the program: sit experiment list.
    """


@experiment.command("list")
@JSON
def list_(as_json: bool) -> None:
    """Those that come with the program, and those that were run here."""
    from sit_core.experiment.files import kept_files, shipped_files

    found = {"shipped": shipped_files(), "run_here": [one.name for one in kept_files()]}
    if as_json:
        click.echo(json.dumps(found))
        return
    for name in [*found["shipped"], *found["run_here"]]:
        click.echo(plain(name))


@experiment.command("plan")
@_FILES
@JSON
def plan_(files: tuple[str, ...], as_json: bool) -> None:
    """Cells, calls, tokens and cost of what is left, and what is there already; asks nobody."""
    from sit_core.experiment.action import ACTION, ExperimentRunConfig
    from sit_core.experiment.files import read_experiments
    from sit_core.experiment.plan import plan
    from sit_core.store import open_store

    store = open_store()
    ACTION.check(ExperimentRunConfig(files), store)
    plans = [plan(store, config) for _, config in read_experiments(files)]
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in plans], ensure_ascii=False))
        return
    for one in plans:
        _show_plan(one)


def _show_plan(one: "Plan") -> None:
    click.echo(plain(one.name))
    columns = ("cell", "there", "calls", "prompt tokens", "output tokens", "cost")
    rows = [
        (
            cell.name,
            f"{cell.outputs} of {cell.n}",
            f"{cell.calls:,}",
            f"{cell.prompt_tokens:,}",
            f"{cell.output_tokens:,}",
            "–" if cell.cost is None else f"{cell.cost:.4g}",
        )
        for cell in one.cells
        if not cell.fault
    ]
    if rows:
        print_table(columns, rows, left=1)
    for cell in one.cells:
        if cell.fault:
            click.echo(plain(f"{cell.name}: {cell.fault}"))
    for metric in one.metrics:
        said = metric.fault or f"{metric.scored:,} of {metric.outputs:,} outputs scored"
        click.echo(plain(f"{metric.metric}: {said}"))
    for verdicts in one.verdicts:
        said = verdicts.fault or f"{verdicts.known:,} there, {verdicts.left:,} left"
        cost = "" if verdicts.cost is None else f", at most {verdicts.cost:.4g} for what is there"
        click.echo(plain(f"verdicts by {verdicts.by} ({verdicts.who}): {said}{cost}"))
    total = f"{one.calls:,} calls left"
    if one.cost is not None:
        total += f", about {one.cost:.4g} in the currency of the prices"
    click.echo(f"{total}.")
    for by in dict.fromkeys(cell.tokens_by for cell in one.cells if cell.tokens_by):
        click.echo(plain(f"Tokens of prompts by {by}; of outputs at most, or as those so far."))
    if one.not_named:
        names = ", ".join(one.not_named[:5])
        more = f" and {len(one.not_named) - 5} more" if len(one.not_named) > 5 else ""
        click.echo(plain(f"In the store, and not (any more) in the file: {names}{more}."))


@experiment.command("run")
@_FILES
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@JSON
def run_(files: tuple[str, ...], detach: bool, as_json: bool) -> None:
    """Make what is missing: outputs, scores, verdicts; stopped or killed, the same again goes on.

    A cell that fails leaves the others, and is named with its reason.
    """
    from sit_core.actions import Context
    from sit_core.cli.progress import CommandProgress
    from sit_core.experiment.action import ACTION, AllDone, ExperimentRunConfig
    from sit_core.jobs.worker import joined
    from sit_core.store import open_store

    store, config = open_store(), ExperimentRunConfig(files)
    if detach:
        job = ACTION.start(config, store)
        click.echo(json.dumps({"job": job.id, **ACTION.started(config)}))
        return
    ACTION.check(config, store)
    with joined(store, ACTION.words(config), title=ACTION.title(config)) as work:
        progress = CommandProgress(work.report, quiet=as_json)
        context = Context(
            store,
            job=work.job.id,
            since=ACTION.since(store, work.job),
            report=progress,
            stopped=work.stop.is_set,
            patient=work.ending_by_itself,
        )
        try:
            reports = ACTION.run(config, context)
        except AllDone as error:
            progress.end()
            _show_reports(error.reports, as_json)
            raise
        progress.end()
    _show_reports(reports, as_json)


def _show_reports(reports: "list[ExperimentReport]", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(one) for one in reports], ensure_ascii=False))
        return
    for one in reports:
        said = f"{one.complete} of {one.cells} cells complete; {one.written:,} outputs made, "
        said += f"{one.known:,} there before; {one.scored:,} scores made"
        said += f"; {one.asked:,} questions asked of judges" if one.asked else ""
        click.echo(plain(f"{one.name}: {said}."))
        for name in one.studies:
            click.echo(plain(f"  People judge in the study {name}."))
        for what, reason in one.failed.items():
            click.echo(plain(f"  {what}: {reason}"), err=True)
        if one.not_named:
            click.echo(plain(f"  Not (any more) in the file: {', '.join(one.not_named[:5])}."))


@experiment.command("report")
@_FILES
@click.option("--csv", "as_csv", is_flag=True, help="The tables as CSV.")
@click.option("--samples", is_flag=True, help="With the ids of the outputs behind every figure.")
@JSON
def report_(files: tuple[str, ...], as_csv: bool, samples: bool, as_json: bool) -> None:
    """The tables of what is there, the published numbers beside them.

    What is lacking is named; nothing is asked. --samples goes with --json.
    """
    from sit_core.cli.results_analysis import show_table
    from sit_core.errors import UsageError
    from sit_core.experiment.files import read_experiments
    from sit_core.experiment.report import report
    from sit_core.store import open_store

    if as_json and as_csv:
        raise UsageError("Say either --json or --csv.")
    store = open_store()
    found = [report(store, config) for _, config in read_experiments(files)]
    if as_json:
        rows = [one.to_dict(samples=samples) for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if as_csv:
        click.echo("\r\n".join(one.to_csv() for one in found), nl=False)
        return
    for one in found:
        click.echo(plain(one.name))
        for table in one.tables:
            click.echo()
            click.echo(plain(table.title))
            if table.table is not None:
                show_table(table.table)
            if table.fault:
                click.echo(plain(table.fault))
            if table.incomplete:
                lacking = len(table.incomplete)
                click.echo(f"{lacking} of its {table.cells} cells lack outputs.")
        if one.not_named:
            names = ", ".join(one.not_named)
            click.echo(
                plain(f"In no table, since the file does not name them (any more): {names}.")
            )
        click.echo()
