"""``sit results NAME`` for each analysis, with its settings as options; ``sit results analysis``.

The options follow from the analysis's configuration, as those of long actions do.
"""

import json
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.action_command import options_of, values_given
from sit_core.cli.escape import plain
from sit_core.cli.table_options import BOM, JSON, names, print_table, say_methods
from sit_core.errors import UsageError
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    runs_of,
)
from sit_core.results.estimate import Estimate

if TYPE_CHECKING:
    from sit_core.store import Store

SAMPLES = "With the ids of the outputs behind every figure (--json)."


def analysis_command(name: str) -> click.Command:
    """The command of one analysis."""
    analysis = ANALYSES.get(name)
    config = analysis.config or AnalysisConfig

    def command(as_json: bool, as_csv: bool, bom: bool, samples: bool, **_: Any) -> None:
        from sit_core.config.parse import parse

        if as_json and as_csv:
            raise UsageError("Say either --json or --csv.")
        if bom and not as_csv:
            raise UsageError("--bom is for CSV (--csv).")
        found, faults, _missing = parse(config, values_given(config))
        if found is None or faults:
            raise UsageError(" ".join(faults))
        _show(name, analysis, found, as_json=as_json, as_csv=as_csv, bom=bom, samples=samples)

    flag = click.Option(["--csv", "as_csv"], is_flag=True, help="The table as CSV.")
    ids = click.Option(["--samples"], is_flag=True, help=SAMPLES)
    made = click.Command(
        name, callback=command, params=[*options_of(config), flag, ids], help=analysis.purpose
    )
    return JSON(BOM(made))


def _show(
    name: str,
    analysis: Analysis,
    config: AnalysisConfig,
    *,
    as_json: bool,
    as_csv: bool,
    bom: bool,
    samples: bool,
) -> None:
    from sit_core.store import open_store

    store = open_store()
    table = analysis.table(store, config)
    say_nobody(store, config)
    if as_json:
        click.echo(table.to_json(name, config, samples=samples))
    elif as_csv:
        click.echo(table.to_csv(bom=bom), nl=False)
    else:
        show_table(table)


def say_nobody(store: "Store", config: AnalysisConfig) -> None:
    """On standard error: that nobody of the kind chosen judged, and how to ask for others."""
    from sit_core.results.verdict_settings import nobody_judged

    found = nobody_judged(store, config, runs_of(store, config))
    if found is not None:
        ways = " or ".join(f"--by {kind}" for kind in found.instead)
        click.echo(f"{found.sentence}{f' Ask for them with {ways}.' if ways else ''}", err=True)


def show_table(table: AnalysisTable) -> None:
    """The tables, what is not in them, and how to read them."""
    for place, one in enumerate(table.tables()):
        if place:
            click.echo()
        if one.title:
            click.echo(plain(one.title))
        if one.rows:
            columns = list(dict.fromkeys(name for row in one.rows for name in row))
            print_table(columns, [[_cell(row.get(c)) for c in columns] for row in one.rows])
        elif not one.left_out:
            click.echo("There is nothing to show.")
        for reason, many in one.left_out.items():
            click.echo(plain(f"{many:,} left out: {reason}."))
        if one.note:
            click.echo(plain(one.note))
    say_methods(method for one in table.tables() for method in one.methods())


@click.command("analysis")
@click.argument("name", required=False)
@click.option("--runs", metavar="A,B", help="Only these runs; else all.")
@JSON
def analysis_(name: str | None, runs: str | None, as_json: bool) -> None:
    """The table of an analysis with its usual settings; without NAME, list them.

    ``sit results NAME`` has the settings of each as options.
    """
    if name is None:
        listed = [(one, ANALYSES.get(one).title, ANALYSES.get(one).purpose) for one in ANALYSES]
        if as_json:
            keys = ("name", "title", "purpose")
            click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in listed]))
        else:
            print_table(("analysis", "title", "answers"), listed, left=3)
        return
    from sit_core.store import open_store
    from sit_core.store.browse import run_names

    analysis = ANALYSES.get(name)
    store = open_store()
    chosen = names(runs)
    table = analysis.table(store, (analysis.config or AnalysisConfig)(runs=chosen))
    if as_json:
        of = list(chosen or run_names(store))
        click.echo(json.dumps({"analysis": name, "runs": of, **table.to_dict()}))
        return
    show_table(table)


def _cell(value: object) -> str:
    """A value as a cell.

    >>> _cell(None), _cell(0.123456), _cell("a"), _cell(Estimate(0.5, n=4))
    ('–', '0.1235', 'a', '50.0 n=4')
    """
    if isinstance(value, Estimate):
        return value.shown
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
