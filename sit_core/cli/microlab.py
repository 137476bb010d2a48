"""``sit microlab build``: make the embedded models; ``report``: the paper's tables for them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain

if TYPE_CHECKING:
    from sit_core.results.reproduction import PaperCell, ReproductionTable

STAGES = ("base", "adapters", "predictions", "seeds", "card")


@click.group()
def microlab() -> None:
    """The embedded model: a demonstration and a test bed, made by the project itself."""


@microlab.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/microlab"),
    show_default=True,
    help="The folder; started again with it, an unfinished build goes on.",
)
@click.option("--size", type=click.Choice(["base", "tiny"]), default="base", show_default=True)
@click.option("--seed", type=int, help="Another world, another model.  [default: the recipe's]")
@click.option("--steps", type=click.IntRange(min=1), help="Updates.  [default: the recipe's]")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Of torch; more help only where as many cores are free.",
)
@click.option(
    "--items",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Held-out items of each skill that the figures are measured on.",
)
@click.option(
    "--only",
    "stages",
    type=click.Choice(STAGES),
    multiple=True,
    help="Only this stage; may be repeated.  [default: all, in this order]",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON list.")
def build(
    out: Path,
    size: str,
    seed: int | None,
    steps: int | None,
    device: str,
    threads: int,
    items: int,
    stages: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make the embedded models from a seed: base, adapters, their outputs and figures.

    The base takes about half an hour on a CPU, IT and SIT(+Repeat) together less than five
    minutes, everything else about as long again for each of three training seeds. What is done is
    not done again. Progress goes to standard error, the base's figures on held-out items to
    standard output.
    """
    from sit_core.embedded.heldout import as_rows
    from sit_core.embedded.recipe import RECIPES
    from sit_core.microlab.build_all import SIZES, build_all

    recipe = RECIPES[size]
    if seed is not None:
        recipe = replace(recipe, seed=seed)
    if steps is not None:
        recipe = replace(recipe, steps=steps, decay=min(recipe.decay, steps))
    found = build_all(
        recipe,
        out,
        replace(SIZES[size], threads=threads),
        stages=stages or STAGES,
        device=device,
        items=items,
        say=lambda line: click.echo(line, err=True),
    )
    if as_json:
        click.echo(json.dumps(as_rows(found)))
    else:
        for row in as_rows(found):
            click.echo(
                f"{row['skill']:12} {row['sort']:18} followed {row['followed']:7.1%}  "
                f"right {row['right']:7.1%}  of {row['items']}"
            )


@microlab.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Of a build of your own.  [default: what ships]",
)
@click.option("--encoder", help="Of BERTScore: a hub id or a folder.  [default: no BERTScore]")
@click.option("--layers", type=click.IntRange(min=1), help="Which layer of the encoder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every number.")
def report(folder: Path | None, encoder: str | None, layers: int | None, as_json: bool) -> None:
    """Tables 1 to 6 of the paper: the embedded models' numbers, the paper's below.

    Made from the outputs that lie in the folder; nothing is generated. Following is by rule.
    """
    from sit_core.reproduction.outputs import FOLDER
    from sit_core.reproduction.report import reproduction

    where = FOLDER if folder is None else folder / "predictions"
    found = reproduction(where, encoder=encoder, layers=layers)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    for table in found.tables:
        _print(table)
    click.echo("\nExpected")
    for direction in found.directions:
        holds = {True: "yes", False: "NO", None: "–"}[direction.holds]
        click.echo(f"  {holds:3}  {direction.text}: {direction.bound}; {direction.found}")


def _print(table: "ReproductionTable") -> None:
    from sit_core.results.reproduction_paper import shown as paper_shown

    click.echo(f"\n{table.title}\n{table.about}")
    for title, cells in table.rows:
        click.echo(f"  {title}")
        for column, cell in zip(table.columns, cells, strict=True):
            if cell is not None:
                click.echo(f"    {column:24} {_shown(cell)}")
    for row in table.paper:
        said = (
            f"{column} {paper_shown(value)}"
            for column, value in zip(table.columns, row.values, strict=True)
        )
        click.echo(f"  paper, {row.model}: {', '.join(said)}")
    for note in table.notes:
        click.echo(f"  ({plain(note)})")


def _shown(cell: "PaperCell") -> str:
    why = "; ".join(f"{n}: {reason}" for reason, n in list(cell.reasons.items())[:2])
    return cell.shown + (f" ({why})" if why else "")
