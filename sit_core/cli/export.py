"""``sit export …``: judgments, remarks, predictions, results, guidelines as a file."""

import sys
from pathlib import Path

import click

from sit_core.cli.table_options import COMBINE, asking, question
from sit_core.errors import UsageError


@click.command()
@click.argument(
    "what", type=click.Choice(["judgments", "remarks", "predictions", "results", "guidelines"])
)
@asking
@COMBINE
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; standard output without it. One that is there is replaced as a whole.",
)
@click.option("--bom", is_flag=True, help="Begin a CSV file with a byte order mark, for Excel.")
def export(what: str, form: str, out: Path | None, bom: bool, **options: str | None) -> None:
    """Write WHAT of a study (--study S) or of runs (--runs A,B).

    Judgments and remarks come with every revision, of every judge; --by, --annotator, --partly and
    --combine are for results only. In CSV, texts that begin like a formula get a leading
    apostrophe; JSONL and Parquet hold them exactly. `sit import` reads exported predictions back
    exactly, from all three. Guidelines are every wording that judgments refer to.
    """
    from sit_core.export import export_file, export_to
    from sit_core.store import open_store

    if form == "parquet" and out is None:
        raise UsageError("Parquet is no text; name a file with --out FILE.")
    if bom and form != "csv":
        raise UsageError("--bom is for CSV files (--format csv).")
    store = open_store()
    asked = question(store, **options)
    if out is None:
        export_to(store, what, asked, form, sys.stdout.buffer, bom)
        sys.stdout.buffer.flush()
    else:
        rows = export_file(store, what, asked, form, out, bom)
        click.echo(f"{rows} rows written to {click.format_filename(out)}", err=True)
