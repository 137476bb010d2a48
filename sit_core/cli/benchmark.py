"""``sit benchmark``: standard benchmarks through lm-eval; or the results of past runs of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.progress import CommandProgress
from sit_core.cli.table_options import names, print_table
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.benchmark import LmEvalResults


@click.command()
@click.option("--system", required=True, help="Its name on the leaderboard; a run's, or a new one.")
@click.option(
    "--results",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Read this result file of lm-eval, or a folder with such files; nothing is run.",
)
@click.option(
    "--of",
    "of_model",
    metavar="MODEL",
    help="Only the figures of this model, as the result files name it.",
)
@click.option("--model", help="Hub id or folder; microlab: the embedded model.")
@click.option("--tasks", metavar="A,B", help="As lm-eval calls them, such as gsm8k,mmlu.")
@click.option("--adapter", help="Folder or hub id of a PEFT adapter.")
@click.option(
    "--backend", default="transformers", show_default=True, help="Or openai: an endpoint."
)
@click.option("--base-url", help="Of the endpoint, such as http://localhost:8000/v1.")
@click.option("--key-env", metavar="NAME", help="The environment variable that holds its key.")
@click.option("--revision", help="Branch, tag or commit on the hub.")
@click.option("--dtype", default="auto", show_default=True)
@click.option("--device", default="auto", show_default=True)
@click.option("--chat", is_flag=True, help="Prompts in the model's chat format.")
@click.option("--tokenizer", help="Of an endpoint's model; tasks that compare likelihoods need it.")
@click.option("--shots", type=int, help="Examples in the prompt; else as the task says.")
@click.option("--limit", type=int, help="Only the first so many examples of each task.")
@click.option("--batch-size", type=int, default=8, show_default=True)
@click.option("--in-flight", type=int, default=8, show_default=True, help="Requests at once.")
@click.option("--subtasks", is_flag=True, help="Also each part of a group, such as MMLU's 57.")
@click.option(
    "--tasks-folder",
    type=click.Path(exists=True, file_okay=False),
    help="Tasks of your own, as lm-eval's YAML (which may call Python code in that folder).",
)
@click.option(
    "--run-code",
    is_flag=True,
    help="HumanEval, MBPP: run the code that the model writes, on this machine, unguarded.",
)
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures.")
def benchmark(
    results: tuple[Path, ...],
    of_model: str | None,
    tasks: str | None,
    detach: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Put a model to standard benchmarks, or read what lm-eval has found before.

    The figures are kept for the system and stand on the leaderboard. Stopped or killed, the same
    command goes on where it was.
    """
    from sit_core.benchmark import (
        BenchmarkConfig,
        figures_of,
        keep,
        known_models,
        read_files,
        run_benchmarks,
        title_of,
        words_of,
    )
    from sit_core.jobs import start_job
    from sit_core.jobs.worker import joined
    from sit_core.settings import settings
    from sit_core.store import open_store

    if results:
        if options["model"] or tasks:
            raise UsageError("Give --results to read, or --model and --tasks to run; not both.")
        store, system = open_store(), options["system"]
        found = read_files(results, subtasks=options["subtasks"])
        reading = figures_of(found, system, of_model, known_models(store, system))
        keep(store, system, reading.results)
        _show(reading, options["system"], as_json=as_json)
        return
    if of_model is not None:
        raise UsageError("--of says which of the models of --results is meant.")
    if not options["model"]:
        raise UsageError("Name a model (--model) and tasks (--tasks), or a file (--results).")
    wanted = BenchmarkConfig(tasks=tuple(dict.fromkeys(names(tasks))), **options)
    wanted.check()
    words, title = words_of(wanted), title_of(wanted)
    store = open_store()
    if detach:
        job = start_job(store, words, title=title)
        click.echo(json.dumps({"job": job.id, "system": wanted.system}))
        return
    with joined(store, words, title=title) as work:
        if work.job.detached:  # perhaps by a visitor of the app; a terminal's is its owner's own
            settings().check_key_variable(wanted.key_env)
        show = CommandProgress(work.report, quiet=as_json)
        reading = run_benchmarks(
            store, wanted, report=show, say=lambda line: click.echo(line, err=True)
        )
        show.end()
    _show(reading, wanted.system, as_json=as_json)


def _show(reading: "LmEvalResults", system: str, *, as_json: bool) -> None:
    from sit_core.benchmark import models_of

    latest = {(r.task, r.metric, r.setting): r for r in reading.results}
    if as_json:
        rows = [
            {
                "task": r.task,
                "metric": r.metric,
                "setting": r.setting,
                "value": r.value,
                "stderr": r.stderr,
                "n": r.n,
            }
            for r in latest.values()
        ]
        without = [dict(file.without) for file in reading.files if file.without]
        found = {"system": system, "models": models_of(reading), "results": rows}
        said = {"without": without, "problems": list(reading.problems)}
        click.echo(json.dumps({**found, **said}))
        return
    print_table(
        ("task", "metric", "setting", "value", "standard error", "n"),
        [
            (
                r.task,
                r.metric,
                r.setting,
                f"{r.value:.4g}",
                "–" if r.stderr is None else f"{r.stderr:.2g}",
                "–" if r.n is None else str(r.n),
            )
            for r in latest.values()
        ],
        left=3,
    )
    click.echo(f"\nKept for {system}; the files name {', '.join(models_of(reading))}.")
    parts = sum(file.subtasks for file in reading.files)
    if parts:
        click.echo(f"\nLeft out: {parts} subtasks of groups; --subtasks keeps them, too.")
    for file in reading.files:
        for reason, n in file.without.items():
            click.echo(f"Without a value: {n} ({reason})")
    for problem in reading.problems[:5]:
        click.echo(problem, err=True)
    if len(reading.problems) > 5:
        click.echo(f"… and {len(reading.problems) - 5} more files that were not read.", err=True)
