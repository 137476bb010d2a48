"""``sit runs``: the runs in the store; ``sit runs delete``: one run less."""

import json
from datetime import UTC, datetime

import click

from sit_core.cli.plain import plain


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of a table.")
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List the runs in the store, the newest first; or delete one."""
    if ctx.invoked_subcommand is None:
        _list(as_json)


@runs.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete the run called NAME with its outputs and scores.

    Refused where a study uses it, or people or LLMs judged its outputs.
    """
    from sit_core.jobs.watch import look_at_all
    from sit_core.store import open_store
    from sit_core.store.runs import delete_run

    store = open_store()
    look_at_all(store)  # a killed writer is in nobody's way
    click.echo(plain(delete_run(store, name).sentence))


def _list(as_json: bool) -> None:
    from sit_core.store import open_store
    from sit_core.store.runs import list_runs

    found = list_runs(open_store())
    if as_json:
        rows = [
            {
                "name": run.name,
                "outputs": run.outputs,
                "empty": run.empty,
                "examples": run.examples,
                "chains": list(run.chains),
                "created": datetime.fromtimestamp(run.created_at, UTC).isoformat(),
                "provenance": run.provenance,
                "state": run.state,
                "planned": run.planned,
                "errors": run.errors,
                "model": run.model,
                "adapter": run.adapter,
                "settings": run.settings,
            }
            for run in found
        ]
        click.echo(json.dumps(rows))
        return
    if not found:
        click.echo("There are no runs yet; `sit import FILE…` makes some.")
        return
    width = max(len("run"), *(len(plain(run.name)) for run in found))
    click.echo(f"{'run':<{width}}  outputs  empty  examples  chain")
    for run in found:
        chain = plain(", ".join(run.chains)) or "not known"
        if run.state != "complete":
            chain += f"  ({run.state}: {run.outputs} of {run.planned})"
        name = f"{plain(run.name):<{width}}"
        click.echo(f"{name}  {run.outputs:7}  {run.empty:5}  {run.examples:8}  {chain}")
