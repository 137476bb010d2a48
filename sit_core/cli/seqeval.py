"""``sit seqeval``: a model's outputs for SeqEval's prompts, judged, on the leaderboard; one go."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.progress import CommandProgress
from sit_core.errors import UsageError
from sit_core.judge.action import begun_first
from sit_core.models.interface import BATCH_TOKENS

if TYPE_CHECKING:
    from sit_core.seqeval import BuildReport, SeqevalConfig

JUDGE = "judge_"


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--name", help="Of the system and its run; begun ones are gone on with.")
@click.option("--model", help="Hub id or folder; microlab: the embedded model.")
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
@click.option("--max-new-tokens", type=int, default=512, show_default=True)
@click.option("--temperature", type=float, default=0.0, show_default=True)
@click.option("--top-p", type=float, default=1.0, show_default=True)
@click.option("--top-k", type=int, default=0, help="0: no limit.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--stop", multiple=True, help="The output ends before this text.")
@click.option("--batch-tokens", type=int, default=BATCH_TOKENS, show_default=True)
@click.option("--in-flight", type=int, default=16, show_default=True, help="Requests at once.")
@click.option(
    "--prompts",
    default="seqeval",
    show_default=True,
    metavar="SET",
    help="A file of SeqEval's shape, or any source of examples; seqeval: the micro world's.",
)
@click.option("--limit", type=int, help="Only the first so many prompts.")
@click.option(
    "--judge",
    default="seqeval",
    show_default=True,
    metavar="NAME|FOLDER",
    help="A judge of single outputs; see sit judge.",
)
@click.option("--no-judge", is_flag=True, help="Only make the outputs; judge them later.")
@click.option("--judge-model", help="The model that judges.")
@click.option("--judge-adapter")
@click.option("--judge-backend", default="transformers", show_default=True)
@click.option("--judge-base-url")
@click.option("--judge-key-env", metavar="NAME")
@click.option("--judge-revision")
@click.option("--judge-dtype", default="auto", show_default=True)
@click.option("--judge-device", default="auto", show_default=True)
@click.option("--judge-device-map")
@click.option("--judge-prompt-format", default="auto", show_default=True)
@click.option("--judge-batch-tokens", type=int, default=BATCH_TOKENS, show_default=True)
@click.option("--judge-in-flight", type=int, default=16, show_default=True)
@click.option("--against", metavar="RUN", help="Also compare with this run (judge pairwise).")
@click.option("--input-price", type=float, default=0.0, help="Of a million tokens to the judge.")
@click.option("--output-price", type=float, default=0.0, help="Of a million tokens of replies.")
@click.option("--budget", type=float, help="The judge is not asked beyond it.")
@click.option("--base-model", help="What the leaderboard says of it.")
@click.option("--training-data", help="The same.")
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, no progress.")
def seqeval(ctx: click.Context, /, detach: bool, as_json: bool, **options: Any) -> None:
    """Generate, judge, and put the system on the leaderboard.

    Outputs and verdicts are kept as they come: stopped or killed at any point, the same command
    goes on where it was. `sit results leaderboard` shows the board.
    """
    if ctx.invoked_subcommand is not None:
        return
    from sit_core.jobs import start_job
    from sit_core.jobs.worker import joined
    from sit_core.seqeval import evaluate, title_of, words_of
    from sit_core.settings import settings
    from sit_core.store import open_store
    from sit_core.store.renaming import present_run

    store = open_store()
    wanted = _wanted(**options)
    wanted = replace(
        wanted,
        name=present_run(store, wanted.name),
        against=wanted.against and present_run(store, wanted.against),
    )
    wanted.check(store)
    words, title = words_of(wanted), title_of(wanted)
    if detach:
        job = start_job(store, words, title=title, run=wanted.name)
        click.echo(json.dumps({"job": job.id, "run": wanted.name}))
        return
    with joined(store, words, title=title, run=wanted.name) as work:
        if work.job.detached:  # perhaps by a visitor of the app; a terminal's is its owner's own
            settings().check_key_variable(wanted.model.key_env)
            if wanted.judge_model is not None:
                settings().check_key_variable(wanted.judge_model.key_env)
        show = CommandProgress(work.report, quiet=as_json)
        done = evaluate(
            store,
            wanted,
            job=work.job.id,
            since=begun_first(store, work.job),
            report=show,
            stopped=work.stop.is_set,
        )
        show.end()
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        plain(
            f"{done.system.name}: {done.predicted.written:,} outputs written, "
            f"{done.predicted.known:,} known before, {done.predicted.errors:,} errors."
        )
    )
    for judged in done.judged:
        click.echo(
            plain(
                f"{judged.judge}: {judged.asked:,} asked, {judged.known:,} known before, "
                f"{judged.unusable:,} unusable."
            )
        )


def _wanted(
    name: str | None,
    model: str | None,
    prompts: str,
    limit: int | None,
    judge: str,
    no_judge: bool,
    against: str | None,
    input_price: float,
    output_price: float,
    budget: float | None,
    base_model: str | None,
    training_data: str | None,
    **models: Any,
) -> "SeqevalConfig":
    from sit_core.models.config import ModelConfig
    from sit_core.models.usage import Prices
    from sit_core.seqeval import SeqevalConfig

    if not name or not model:
        raise UsageError("Name the model (--model) and what the system is called (--name).")
    of_judge = {k.removeprefix(JUDGE): v for k, v in models.items() if k.startswith(JUDGE)}
    of_system = {k: v for k, v in models.items() if not k.startswith(JUDGE)}
    judge_model = of_judge.pop("model")
    if no_judge and judge_model is not None:
        raise UsageError("Give a judge's model or --no-judge, not both.")
    return SeqevalConfig(
        name=name,
        model=ModelConfig(model=model, **of_system),
        prompts=prompts,
        limit=limit,
        judge=None if no_judge else judge,
        judge_model=None if judge_model is None else ModelConfig(model=judge_model, **of_judge),
        against=against,
        base_model=base_model,
        training_data=training_data,
        prices=Prices(input_price, output_price, budget),
    )


OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A JSONL file."
)
SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@seqeval.command()
@click.argument("grown")
@click.option("--prompts", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--counts",
    metavar="1:81,2:161",
    help="How many of each iteration; without: as SeqEval's, 1 : 2 : 3 : 4.",
)
@SEED
@OUT
@JSON
def build(
    grown: str, prompts: int, counts: str | None, seed: int, out: Path, as_json: bool
) -> None:
    """Sample prompts from the set GROWN that Seq-Instruct has made; one of each seed at most."""
    from sit_core.seqeval import build_from

    told = None if counts is None else _counts(counts)
    _tell(build_from(grown, out, prompts=prompts, counts=told, seed=seed), as_json)


@seqeval.command()
@click.option("--prompts", type=click.IntRange(min=1, max=1000), default=80, show_default=True)
@SEED
@OUT
@JSON
def microlab(prompts: int, seed: int, out: Path, as_json: bool) -> None:
    """Make the micro world's set; with the usual options the one that comes with the program."""
    from sit_core.seqeval.build import write_set
    from sit_core.seqeval.microlab import microlab_rows

    about = {"microlab": True, "prompts": prompts, "seed": seed}
    _tell(write_set(microlab_rows(prompts, seed), out, about), as_json)


def _counts(text: str) -> dict[int, int]:
    """``1:81,2:161`` as numbers.

    >>> _counts("1:81, 2:161")
    {1: 81, 2: 161}
    """
    found = {}
    for part in text.split(","):
        iteration, _, count = part.strip().partition(":")
        if not (iteration.isdecimal() and count.isdecimal()):
            raise UsageError(f"--counts {text!r} is not like 1:81,2:161 (iteration:prompts).")
        found[int(iteration)] = int(count)
    return found


def _tell(made: "BuildReport", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    parts = ", ".join(f"{n} of iteration {i}" for i, n in made.counts.items())
    click.echo(plain(f"{made.prompts} prompts in {made.file}: {parts}."))
