"""``sit judge``: another model judges the outputs of runs; prints rates with n and intervals."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.action_command import Mode, command_of
from sit_core.cli.escape import plain
from sit_core.cli.table_options import percent, print_table, say_methods
from sit_core.judge.action import ACTION

if TYPE_CHECKING:
    from sit_core.judge.config import JudgeConfig
    from sit_core.judge.run import JudgeEstimate, JudgeReport
    from sit_core.results.judged import JudgeResults
    from sit_core.store import Store

_VERDICTS = (
    *("run", "step", "yes", "n", "rate", "95 % interval", "quality", "95 %", "n"),
    *("unusable", "not judged"),
)
_DUELS = (
    *("run", "against", "won", "lost", "tied", "of them by order", "n", "win rate"),
    *("95 % interval", "unusable", "not judged"),
)


def _show(config: "JudgeConfig", done: "JudgeReport", store: "Store", as_json: bool) -> None:
    from sit_core.results.judged import JudgeResults, judged
    from sit_core.store.studies import get_study

    runs = config.runs
    if config.study is not None and not runs:
        runs = tuple(run for run in get_study(store, config.study).runs if run != config.against)
    if done.asked + done.known + done.settled:
        table = judged(
            store, judge=done.judge, runs=runs, against=config.against, study=config.study
        )
    else:  # nothing could be asked: the store may not even know the judge
        table = JudgeResults(done.judge, (), ())
    if as_json:
        click.echo(json.dumps({**asdict(done), **table.to_dict()}))
        return
    _show_done(done, priced=bool(config.prices.input or config.prices.output))
    show_judged(table)


def _estimate(config: "JudgeConfig", store: "Store", as_json: bool) -> None:
    from sit_core.judge.run import estimate

    _show_estimate(estimate(store, ACTION.prepare(config, store)), as_json)


def _imported(values: Mapping[str, Any], store: "Store", as_json: bool) -> None:
    _take_imported(store, tuple(values.get("runs", ())), as_json)


judge = command_of(
    ACTION,
    _show,
    modes=[
        Mode("--estimate", "Say what it would take, and end.", _estimate),
        Mode(
            "--imported",
            "Ask nobody: take the verdicts that came with the runs' files (columns judge and "
            "llm_as_a_judge).",
            _imported,
            incomplete=True,
        ),
    ],
)


def _take_imported(store: "Store", runs: tuple[str, ...], as_json: bool) -> None:
    from sit_core.results.judged import judged
    from sit_core.store.imported_verdicts import take_imported
    from sit_core.store.renaming import present_runs

    runs = present_runs(store, runs)
    found = take_imported(store, runs)
    tables = [judged(store, judge=name, runs=runs) for name in found.judges]
    if as_json:
        rows = {"rows": [row for table in tables for row in table.to_dict()["rows"]]}
        click.echo(json.dumps({**found.to_dict(), **rows}))
        return
    tell_imported(found)
    for table in tables:
        show_judged(table)


def tell_imported(found: Any) -> None:
    """What came of verdicts that came with a file; problems on standard error."""
    for problem in found.problems:
        click.echo(plain(str(problem)), err=True)
    if found.differing > len(found.problems):
        click.echo(f"… and {found.differing - len(found.problems)} more", err=True)
    click.echo(plain(found.sentence), err=True)


def _show_done(done: "JudgeReport", *, priced: bool) -> None:
    click.echo(
        f"{done.outputs:,} outputs: {done.asked:,} questions asked, {done.known:,} known before."
    )
    if done.left_out:
        click.echo(f"The endpoint refuses {' and '.join(done.left_out)}: not sent.")
    if done.settled:
        click.echo(f"{done.settled:,} are ties without asking: both outputs are the same text.")
    for what, reasons in (("unusable", done.reasons), ("not asked", done.without)):
        for reason, n in reasons.items():
            click.echo(plain(f"{n:,} {what}: {reason}"))
    about = " (in part estimated)" if done.usage.estimated else ""
    click.echo(
        f"Tokens: {done.usage.prompt_tokens:,} in, {done.usage.tokens:,} out{about}; "
        f"of known replies {done.known_usage.prompt_tokens:,} in, {done.known_usage.tokens:,} out."
    )
    if priced:
        click.echo(f"Cost: {done.cost:.4g}; of known replies, paid before, {done.known_cost:.4g}.")
    click.echo("")


def _show_estimate(found: "JudgeEstimate", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(plain(f"Judge: {found.judge}"))
    click.echo(
        f"{found.outputs:,} outputs, {found.questions:,} questions, {found.known:,} of them known."
    )
    for reason, n in found.without.items():
        click.echo(plain(f"{n:,} outputs can't be asked about: {reason}"))
    click.echo(
        f"About {found.prompt_tokens:,} tokens of prompts, "
        f"at most {found.most_tokens:,} of replies."
    )
    if found.most_cost is None:
        click.echo("Give --input-price and --output-price for the cost.")
    else:
        click.echo(f"Cost: at most about {found.most_cost:.4g}.")


def show_judged(table: "JudgeResults") -> None:
    """Print what a judge said of runs."""
    click.echo(plain(f"Judge: {table.judge}"))
    if table.rows:
        print_table(
            _VERDICTS,
            [
                (
                    row.run,
                    row.step,
                    str(row.followed),
                    str(row.n),
                    percent(row.rate),
                    _span(row.low, row.high),
                    "–" if row.quality is None else f"{row.quality:.2f}",
                    "–"
                    if row.quality_low is None or row.quality_high is None
                    else f"{row.quality_low:.2f} – {row.quality_high:.2f}",
                    str(row.quality_n),
                    str(row.unusable),
                    str(row.missing),
                )
                for row in table.rows
            ],
            left=2,
        )
    if table.duels:
        print_table(
            _DUELS,
            [
                (
                    row.run,
                    row.against,
                    str(row.won),
                    str(row.lost),
                    str(row.tied),
                    str(row.inconsistent),
                    str(row.n),
                    percent(row.win_rate),
                    _span(row.low, row.high),
                    str(row.unusable),
                    str(row.missing),
                )
                for row in table.duels
            ],
            left=2,
        )
        click.echo(
            "Won: preferred in both orders. By order: what stood first (or second) won. "
            "In the win rate a tie counts half."
        )
    if not table.rows and not table.duels:
        click.echo("It has judged none of these outputs.")
    click.echo("Unusable ones are left out of the rates.")
    methods = [m for row in table.rows for m in (row.method, row.quality_method)]
    say_methods([*methods, *(row.method for row in table.duels)])


def _span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{100 * low:.1f} – {100 * high:.1f} %"
