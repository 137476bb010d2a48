"""``sit microlab build``: make the embedded models; ``report``: the paper's tables for them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain

if TYPE_CHECKING:
    from sit_core.reproduction.claims import ClaimsReport
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
    "--seed",
    type=click.IntRange(min=0),
    required=True,
    help="Of the held-out pairs, the base, the rows and the questions.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/seeds"),
    show_default=True,
    help="Gets a folder for each seed; started again with it, an unfinished one goes on.",
)
@click.option(
    "--models",
    metavar="A,B",
    help="Only these: base, it, sit-repeat, sit-paraphrase, sit-2, sit-mixed.  [default: all]",
)
@click.option("--size", type=click.Choice(["base", "tiny"]), default="base", show_default=True)
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of torch."
)
def tune(seed: int, out: Path, models: str | None, size: str, threads: int) -> None:
    """One training seed of the pair whose base knows no instructions: models, outputs, overlap.

    The base, IT and SIT(+R) take about twelve minutes of one core, all six models about twenty.
    What is done is not done again. `sit microlab report --seeds OUT` judges the claims by it.
    """
    from sit_core.cli.table_options import names
    from sit_core.microlab.seed_all import make_seed

    for place in make_seed(
        seed,
        out,
        names(models),
        size=size,
        threads=threads,
        say=lambda line: click.echo(line, err=True),
    ):
        click.echo(str(place))


@microlab.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Of a build of your own.  [default: what ships]",
)
@click.option("--encoder", help="Of BERTScore: a hub id or a folder.  [default: no BERTScore]")
@click.option("--layers", type=click.IntRange(min=1), help="Which layer of the encoder.")
@click.option(
    "--seeds",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of sit microlab tune.  [default: the seeds that ship]",
)
@click.option("--keep", is_flag=True, help="Keep the claims' verdicts beside the seeds' outputs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every number.")
def report(
    folder: Path | None,
    encoder: str | None,
    layers: int | None,
    seeds: Path | None,
    keep: bool,
    as_json: bool,
) -> None:
    """Tables 1 to 6 of the paper, and each of its claims judged over training seeds.

    The tables have the numbers of the embedded models that know instructions, the paper's below.
    The claims are those of data/reproduction/plan.yaml, judged by the pair whose base knows none.
    Made from the outputs that lie in the folders; nothing is generated. Following is by rule.
    """
    from sit_core.reproduction.claims import SEEDS, claims_report, keep_claims
    from sit_core.reproduction.outputs import FOLDER
    from sit_core.reproduction.report import reproduction

    where = FOLDER if folder is None else folder / "predictions"
    found = reproduction(where, encoder=encoder, layers=layers)
    claims = claims_report(seeds)
    if keep:
        keep_claims(claims, seeds or SEEDS)
    if as_json:
        said = {**found.to_dict(), "claims": claims.to_dict()}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for table in found.tables:
        _print(table)
    click.echo("\nExpected")
    for direction in found.directions:
        holds = {True: "yes", False: "NO", None: "–"}[direction.holds]
        click.echo(f"  {holds:3}  {direction.text}: {direction.bound}; {direction.found}")
    _print_claims(claims)


def _print_claims(found: "ClaimsReport") -> None:
    from sit_core.results.claims import figure_said

    planned = len(found.plan.judged)
    click.echo(
        f"\nClaims of the plan, by a base that knows no instructions: {len(found.seeds)} of "
        f"{planned} training seeds are there"
    )
    source = ""
    for result in found.results:
        if result.claim.source != source:
            source = result.claim.source
            click.echo(f"  {source}")
        click.echo(f"    {result.verdict.upper()}: {result.claim.text}")
        if result.figure is None:
            click.echo(f"      {result.why}")
            continue
        paper = f"; the paper: {result.claim.paper}" if result.claim.paper else ""
        click.echo(
            f"      {figure_said(result)}, wanted {result.claim.criterion}; {result.why}{paper}"
        )
    for seed, of in found.overlap.items():
        for model, said in of.items():
            click.echo(
                f"  seed {seed}, {model}: {said['exact']} of {said['test_rows']} test prompts "
                f"stand in its training rows, {said['inputs']} inputs, {said['words']} share half "
                f"of their {said['ngram']}-grams"
            )


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
