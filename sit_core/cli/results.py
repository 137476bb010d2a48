"""``sit results …``: tables from the judgments in the store.

``sit results kinds``: which verbs and nouns a set of instructions is made of.
"""

import json

import click

from sit_core.cli.escape import plain
from sit_core.cli.results_agreement import agreement, print_rules
from sit_core.cli.results_analysis import analysis_, analysis_command
from sit_core.cli.results_check import check
from sit_core.cli.results_leaderboard import leaderboard_
from sit_core.cli.results_scores import scores_
from sit_core.cli.table_options import (
    COMBINE,
    JSON,
    asking,
    percent,
    print_table,
    question,
    say_methods,
)
from sit_core.errors import UsageError
from sit_core.results.analyses import ANALYSES


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
        from sit_core.sources.named import ExampleReading, collected, named_examples

        examples = collected(named_examples(source, ExampleReading(gold=True, option="--file")))
        table = kinds_of(((str(i), e.instruction) for i, e in enumerate(examples)), reader)
    else:
        from sit_core.results.seq_instruct import set_kinds
        from sit_core.seq_instruct.instruction_set import open_set

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


class AnalysesGroup(click.Group):
    """Tables, and a command for each analysis that there is."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The tables' commands, then the analyses'."""
        mine = super().list_commands(ctx)
        return [*mine, *(name for name in ANALYSES if name not in mine)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A table's command; else that of the analysis of this name."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in ANALYSES:
            return analysis_command(cmd_name)
        return found


@click.group(cls=AnalysesGroup)
def results() -> None:
    """Tables: following rates, comparison of two runs, agreement of annotators; analyses."""


for command in (agreement, analysis_, check, kinds_, leaderboard_, scores_):
    results.add_command(command)


@results.command()
@asking
@COMBINE
@JSON
def following(as_json: bool, **options: str | None) -> None:
    """How often each step of the chain, and the whole chain, was done; with 95 % intervals.

    The rate is of the decided samples (n); unsure and not yet judged ones are counted beside it.
    By rules it is an estimate, and its agreement with people stands below it.
    """
    from sit_core.records import JudgeKind
    from sit_core.results.following import following as make_table
    from sit_core.results.judge_agreement import rule_agreement
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_of_runs, sets_said

    store = open_store()
    asked = question(store, **options)
    table = make_table(store, asked)
    found = rule_agreement(store, asked) if asked.by == JudgeKind.RULE else None
    if as_json:
        of_rules = {"estimate": True, "agreement": found.to_dict()["rows"]} if found else {}
        runs = list(dict.fromkeys(row.run for row in table.rows))
        said = {"prompt_sets": sets_of_runs(store, runs)}
        click.echo(json.dumps({**table.to_dict(), **of_rules, **said}))
        return
    print_table(
        ("run", "step", "followed", "n", "rate", "95 % interval", "unsure", "not judged"),
        [
            (
                row.run,
                row.letter,
                str(row.followed),
                str(row.n),
                percent(row.rate),
                "–" if row.low is None else f"{percent(row.low)} – {percent(row.high)}",
                str(row.unsure),
                str(row.missing),
            )
            for row in table.rows
        ],
        left=2,
    )
    who = ", ".join(f"{a.name} ({a.samples})" for a in table.annotators) or "nobody yet"
    click.echo()
    print_table((f"Judged by: {who}",), [])
    if said_sets := sets_said(store, list(dict.fromkeys(row.run for row in table.rows))):
        click.echo(plain(f"{said_sets}."))
    click.echo(f"Partly counts as {table.question.partly.replace('-', ' ')}.")
    if asked.by == JudgeKind.LLM:
        click.echo("These rates are what LLM judges said, not people's verdicts.")
    say_methods(row.method for row in table.rows)
    for run, n in table.unusable.items():
        click.echo(plain(f"Of the not judged, {n:,} of {run} got no usable verdict."))
    for run, n in table.set_aside.items():
        click.echo(plain(f"{n:,} verdicts on former texts of {run} are set aside and not counted."))
    if found is not None:
        click.echo("\nThis is an estimate by rules. Its agreement with people:")
        print_rules(found)


@results.command()
@asking
@click.option("--list", "listed", metavar="STEP", help="Also list where they differ at this step.")
@JSON
def compare(as_json: bool, listed: str | None, **options: str | None) -> None:
    """Two runs (--runs A,B) on the examples decided in both: difference, 95 % interval, p.

    Interval and p are Bonett and Price's; McNemar's exact p stands beside them. STEP is a step's
    key (repeat, answer, …), chain or in_order; with --json all differences are listed.
    """
    from sit_core.results.comparison import compare as make_comparison
    from sit_core.results.comparison import differing
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_of_runs, sets_said

    store = open_store()
    asked = question(store, **options)
    found = make_comparison(store, asked)
    if as_json:
        lists = {row.step: differing(store, asked, row.step) for row in found.rows}
        differences = [
            {
                "step": step,
                "example_id": d.example_id,
                "predictions": [d.first, d.second],
                "followed": [d.first_done, not d.first_done],
            }
            for step, of_step in lists.items()
            for d in of_step
        ]
        more = {"prompt_sets": sets_of_runs(store, asked.runs), "differences": differences}
        click.echo(json.dumps({**found.to_dict(), **more}))
        return
    if said := sets_said(store, asked.runs):
        click.echo(plain(said))
    print_table(("", "run"), [("A", asked.runs[0]), ("B", asked.runs[1])], left=2)
    click.echo()
    print_table(
        (
            *("step", "both", "only A", "only B", "neither", "n", "A", "B", "A − B"),
            *("95 % of A − B", "p", "McNemar's p", "left out"),
        ),
        [
            (
                row.letter,
                *map(str, (row.both, row.only_first, row.only_second, row.neither, row.n)),
                percent(row.first_rate),
                percent(row.second_rate),
                "–" if row.difference is None else f"{100 * row.difference:+.1f}",
                "–"
                if row.low is None or row.high is None
                else f"{100 * row.low:+.1f} – {100 * row.high:+.1f}",
                "–" if row.p is None else f"{row.p:.2g}",
                "–" if row.p_mcnemar is None else f"{row.p_mcnemar:.2g}",
                str(row.left_out),
            )
            for row in found.rows
        ],
    )
    click.echo()
    say_methods(row.method for row in found.rows)
    if listed:
        click.echo()
        print_table(
            ("example", "prediction of A", "prediction of B", "done by"),
            [
                (d.example_id, d.first, d.second, "A" if d.first_done else "B")
                for d in differing(store, asked, listed)
            ],
            left=4,
        )
