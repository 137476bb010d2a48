"""``sit results agreement``: people with each other, with rules, LLM judges, careful readings."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import (
    JSON,
    SEED,
    asking,
    percent,
    print_table,
    question,
    say_methods,
)
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.results.judge_agreement import RuleAgreement
    from sit_core.results.table_query import TableQuery
    from sit_core.store import Store


@click.command()
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
    from sit_core.results.judge_agreement import rule_agreement
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
    store = open_store()
    asked = question(store, **options)
    if judge is not None:
        _judge_agreement(store, asked, judge, against_judge, listed, as_json)
        return
    if rule:
        of_rules = rule_agreement(store, asked)
        if as_json:
            click.echo(json.dumps(of_rules.to_dict()))
        else:
            print_rules(of_rules)
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
    asked: "TableQuery",
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


def print_rules(found: "RuleAgreement") -> None:
    """How the rules agree with people, step by step."""
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
