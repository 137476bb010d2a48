"""``sit results kinds``: which verbs and nouns a set of instructions is made of."""

import json

import click

from sit_core.cli.table_options import JSON, percent, print_table
from sit_core.errors import UsageError


@click.command("kinds")
@click.option("--file", "source", metavar="SOURCE[:FILE]", help="Instructions to look at.")
@click.option("--set", "name", metavar="NAME", help="Or a set that Seq-Instruct made.")
@click.option("--iteration", type=click.IntRange(min=0), help="Of the set; 0: its seeds. [last]")
@click.option(
    "--by",
    type=click.Choice(["auto", "rule", "spacy"]),
    default="auto",
    show_default=True,
    help="Who finds them; auto: spaCy where it has an English model, else a simple rule.",
)
@click.option("--top", type=click.IntRange(min=1), default=20, help="Lines to print.")
@JSON
def kinds_(
    source: str | None, name: str | None, iteration: int | None, by: str, top: int, as_json: bool
) -> None:
    """Kinds of instruction: root verb and its noun, counted per clause and per instruction.

    An instruction of one task has one kind; each clause of a sequence has its own.
    """
    from sit_core.metrics.verb_noun import kind_reader
    from sit_core.results.verb_noun import kinds_of

    if (source is None) == (name is None):
        raise UsageError("Name either --file SOURCE[:FILE] or --set NAME.")
    reader = kind_reader(by)
    if source is not None:
        from sit_core.sources.named import Reading, collected, named_examples

        examples = collected(named_examples(source, Reading(gold=True, option="--file")))
        table = kinds_of(((str(i), e.instruction) for i, e in enumerate(examples)), reader)
    else:
        from sit_core.results.seq_instruct import set_kinds
        from sit_core.seq_instruct import open_set

        one = open_set(name or "")
        last = max((0, *one.iterations))
        if iteration is not None and not 0 <= iteration <= last:
            raise UsageError(f"The set {one.name} has iterations up to {last}.")
        table = set_kinds(one, last if iteration is None else iteration, reader)
    if as_json:
        click.echo(json.dumps(table.to_dict()))
        return
    n = table.instructions - table.without
    print_table(
        ("verb", "noun", "clauses", "instructions", "of them"),
        [
            (row.verb, row.noun or "–", str(row.n), str(len(row.ids)), percent(len(row.ids) / n))
            for row in table.rows[:top]
        ],
        left=2,
    )
    click.echo()
    click.echo(f"{n} of {table.instructions} instructions have a kind, {table.clauses} clauses.")
    for reason, ids in table.unparsed.items():
        click.echo(f"{len(ids)} without: {reason}.")
    click.echo(table.label)
