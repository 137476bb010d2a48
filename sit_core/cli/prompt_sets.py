"""``sit prompt-sets …``: list and show them, rename one, say which set a run belongs to."""

import json

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import names, print_table

JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")


@click.group("prompt-sets")
def prompt_sets() -> None:
    """Which runs were asked the same prompts: systems are compared on one prompt set at a time.

    Each run belongs to one set, also if it holds only part of it. Which one is found by the prompts
    that runs share, unless the import or the run names it (--prompt-set NAME).
    """


@prompt_sets.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List the prompt sets, those with most runs first."""
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import list_prompt_sets

    found = list_prompt_sets(open_store())
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found]))
    elif not found:
        click.echo("There are no prompt sets yet; the first run makes one.")
    else:
        print_table(
            ("prompt set", "from", "prompts", "runs"),
            [(one.name, one.origin, f"{one.prompts:,}", str(len(one.runs))) for one in found],
            left=2,
        )


@prompt_sets.command()
@click.argument("name")
@JSON
def show(name: str, as_json: bool) -> None:
    """Show the prompt set called NAME, with its runs and how many of its prompts each has."""
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import get_prompt_set

    found = get_prompt_set(open_store(), name)
    if as_json:
        click.echo(json.dumps(found.to_dict()))
        return
    for label, value in (
        ("prompt set", found.name),
        ("from", found.origin),
        ("prompts", f"{found.prompts:,}"),
        ("sha256", found.sha256),
    ):
        click.echo(f"{label + ':':<14}{plain(value)}")
    rows = [(run, f"{n:,} of {found.prompts:,}") for run, n in found.runs]
    print_table(("run", "prompts"), rows, left=1)


@prompt_sets.command()
@click.argument("name")
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Give the prompt set called NAME the name NEW."""
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import rename_prompt_set

    rename_prompt_set(open_store(), name, new)
    click.echo(f"The prompt set {plain(name)!r} is now called {plain(new)!r}.")


@prompt_sets.command()
@click.argument("name")
@click.option(
    "--runs",
    multiple=True,
    required=True,
    metavar="A,B",
    help="May be repeated; a name that has a comma in it can stand alone.",
)
def assign(name: str, runs: tuple[str, ...]) -> None:
    """Put runs into the prompt set called NAME, which is begun if there is none."""
    from sit_core.store import open_store
    from sit_core.store.browse import run_names
    from sit_core.store.prompt_sets import assign_runs, get_prompt_set
    from sit_core.store.renaming import former_run_names_of

    store = open_store()
    known = {*run_names(store), *former_run_names_of(store)}
    wanted = [run for value in runs for run in ([value] if value in known else names(value))]
    assign_runs(store, name, wanted)
    found = get_prompt_set(store, name)
    click.echo(
        f"The prompt set {plain(name)!r} has {len(found.runs):,} runs "
        f"and {found.prompts:,} prompts."
    )
