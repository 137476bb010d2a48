"""``sit predict``: a model's outputs for examples become a run; goes on where it was stopped."""

import json
from dataclasses import asdict, replace
from typing import Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.progress import CommandProgress
from sit_core.models.interface import APART, BATCH_TOKENS, THOUGHTS


@click.command()
@click.option("--model", required=True, help="Hub id or folder; microlab: the embedded model.")
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
@click.option(
    "--prompt-format",
    default="auto",
    show_default=True,
    help="auto, chat, alpaca, plain or a file of your own (….txt).",
)
@click.option(
    "--instruction",
    help="Asked instead of each example's own; {instruction} in it stands for that.",
)
@click.option("--template", metavar="NAME", help="A wording that comes with the program.")
@click.option("--examples", required=True, metavar="SOURCE[:FILE]", help="Where they come from.")
@click.option("--map", multiple=True, metavar="FIELD=COLUMN", help="Which column is what.")
@click.option("--steps", help="The chain, such as repeat,answer; else the wording tells.")
@click.option("--limit", type=int, help="Only the first so many examples.")
@click.option("--max-new-tokens", type=int, default=256, show_default=True)
@click.option("--temperature", type=float, default=0.0, show_default=True)
@click.option("--top-p", type=float, default=1.0, show_default=True)
@click.option("--top-k", type=int, default=0, help="0: no limit.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--stop", multiple=True, help="The output ends before this text.")
@click.option(
    "--batch-tokens",
    type=int,
    default=BATCH_TOKENS,
    show_default=True,
    help="In one batch, at most; fewer where memory is short.",
)
@click.option("--in-flight", type=int, default=16, show_default=True, help="Requests at once.")
@click.option(
    "--thoughts",
    type=click.Choice(THOUGHTS),
    default=APART,
    show_default=True,
    help="What a reasoning model thinks first: apart from its output, or kept as a part of it.",
)
@click.option(
    "--prompt-set",
    metavar="NAME",
    help="The prompt set that the run belongs to; else the one whose prompts it shares, or a new "
    "one named after the examples.",
)
@click.option("--run", required=True, help="The run's name; a run that was begun is gone on with.")
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="Nothing but the result line, no progress.")
def predict(detach: bool, as_json: bool, **options: Any) -> None:
    """Make the outputs of a model and store them as a run.

    EXAMPLES are a file (JSONL, a JSON list, CSV, Parquet), run:NAME (what another run was asked),
    microlab[:SKILL], hub:ID[:SPLIT[:CONFIG]], or a data set by its name: commonsense_qa:FILE,
    xquad:FILE, gsm8k:FILE, alpaca:FILE, messages:FILE (without FILE: from the hub).

    Each output is stored as it comes: stopped or killed, the same command goes on where it was.
    Prints {"run": …, "written": n, "known": n, "errors": n, "cut": n, "refused": n, "thoughts": n,
    "left_out": […], "examples_read": […]}: how many outputs a limit ended, are refusals, were
    thought about first; the settings that the endpoint refuses for this model, so that they were
    not sent; and what of the examples was read as something else, or is not sent.
    """
    from sit_core.jobs import start_job
    from sit_core.jobs.worker import joined
    from sit_core.predict import PredictConfig, words_of
    from sit_core.predict import predict as make
    from sit_core.settings import settings
    from sit_core.store import open_store
    from sit_core.store.run_contents import error_reasons
    from sit_core.store.runs import run_called

    wanted = PredictConfig(**options)
    wanted.check()
    store = open_store()
    wanted = replace(wanted, run=run_called(store, wanted.run))
    words = words_of(wanted)
    title = title_of(wanted.run, wanted.model)
    if detach:
        job = start_job(store, words, title=title, run=wanted.run)
        click.echo(json.dumps({"job": job.id, "run": wanted.run}))
        return
    with joined(store, words, title=title, run=wanted.run) as work:
        if work.job.detached:  # perhaps by a visitor of the app; a terminal's is its owner's own
            settings().check_key_variable(wanted.key_env)
        show = CommandProgress(work.report, quiet=as_json)
        done = make(store, wanted, job=work.job.id, report=show, stopped=work.stop.is_set)
        show.end()
    if done.errors and not as_json:
        click.echo(
            f"{done.errors} examples got no output; `sit jobs` and the page Runs say why, and the "
            "same command tries them again.",
            err=True,
        )
        for row, reason in error_reasons(store, wanted.run, 3):
            click.echo(plain(f"  row {row + 1}: {reason}"), err=True)
    click.echo(json.dumps(asdict(done)))


def title_of(run: str, model: str) -> str:
    """The job's line in lists."""
    return f"Run {run}: outputs of {model}"
