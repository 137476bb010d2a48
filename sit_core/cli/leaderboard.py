"""``sit leaderboard …``: what systems are called, others' results, a copy to publish."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import JSON, names, print_table

if TYPE_CHECKING:
    from sit_core.results.leaderboard.build import LeaderboardQuestion

OPTIONS = (
    click.option("--judge", metavar="NAME", help="The LLM judge; without: the busiest."),
    click.option("--duels-by", metavar="NAME", help="The LLM judge that compared outputs."),
    click.option(
        "--prompt-set",
        metavar="NAME",
        help="Only systems that were asked these prompts; without: the set with most systems.",
    ),
    click.option("--reference", metavar="SYSTEM", help="What win rates are against."),
    click.option(
        "--runs",
        metavar="A,B",
        help="Only these systems or runs; a name with a comma goes in double quotes.",
    ),
    click.option("--study", metavar="NAME", help="Only people's verdicts of this study."),
    click.option(
        "--partly",
        type=click.Choice(["done", "not-done"]),
        default="done",
        show_default=True,
        help="What the verdict 'partly' counts as.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        hidden=True,
        help="Without effect on what is shown; exports keep it.",
    ),
    click.option("--own-only", is_flag=True, help="Without others' reported results."),
)


def asking_board(command: Any) -> Any:
    """Give a command the options of `OPTIONS`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def board_question(
    judge: str | None,
    duels_by: str | None,
    prompt_set: str | None,
    reference: str | None,
    runs: str | None,
    study: str | None,
    partly: str,
    seed: int,
    own_only: bool,
) -> "LeaderboardQuestion":
    """The options as the question they ask."""
    from sit_core.results.leaderboard.build import LeaderboardQuestion

    return LeaderboardQuestion(
        judge=judge,
        duels_by=duels_by,
        systems=names(runs),
        prompt_set=prompt_set,
        reference=reference,
        study=study,
        partly_done=partly == "done",
        reported=not own_only,
        seed=seed,
    )


@click.group()
def leaderboard() -> None:
    """Systems of the leaderboard; the board itself is `sit results leaderboard`."""


@leaderboard.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List the systems that were named, described or imported."""
    from sit_core.store import open_store
    from sit_core.store.systems import list_systems

    found = list_systems(open_store())
    if as_json:
        click.echo(json.dumps([asdict(system) for system in found]))
        return
    if not found:
        click.echo("No system was named yet. Runs that an LLM judged are on the board as well.")
        return
    print_table(
        ("system", "run", "base model", "training data"),
        [(s.name, s.run or "(reported)", s.base_model or "", s.training_data or "") for s in found],
        left=4,
    )


@leaderboard.command("set")
@click.argument("system")
@click.option("--base-model", help="Empty: not known.")
@click.option("--training-data", help="Empty: not known.")
@click.option("--rename", metavar="NAME", help="What it is called from now on.")
@JSON
def set_(
    system: str,
    base_model: str | None,
    training_data: str | None,
    rename: str | None,
    as_json: bool,
) -> None:
    """Name and describe SYSTEM: a system or a run, which then is on the board."""
    from sit_core.store import open_store
    from sit_core.store.systems import KEEP, set_system

    done = set_system(
        open_store(),
        system,
        rename=rename,
        base_model=KEEP if base_model is None else base_model,
        training_data=KEEP if training_data is None else training_data,
    )
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        base, data = done.base_model or "–", done.training_data or "–"
        click.echo(plain(f"{done.name}: base model {base}, training data {data}"))


@leaderboard.command()
@click.argument("system")
def remove(system: str) -> None:
    """Forget others' results, or what was said of a run; the run stays."""
    from sit_core.store import open_store
    from sit_core.store.systems import remove_system

    remove_system(open_store(), system)
    click.echo(plain(f"{system} is forgotten."))


@leaderboard.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", help="Who reported them; without: the file's name.")
@click.option("--keep-good", is_flag=True, help="Store the good rows although others are refused.")
@click.pass_context
def import_(ctx: click.Context, file: Path, source: str | None, keep_good: bool) -> None:
    """Store others' results from a leaderboard's CSV or JSON, marked as reported.

    Prints {"new": n, "changed": n, "known": n, "refused": n}. If a row is refused nothing is
    stored, unless --keep-good is given.
    """
    from sit_core.results.leaderboard.import_file import read_reported
    from sit_core.store import open_store
    from sit_core.store.systems import put_reported

    found = read_reported(file, source)
    for problem in found.problems.shown:
        click.echo(plain(str(problem)), err=True)
    if found.problems.count > len(found.problems.shown):
        more = found.problems.count - len(found.problems.shown)
        click.echo(f"… and {more} more", err=True)
    stored = keep_good or not found.problems.count
    counts = put_reported(open_store(), found.systems) if stored else (0, 0, 0)
    new, changed, known = counts
    said = {"new": new, "changed": changed, "known": known, "refused": found.problems.count}
    click.echo(json.dumps(said))
    if not stored:
        click.echo("Nothing was stored.", err=True)
        ctx.exit(1)


@leaderboard.command()
@asking_board
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A folder or an .html file."
)
@click.option("--columns", metavar="A,B", help="Only these, by key; without: all.")
def html(out: Path, columns: str | None, **options: Any) -> None:
    """Write the board as one read-only HTML file to publish; it loads nothing from elsewhere."""
    from sit_core.export import whole_file
    from sit_core.export.leaderboard import export_leaderboard
    from sit_core.results.leaderboard.build import leaderboard as make_board
    from sit_core.store import open_store

    board = make_board(open_store(), board_question(**options))
    path = out / "leaderboard.html" if out.is_dir() or not out.suffix else out
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream:
        export_leaderboard(board, "html", stream, columns=names(columns))
    click.echo(plain(f"{len(board.rows)} systems in {path}"))
