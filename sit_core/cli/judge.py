"""``sit judge``: another model judges the outputs of runs; prints rates with n and intervals."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.progress import CommandProgress
from sit_core.cli.table_options import percent, print_table, say_methods
from sit_core.errors import UsageError
from sit_core.models.interface import BATCH_TOKENS

if TYPE_CHECKING:
    from sit_core.judge import JudgeConfig, JudgeEstimate, JudgeReport
    from sit_core.results.judged import JudgeResults
    from sit_core.store import Store
    from sit_core.store.jobs import Job

_VERDICTS = (
    *("run", "step", "yes", "n", "rate", "95 % interval", "quality", "95 %", "n"),
    *("unusable", "not judged"),
)
_DUELS = (
    *("run", "against", "won", "lost", "tied", "of them by order", "n", "win rate"),
    *("95 % interval", "unusable", "not judged"),
)


@click.command()
@click.option(
    "--run",
    "runs",
    metavar="NAME",
    multiple=True,
    help="The run to judge; may be given several times. With --study: only these of it.",
)
@click.option(
    "--judge",
    metavar="NAME|FOLDER",
    default="seqeval",
    show_default=True,
    help="seqeval (all tasks followed, and a quality), steps (each step), pairwise (against a "
    "reference), one in SIT_HOME/judges, or a folder by its path.",
)
@click.option("--model", help="The judge's model: hub id, folder, or an endpoint's name for it.")
@click.option("--adapter", help="Folder or hub id of a PEFT adapter.")
@click.option(
    "--backend", default="transformers", show_default=True, help="Or openai: an endpoint."
)
@click.option("--base-url", help="Of the endpoint, such as http://localhost:8000/v1.")
@click.option("--key-env", metavar="NAME", help="The environment variable that holds its key.")
@click.option("--revision", help="Branch, tag or commit on the hub.")
@click.option("--dtype", default="auto", show_default=True)
@click.option("--device", default="auto", show_default=True)
@click.option("--device-map", help="auto, balanced, …: spread the model over several devices.")
@click.option("--prompt-format", default="auto", show_default=True)
@click.option("--batch-tokens", type=int, default=BATCH_TOKENS, show_default=True)
@click.option("--in-flight", type=int, default=16, show_default=True, help="Requests at once.")
@click.option("--against", metavar="RUN", help="The reference, for a judge that compares.")
@click.option("--study", metavar="NAME", help="Only the samples of this study, with its steps.")
@click.option("--limit", type=int, help="Only so many examples of each run, the same of all.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the limit's draw.")
@click.option("--input-price", type=float, default=0.0, help="Of a million tokens of prompts.")
@click.option("--output-price", type=float, default=0.0, help="Of a million tokens of replies.")
@click.option("--budget", type=float, help="Of all attempts together; no more is asked near it.")
@click.option("--estimate", "only_estimate", is_flag=True, help="Say what it would take, and end.")
@click.option(
    "--imported",
    is_flag=True,
    help="Ask nobody: take the verdicts that came with the runs' files (columns judge and "
    "llm_as_a_judge).",
)
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures.")
def judge(only_estimate: bool, imported: bool, detach: bool, as_json: bool, **options: Any) -> None:
    """Have a model judge the outputs of runs, and keep what it says beside people's judgments.

    What a reply says is read strictly. A reply without a verdict of the form that was asked for, a
    refusal and a failed request are counted as unusable and left out of the rates.

    Each reply is kept as it comes, by the hash of the prompt, the output, the model and the
    settings: stopped, killed or given again, the command asks only what it has no reply to.
    Of what is paid for, say the prices; --estimate says beforehand what it would take at most.

    `sit results agreement --judge NAME` says how well a judge agrees with people.
    """
    from sit_core.store import open_store

    if imported:
        _take_imported(options["runs"], as_json)
        return
    if options["model"] is None:
        raise UsageError("Name the model that judges (--model), or give --imported.")
    store = open_store()
    wanted = _called_now(store, _wanted(**options))
    if only_estimate:
        from sit_core.judge import estimate

        _show_estimate(estimate(store, wanted), as_json)
        return
    _judge(store, wanted, detach, as_json)


def _judge(store: "Store", wanted: "JudgeConfig", detach: bool, as_json: bool) -> None:
    from sit_core.jobs import start_job
    from sit_core.jobs.worker import joined
    from sit_core.judge import judge_runs, title_of, words_of
    from sit_core.results.judged import JudgeResults, judged
    from sit_core.settings import settings
    from sit_core.store.studies import get_study

    wanted.check(store)
    words, title = words_of(wanted), title_of(wanted)
    if detach:
        job = start_job(store, words, title=title)
        click.echo(json.dumps({"job": job.id, "runs": list(wanted.runs)}))
        return
    with joined(store, words, title=title) as work:
        if work.job.detached:  # perhaps by a visitor of the app; a terminal's is its owner's own
            settings().check_key_variable(wanted.model.key_env)
        show = CommandProgress(work.report, quiet=as_json)
        done = judge_runs(
            store,
            wanted,
            report=show,
            stopped=work.stop.is_set,
            since=begun_first(store, work.job),
        )
        show.end()
    runs = wanted.runs
    if wanted.study is not None and not runs:
        runs = tuple(run for run in get_study(store, wanted.study).runs if run != wanted.against)
    if done.asked + done.known + done.settled:
        table = judged(
            store, judge=done.judge, runs=runs, against=wanted.against, study=wanted.study
        )
    else:  # nothing could be asked: the store may not even know the judge
        table = JudgeResults(done.judge, (), ())
    if as_json:
        click.echo(json.dumps({**asdict(done), **table.to_dict()}))
        return
    _show_done(done, priced=bool(wanted.prices.input or wanted.prices.output))
    show_judged(table)


def _called_now(store: "Store", wanted: "JudgeConfig") -> "JudgeConfig":
    """The same with what its runs and its study are called now, where they were renamed."""
    from dataclasses import replace

    from sit_core.store.renaming import present_run, present_runs, present_study

    return replace(
        wanted,
        runs=tuple(dict.fromkeys(present_runs(store, wanted.runs))),
        against=wanted.against and present_run(store, wanted.against),
        study=wanted.study and present_study(store, wanted.study),
    )


def begun_first(store: "Store", job: "Job") -> float:
    """When a judging was begun at first, so that what it spent counts for its budget.

    Attempts that failed or were stopped belong to it, whatever their budget was: a budget is one
    of all of them, back to the last that came to its end.
    """
    from sit_core.jobs import JobState
    from sit_core.store.jobs import list_jobs
    from sit_core.store.renaming import present_runs, present_study

    def now(option: str, name: str) -> str:
        if option == "--study":
            return present_study(store, name)
        called = option in ("--run", "--against", "--name")
        return present_runs(store, [name])[0] if called else name

    def but_budget(words: Sequence[str]) -> list[str]:
        """The words as they would be today, where runs and studies were renamed since."""
        of = [word.partition("=") for word in words if not word.startswith("--budget=")]
        return [option + sep + now(option, value) for option, sep, value in of]

    since = job.created_at
    for earlier in list_jobs(store, limit=1000):
        if earlier.id == job.id or but_budget(earlier.command) != but_budget(job.command):
            continue
        if earlier.state == JobState.DONE:
            break
        since = min(since, earlier.created_at)
    return since


def _wanted(
    runs: tuple[str, ...],
    judge: str,
    against: str | None,
    study: str | None,
    limit: int | None,
    seed: int,
    input_price: float,
    output_price: float,
    budget: float | None,
    **model: Any,
) -> "JudgeConfig":
    from sit_core.judge import JudgeConfig
    from sit_core.models.config import ModelConfig
    from sit_core.models.usage import Prices

    prices = Prices(input_price, output_price, budget)
    return JudgeConfig(
        tuple(dict.fromkeys(runs)), ModelConfig(**model), judge, against, study, limit, seed, prices
    )


def _take_imported(runs: tuple[str, ...], as_json: bool) -> None:
    from sit_core.results.judged import judged
    from sit_core.store import open_store
    from sit_core.store.imported_verdicts import take_imported
    from sit_core.store.renaming import present_runs

    store = open_store()
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
