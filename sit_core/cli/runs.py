"""``sit runs``: the runs in the store, and ``delete``, ``check``, ``rename``, ``archive``."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import archived_said

if TYPE_CHECKING:
    from sit_core.store.run_check import RunCheck


@click.group(invoke_without_command=True)
@click.option("--archived", is_flag=True, help="Also those that are archived.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of a table.")
@click.pass_context
def runs(ctx: click.Context, archived: bool, as_json: bool) -> None:
    """List the runs in the store, the newest first; or rename, archive, check or delete some.

    Archived ones are left out, and counted; with --json all are listed, each with "archived".
    """
    if ctx.invoked_subcommand is None:
        _list(as_json, archived)


@runs.command()
@click.argument("name")
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Give the run called NAME the name NEW.

    Its former name goes on working in commands and addresses, and is no other run's. Exports have
    the new one.
    """
    from sit_core.jobs.watch import look_at_all
    from sit_core.store import open_store
    from sit_core.store.renaming import rename_run

    store = open_store()
    look_at_all(store)  # a killed job is in nobody's way
    click.echo(plain(rename_run(store, name, new).sentence))


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
def archive(names: tuple[str, ...]) -> None:
    """Leave the runs called NAME… out of lists and boards; nothing is deleted."""
    from sit_core.store import open_store
    from sit_core.store.renaming import archive_runs

    click.echo(plain(f"Archived: {', '.join(archive_runs(open_store(), names))}"))


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
def unarchive(names: tuple[str, ...]) -> None:
    """Show the archived runs called NAME… in lists again."""
    from sit_core.store import open_store
    from sit_core.store.renaming import archive_runs

    called = archive_runs(open_store(), names, archived=False)
    click.echo(plain(f"No longer archived: {', '.join(called)}"))


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


@runs.command()
@click.option("--run", "names", multiple=True, metavar="NAME", help="Only this run; repeatable.")
@click.option("--split-thoughts", is_flag=True, help="Split them off the outputs that hold some.")
@click.option("--free-failed", is_flag=True, help="Take away what is no output; ask it again.")
@click.option("--recount", is_flag=True, help="Make the summary of all verdicts anew.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def check(
    names: tuple[str, ...], split_thoughts: bool, free_failed: bool, recount: bool, as_json: bool
) -> None:
    """Look through stored outputs for such that are none, or that hold a model's thoughts.

    All verdicts are counted again: it is said of how many outputs the summary that tables are
    counted from says something else, which --recount mends.

    Nothing is changed without --split-thoughts, --free-failed or --recount. With the first two,
    verdicts and scores on a text that changes are kept, but set aside: no figure counts them, and
    judges are asked again. A run whose outputs were freed is gone on with by its own command.
    Samples of studies are never freed.
    """
    from sit_core.store import open_store
    from sit_core.store.run_check import check_stored, recount_verdicts, repair

    store = open_store()
    before = check_stored(store, names)
    done = None
    if split_thoughts or free_failed:
        done = repair(store, names, split=split_thoughts, free=free_failed)
    if recount:
        recount_verdicts(store)
    if as_json:
        found = {"runs": [asdict(one) for one in before], "done": done and asdict(done)}
        click.echo(json.dumps(found))
        return
    for one in before:
        click.echo(plain(_checked(one)))
        for suspect in one.first[:5]:
            click.echo(plain(f"  row {suspect.row + 1}: {suspect.reason} ({suspect.id})"))
        if len(one.first) > 5:
            click.echo(f"  … and {one.thoughts + one.failed - 5:,} more")
    if not before:
        click.echo("There are no runs yet.")
    if done is not None:
        click.echo(done.sentence)


def _checked(one: "RunCheck") -> str:
    """A run's line."""
    parts = [f"{one.outputs:,} outputs"]
    parts.append(f"{one.thoughts:,} hold thoughts")
    parts.append(f"{one.failed:,} are none")
    if one.in_studies:
        parts.append(f"{one.in_studies:,} of these are samples of a study and stay")
    if one.not_known:
        parts.append(f"of {one.not_known:,} it was not kept how their calls ended")
    if one.set_aside:
        said = ", ".join(f"{n:,} {name}" for name, n in one.set_aside.items())
        parts.append(f"set aside with former texts: {said}")
    if one.miscounted:
        parts.append(f"of {one.miscounted:,} the summary of verdicts differs from the verdicts")
    return f"{one.run}: {'; '.join(parts)}"


def _list(as_json: bool, archived: bool) -> None:
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_of_runs
    from sit_core.store.renaming import former_names_of_runs
    from sit_core.store.runs import list_runs

    store = open_store()
    found, sets = list_runs(store, archived=True), sets_of_runs(store)
    former = former_names_of_runs(store)
    if as_json:
        rows = [
            {
                "name": run.name,
                "prompt_set": sets.get(run.name),
                "outputs": run.outputs,
                "empty": run.empty,
                "examples": run.examples,
                "chains": list(run.chains),
                "created": datetime.fromtimestamp(run.created_at, UTC).isoformat(),
                "provenance": run.provenance,
                "state": run.state,
                "planned": run.planned,
                "errors": run.errors,
                "cut": run.cut,
                "refused": run.refused,
                "thoughts": run.thoughts,
                "set_aside": run.set_aside,
                "model": run.model,
                "adapter": run.adapter,
                "settings": run.settings,
                "archived": run.archived,
                "former_names": list(former.get(run.name, ())),
            }
            for run in found
        ]
        click.echo(json.dumps(rows))
        return
    if not found:
        click.echo("There are no runs yet; `sit import FILE…` makes some.")
        return
    left_out = [run.name for run in found if run.archived and not archived]
    found = [run for run in found if archived or not run.archived]
    width = max([len("run"), *(len(plain(run.name)) for run in found)])
    wide = max(len("prompt set"), *(len(plain(name)) for name in ["", *sets.values()]))
    click.echo(f"{'run':<{width}}  {'prompt set':<{wide}}  outputs  empty  examples  chain")
    for run in found:
        chain = plain(", ".join(run.chains)) or "not known"
        if run.state != "complete":
            chain += f"  ({run.state}: {run.outputs} of {run.planned})"
        more = {"cut": run.cut, "refused": run.refused, "failed": run.errors}
        more |= {"thought about first": run.thoughts, "verdicts set aside": run.set_aside}
        said = ", ".join(f"{n:,} {what}" for what, n in more.items() if n)
        said = ", ".join(part for part in (said, "archived" * run.archived) if part)
        name = f"{plain(run.name):<{width}}  {plain(sets.get(run.name, '–')):<{wide}}"
        line = f"{name}  {run.outputs:7}  {run.empty:5}  {run.examples:8}  {chain}"
        click.echo(f"{line}  ({said})" if said else line)
    if left_out:
        click.echo(plain(archived_said(left_out)))
