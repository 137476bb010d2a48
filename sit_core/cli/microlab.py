"""``sit microlab build``: make the embedded demonstration model."""

import json
from dataclasses import replace
from pathlib import Path

import click


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
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON list.")
def build(
    out: Path,
    size: str,
    seed: int | None,
    steps: int | None,
    device: str,
    threads: int,
    items: int,
    as_json: bool,
) -> None:
    """Make texts, tokenizer and base model from a seed; about an hour on a CPU.

    Progress goes to standard error, the figures on held-out items to standard output.
    """
    from sit_core.microlab.build import build as make
    from sit_core.microlab.heldout import as_rows
    from sit_core.microlab.recipe import RECIPES

    recipe = RECIPES[size]
    if seed is not None:
        recipe = replace(recipe, seed=seed)
    if steps is not None:
        recipe = replace(recipe, steps=steps, decay=min(recipe.decay, steps))
    found = make(
        recipe,
        out,
        device=device,
        threads=threads,
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
