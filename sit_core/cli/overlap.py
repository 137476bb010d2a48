"""``sit overlap``: what training rows and test prompts have in common."""

import json
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sit_core.results.overlap import Overlap, OverlapRow


@click.command()
@click.option(
    "--train",
    "train",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Training rows: a file or a source as sit train takes it; may be repeated.",
)
@click.option("--test", metavar="FILE", help="Test prompts: a file or a source as sit predict has.")
@click.option("--prompt-set", metavar="NAME", help="Or a prompt set of the store.")
@click.option(
    "--ngram",
    type=click.IntRange(min=1, max=100),
    default=13,
    show_default=True,
    help="Words in a row that are looked for in the training rows' texts.",
)
@click.option(
    "--share",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.5,
    show_default=True,
    help="A prompt overlaps in words from this share of its n-grams on.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every row by name.")
def overlap(
    train: tuple[str, ...],
    test: str | None,
    prompt_set: str | None,
    ngram: int,
    share: float,
    as_json: bool,
) -> None:
    """Look for the test prompts in the training rows.

    Exactly, normalised (line ends, outer blanks, Unicode forms make no difference), by the input
    alone, and by the share of word n-grams that stand anywhere in the training rows.
    """
    from sit_core.results.overlap import SHOWN
    from sit_core.results.overlap import overlap as look

    if (test is None) == (prompt_set is None):
        raise UsageError("Name the test prompts by either --test or --prompt-set.")
    prompts = _of_file(test) if test is not None else _of_set(prompt_set or "")
    left_out: dict[str, int] = {}
    found = look(_training(train, left_out), prompts, ngram=ngram, share=share)
    if as_json:
        click.echo(json.dumps({**found.to_dict(), "left_out": left_out}, ensure_ascii=False))
        return
    _print(found, SHOWN)
    for reason, n in left_out.items():
        click.echo(f"{n:,} training rows left out: {plain(reason)}")


def _training(sources: tuple[str, ...], left_out: dict[str, int]) -> "Iterator[OverlapRow]":
    from sit_core.results.overlap import OverlapRow
    from sit_core.train.rows import read_training_rows

    for source in sources:
        read = read_training_rows(source, option="--train")
        for reason, n in read.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + n
        for number, row in enumerate(read.rows, 1):
            yield OverlapRow(
                f"{read.name}, row {number}", row.example.instruction, row.example.input, row.output
            )


def _of_file(source: str) -> "list[OverlapRow]":
    from sit_core.results.overlap import OverlapRow
    from sit_core.sources.named import ExampleReading, collected, named_examples

    how = ExampleReading(steps=(), gold=True, option="--test")
    return [
        OverlapRow(f"prompt {number}", example.instruction, example.input)
        for number, example in enumerate(collected(named_examples(source, how)), 1)
    ]


def _of_set(name: str) -> "list[OverlapRow]":
    from sit_core.matching import example_key
    from sit_core.results.overlap import OverlapRow
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import get_prompt_set
    from sit_core.store.run_contents import run_examples

    store = open_store()
    found: dict[str, OverlapRow] = {}
    for run, _ in get_prompt_set(store, name).runs:
        for example in run_examples(store, run):
            row = OverlapRow(f"prompt {example.id}", example.instruction, example.input)
            found.setdefault(example_key(example), row)
    return list(found.values())


def _print(found: "Overlap", shown: int) -> None:
    click.echo(f"{found.test_rows:,} test prompts, {found.train_rows:,} training rows")
    for label, rows in (
        ("the same text", found.exact),
        ("the same, normalised", found.normalised),
        ("the same input", found.inputs),
        (f"{100 * found.share:g} % of {found.ngram}-grams or more", found.words),
    ):
        click.echo(f"{label}: {len(rows):,} of {found.test_rows:,}")
        for row in rows[:shown]:
            where = f" = {row.train}" if row.train else f" ({100 * row.share:.0f} %)"
            click.echo(f"  {plain(row.test + where)}")
        if len(rows) > shown:
            click.echo(f"  … and {len(rows) - shown:,} more (all of them: --json)")
    if found.mean_share is not None:
        click.echo(
            f"{found.any_words:,} prompts have some {found.ngram}-gram in training; on average "
            f"{100 * found.mean_share:.1f} % of a prompt's"
        )
    if found.short:
        click.echo(
            f"{len(found.short):,} prompts have fewer than {found.ngram} words: not looked for in "
            f"words ({plain(', '.join(found.short[:5]))}{', …' if len(found.short) > 5 else ''})"
        )
