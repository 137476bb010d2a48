"""``sit results …``: tables from the judgments in the store."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.asking import COMBINE, JSON, asking, names, print_table, say_methods
from sit_core.cli.check import check
from sit_core.cli.leaderboard import asking_board
from sit_core.cli.plain import plain
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.results.leaderboard import Leaderboard
    from sit_core.results.question import Question
    from sit_core.results.rule_agreement import RuleAgreement
    from sit_core.store import Store


SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=0, hidden=True, help="Without effect."
)
"""Intervals were drawn once; commands that name a seed go on working."""


BOM = click.option(
    "--bom", is_flag=True, help="Begin a CSV file with a byte order mark, for Excel."
)


@click.group()
def results() -> None:
    """Tables: following rates, comparison of two runs, agreement of annotators."""


results.add_command(check)


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
    from sit_core.results.rule_agreement import rule_agreement
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_of_runs, sets_said

    store, asked = open_store(), question(**options)
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
        _print_rules(found)


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

    store, asked = open_store(), question(**options)
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


@results.command()
@asking
@click.option("--rule", is_flag=True, help="Of people with the rules, instead of with each other.")
@click.option("--judge", metavar="NAME", help="Of people with this LLM judge; per run, too.")
@click.option(
    "--against-judge", metavar="NAME", help="With --judge: of that one with this, not with people."
)
@click.option("--list", "listed", metavar="STEP", help="With --judge: the outputs that differ.")
@click.option(
    "--gold",
    "gold",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="With --rule: of the rules with careful readings in this file; may be given again.",
)
@click.option("--run", "run", metavar="RUN", help="With --gold: the run that the files are about.")
@SEED
@JSON
def agreement(
    rule: bool,
    judge: str | None,
    against_judge: str | None,
    listed: str | None,
    gold: tuple[Path, ...],
    run: str | None,
    seed: int,
    as_json: bool,
    **options: str | None,
) -> None:
    """How far annotators agree on the same samples: percent, Cohen's κ, Krippendorff's α.

    With --rule: how far the rules' estimate agrees with people (their majority, or one of them),
    or with careful readings in files (--gold FILE: a JSON list or JSONL; each object has a row, a
    prediction or an example, and verdicts by step).
    With --judge: how far an LLM judge does, for each step, over all runs and for each; its name is
    that which `sit judge` prints. Where everybody said the same κ and α are not defined.
    """
    from sit_core.results.agreement import agreement as make_table
    from sit_core.results.rule_agreement import rule_agreement
    from sit_core.store import open_store

    if rule and judge:
        raise UsageError("Give --rule or --judge, not both.")
    if judge is None and (against_judge or listed):
        raise UsageError("--against-judge and --list go with --judge NAME.")
    if (gold or run) and not (rule and gold):
        raise UsageError("--gold FILE goes with --rule, and --run with --gold.")
    if gold:
        _gold_agreement(open_store(), gold, run, as_json)
        return
    store, asked = open_store(), question(**options)
    if judge is not None:
        _judge_agreement(store, asked, judge, against_judge, listed, as_json)
        return
    if rule:
        of_rules = rule_agreement(store, asked)
        if as_json:
            click.echo(json.dumps(of_rules.to_dict()))
        else:
            _print_rules(of_rules)
        return
    found = make_table(store, asked)
    if as_json:
        click.echo(json.dumps(found.to_dict()))
    elif not found.rows:
        click.echo("No sample has verdicts of two annotators yet.")
    else:
        print_table(
            ("step", "annotators", "samples", "agree", "kappa", "95 %", "alpha", "95 %"),
            [
                (
                    row.letter,
                    row.annotators,
                    str(row.samples),
                    percent(row.percent),
                    _two(row.kappa),
                    _span(row.kappa_low, row.kappa_high),
                    _two(row.alpha),
                    _span(row.alpha_low, row.alpha_high),
                )
                for row in found.rows
            ],
            left=2,
        )
        _say_undefined((row.letter, row.undefined) for row in found.rows)
        click.echo()
        say_methods(m for row in found.rows for m in (row.method, row.alpha_method))


def _gold_agreement(
    store: "Store", paths: tuple[Path, ...], run: str | None, as_json: bool
) -> None:
    from sit_core.results.gold_agreement import gold_agreement
    from sit_core.results.gold_file import read_gold

    found = gold_agreement(store, [(path.name, read_gold(path)) for path in paths], run)
    said = found.to_dict()
    if as_json:
        click.echo(json.dumps(said))
        return
    click.echo(f"{said['rules']} against careful readings; done or not done, unsure apart")
    print_table(
        ("file", "step", "n", "agree", "kappa", "95 %", "unsure", "no reading", "differ"),
        [
            (
                plain(row["file"] or "all"),
                row["step"],
                str(row["n"]),
                percent(row["agree"]),
                _two(row["kappa"]),
                _span(row["low"], row["high"]),
                str(row["unsure"]),
                str(row["no_reading"]),
                str(len(row["differing"])),
            )
            for row in said["rows"]
        ],
        left=2,
    )
    say_methods(row["method"] for row in said["rows"])
    for row in said["rows"]:
        cells = ", ".join(f"{c['reading']}/{c['rule']} {c['n']}" for c in row["cells"])
        click.echo(plain(f"{row['file'] or 'all'}, {row['step']} (reading/rule): {cells}"))
    for name, count in found.unmatched.items():
        click.echo(plain(f"{name}: {count} readings are about no output in the store"))
    for row in said["rows"]:
        if row["file"] is not None:
            for prediction_id in row["differing"]:
                click.echo(plain(f"differs: {row['file']}, {row['step']}, {prediction_id}"))


def _judge_agreement(
    store: "Store",
    asked: "Question",
    judge: str,
    against: str | None,
    listed: str | None,
    as_json: bool,
) -> None:
    from sit_core.results.judge_agreement import differing_samples, judge_agreement

    found = judge_agreement(store, asked, judge, against=against)
    differ = differing_samples(store, asked, judge, listed, against=against) if listed else []
    if as_json:
        more = {"differing": differ} if listed else {}
        click.echo(json.dumps({**found.to_dict(), **more}))
        return
    who = against or "people"
    if not found.rows:
        click.echo(plain(f"No sample has verdicts of both {who} and {judge}."))
        return
    click.echo(plain(f"A: {who}"))
    click.echo(plain(f"B: {judge}"))
    print_table(
        ("run", "step", "n", "agree", "kappa", "95 %", "only A: done", "only B: done"),
        [
            (
                row.run or "all",
                row.letter,
                str(row.samples),
                percent(row.percent),
                _two(row.kappa),
                _span(row.low, row.high),
                str(row.cells["done"]["not-done"]),
                str(row.cells["not-done"]["done"]),
            )
            for row in found.rows
        ],
        left=2,
    )
    _say_undefined((f"{row.run or 'all'}, {row.letter}", row.undefined) for row in found.rows)
    click.echo()
    say_methods(row.method for row in found.rows)
    for prediction_id in differ:
        click.echo(prediction_id)


def _print_rules(found: "RuleAgreement") -> None:
    if not found.rows:
        click.echo("No sample has verdicts of both people and rules.")
        return
    print_table(
        ("step", "n", "agree", "kappa", "95 %", "only people: done", "only rules: done"),
        [
            (
                row.letter,
                str(row.samples),
                percent(row.percent),
                _two(row.kappa),
                _span(row.low, row.high),
                str(row.cells["done"]["not-done"]),
                str(row.cells["not-done"]["done"]),
            )
            for row in found.rows
        ],
    )
    _say_undefined((row.letter, row.undefined) for row in found.rows)
    say_methods(row.method for row in found.rows)


def _say_undefined(rows: Iterable[tuple[str, str]]) -> None:
    """Where κ is not defined: why, and what is known instead."""
    for where, why in rows:
        if why:
            click.echo(plain(f"{where}: {why}."))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.2f} – {high:.2f}"


@results.command("scores")
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
    from sit_core.results.scores import scores
    from sit_core.scoring.metrics import METRICS
    from sit_core.store import open_store
    from sit_core.store.prompt_sets import sets_said
    from sit_core.store.scores import scored_runs

    _check_bom(bom, form)
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
    table = scores(store, names(runs), chosen, own_prompts=own_prompts) if names(runs) else None
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


@results.command("kinds")
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
    from sit_core.errors import UsageError
    from sit_core.results.kinds import kinds_of
    from sit_core.scoring.kinds import kind_reader

    if (source is None) == (name is None):
        raise UsageError("Name either --file SOURCE[:FILE] or --set NAME.")
    reader = kind_reader(by)
    if source is not None:
        from sit_core.sources.named import Reading, collected, named_examples

        examples = collected(named_examples(source, Reading(gold=True, option="--file")))
        table = kinds_of(((str(i), e.instruction) for i, e in enumerate(examples)), reader)
    else:
        from sit_core.augment.seq_instruct import open_set
        from sit_core.results.seq_instruct import set_kinds

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


@results.command("leaderboard")
@asking_board
@click.option("--by-iteration", is_flag=True, help="Following and quality per iteration (1-4).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "markdown", "latex", "html"]),
    help="Without: a table here, in files what the name ends in.",
)
@click.option("--columns", metavar="A,B", help="Only these, by key (see --format json).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file.")
@BOM
@JSON
def leaderboard_(
    by_iteration: bool,
    form: str | None,
    columns: str | None,
    out: Path | None,
    bom: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Systems side by side: following, quality, wins, lengths, scores, benchmarks.

    On the board are runs that an LLM judged, and what `sit leaderboard` knows. Systems that share
    a letter don't differ significantly.
    """
    from sit_core.cli.leaderboard import board_question
    from sit_core.results.leaderboard import leaderboard
    from sit_core.store import open_store

    board = leaderboard(open_store(), board_question(**options))
    chosen = names(columns)
    show_board(board, form, out, chosen, by_iteration=by_iteration, as_json=as_json, bom=bom)


def show_board(
    board: "Leaderboard",
    form: str | None,
    out: Path | None,
    columns: tuple[str, ...],
    *,
    by_iteration: bool,
    as_json: bool,
    bom: bool = False,
) -> None:
    """Print a leaderboard, or write it to a file."""
    from sit_core.export import whole_file
    from sit_core.export.leaderboard import (
        LEADERBOARD_FORMATS,
        cells,
        export_leaderboard,
        iteration_cells,
    )

    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    of_ending = {"md": "markdown", "tex": "latex", "htm": "html"}.get(ending, ending)
    chosen = form or ("json" if as_json else "table" if out is None else of_ending)
    _check_bom(bom, chosen)
    if chosen != "table" and chosen not in LEADERBOARD_FORMATS:
        raise UsageError("Name the format (--format); the file's ending does not tell it.")
    if chosen == "table" and out is not None:
        raise UsageError("A file is written as csv, json, markdown, latex or html.")
    if chosen == "table":
        header, rows = iteration_cells(board) if by_iteration else cells(board, columns)
        print_table(header, rows, left=2 if by_iteration else 3)
        click.echo()
        for note in board.notes:
            click.echo(plain(note))
    elif out is None:
        stream = io.BytesIO()
        export_leaderboard(
            board, chosen, stream, by_iteration=by_iteration, columns=columns, bom=bom
        )
        click.echo(stream.getvalue(), nl=False)
    else:
        with whole_file(out) as file:
            export_leaderboard(
                board, chosen, file, by_iteration=by_iteration, columns=columns, bom=bom
            )
        click.echo(plain(f"{len(board.rows)} systems in {out}"))


def _check_bom(bom: bool, form: str) -> None:
    """See that the mark is for a CSV file.

    Raises:
        UsageError: it is not.
    """
    if bom and form != "csv":
        raise UsageError("--bom is for CSV files (--format csv).")


def percent(share: float | None) -> str:
    """A share as the tables print it.

    >>> percent(0.853), percent(None)
    ('85.3 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"


def question(
    study: str | None,
    runs: str | None,
    by: str | None,
    annotator: str | None,
    partly: str | None,
    combine: str | None = None,
) -> "Question":
    """The options of `asking` as the question they ask."""
    from sit_core.records import JudgeKind
    from sit_core.results.question import Question

    return Question(
        study=study,
        runs=names(runs),
        by=JudgeKind(by or "human"),
        annotator=annotator,
        partly="not-done" if partly == "not-done" else "done",
        combine="each" if combine == "each" else "majority",
    )
