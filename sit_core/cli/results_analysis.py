"""``sit results analysis``: the tables that plugins add; without a name: which there are."""

import json

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import JSON, names, print_table
from sit_core.errors import UsageError
from sit_core.registry import unknown


@click.command("analysis")
@click.argument("name", required=False)
@click.option("--runs", metavar="A,B", help="Only these runs; else all.")
@JSON
def analysis_(name: str | None, runs: str | None, as_json: bool) -> None:
    """The table of an analysis that a plugin adds; without NAME, list them."""
    from sit_core.results.analyses import ANALYSES
    from sit_core.store import open_store
    from sit_core.store.browse import run_names

    if name is None:
        listed = [(one, ANALYSES.get(one).title, ANALYSES.get(one).purpose) for one in ANALYSES]
        if as_json:
            keys = ("name", "title", "purpose")
            click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in listed]))
        elif listed:
            print_table(("analysis", "title", "answers"), listed, left=3)
        else:
            click.echo("There are none yet; plugins add them (docs/extending.md).")
        return
    analysis, store = ANALYSES.get(name), open_store()
    there = run_names(store)
    chosen = names(runs) or tuple(there)
    if missing := [run for run in chosen if run not in there]:
        raise UsageError(" ".join(unknown("run", run, there) for run in missing))
    table = analysis.run(store, chosen)
    if as_json:
        click.echo(json.dumps({"analysis": name, "runs": list(chosen), **table.to_dict()}))
        return
    if table.rows:
        columns = list(table.rows[0])
        print_table(columns, [[_cell(row.get(c)) for c in columns] for row in table.rows])
    for reason, many in table.left_out.items():
        click.echo(plain(f"{many:,} left out: {reason}."))
    if table.note:
        click.echo(plain(table.note))


def _cell(value: object) -> str:
    """A value as a cell.

    >>> _cell(None), _cell(0.123456), _cell("a")
    ('–', '0.1235', 'a')
    """
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
