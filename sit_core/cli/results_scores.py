"""``sit results scores``: the means of the metrics, run beside run."""

from pathlib import Path

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import BOM, JSON, SEED, check_bom, names
from sit_core.errors import UsageError


@click.command("scores")
@click.option(
    "--runs",
    metavar="A,B",
    help="Only these runs, in this order; without: all that have scores. A name with a comma goes "
    "in double quotes.",
)
@click.option("--metrics", metavar="A,B", help="Only these; without: all that there are.")
@SEED
@click.option(
    "--own-prompts",
    is_flag=True,
    help="Each run on all its prompts, not only on those that all the runs have.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl", "csv", "parquet", "markdown", "latex"]),
    default="table",
    show_default=True,
    help="How they are written; all but the table as the Scores page has them for download.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file.")
@BOM
@JSON
def scores_(
    runs: str | None,
    metrics: str | None,
    seed: int,
    own_prompts: bool,
    form: str,
    out: Path | None,
    bom: bool,
    as_json: bool,
) -> None:
    """Automatic scores that `sit score` has made: mean, n, interval; nothing is scored.

    Runs of one prompt set are compared on the prompts that all of them have.
    """
    from sit_core.cli.score import show_scores
    from sit_core.export import whole_file
    from sit_core.export.scores import score_bytes
    from sit_core.metrics.registry import METRICS
    from sit_core.results.scores import scores
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_said
    from sit_core.store.renaming import present_runs
    from sit_core.store.scores import scored_runs

    check_bom(bom, form)
    if form in ("table", "parquet") and (form == "table") != (out is None):
        raise UsageError(
            "A table is for the terminal; name the format of the file (--format csv, …)."
            if form == "table"
            else "Parquet is no text; name a file with --out FILE."
        )
    store = open_store()
    chosen = names(metrics)
    for name in chosen:
        METRICS.get(name)
    wanted = present_runs(store, names(runs))
    table = scores(store, wanted, chosen, own_prompts=own_prompts) if wanted else None
    if table is None:
        there = scored_runs(store)
        if not there and not as_json and form == "table":
            click.echo("There are no scores yet; `sit score --run NAME` makes some.")
            return
        table = scores(store, there, chosen, own_prompts=own_prompts)
    if form != "table":
        content = score_bytes(table, form, bom)
        if out is None:
            click.echo(content, nl=False)
            return
        with whole_file(out) as file:
            file.write(content)
        click.echo(plain(f"{len(table.rows)} figures in {out}"), err=True)
        return
    show_scores(table, as_json=as_json)
    if not as_json and table.about_prompts:
        click.echo(plain(sets_said(store, table.runs)))
        click.echo(table.about_prompts)
