"""``sit benchmark``: standard benchmarks through lm-eval; or the results of past runs of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.benchmark.action import ACTION
from sit_core.cli.action_command import command_of
from sit_core.cli.table_options import print_table
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.benchmark.config import BenchmarkConfig
    from sit_core.benchmark.lm_eval_results import LmEvalResults
    from sit_core.store import Store

_READ = [
    click.Option(
        ["--results", "results"],
        type=click.Path(exists=True, path_type=Path),
        multiple=True,
        help="Read this result file of lm-eval, or a folder with such files; nothing is run.",
    ),
    click.Option(
        ["--of", "of_model"],
        metavar="MODEL",
        help="Only the figures of this model, as the result files name it.",
    ),
]


def _read_results(values: dict[str, Any], given: Mapping[str, Any]) -> bool:
    """Read result files, where these are named; else the benchmarks are run."""
    if given["results"]:
        if values.get("model") or values.get("tasks"):
            raise UsageError("Give --results to read, or --model and --tasks to run; not both.")
        if not values.get("system"):
            raise UsageError("Say also --system.")
        _keep(given["results"], values["system"], given)
        return True
    if given["of_model"] is not None:
        raise UsageError("--of says which of the models of --results is meant.")
    if not values.get("model"):
        raise UsageError("Name a model (--model) and tasks (--tasks), or a file (--results).")
    return False


def _keep(results: tuple[Path, ...], system: str, given: Mapping[str, Any]) -> None:
    from sit_core.benchmark.lm_eval_results import read_files
    from sit_core.benchmark.save import figures_of, keep, known_models
    from sit_core.store import open_store

    store = open_store()
    found = read_files(results, subtasks=bool(given["subtasks"]))
    reading = figures_of(found, system, given["of_model"], known_models(store, system))
    keep(store, system, reading.results)
    _print(reading, system, as_json=given["as_json"])


def _show(
    config: "BenchmarkConfig", reading: "LmEvalResults", _store: "Store", as_json: bool
) -> None:
    _print(reading, config.system, as_json=as_json)


benchmark = command_of(ACTION, _show, extra=_READ, read_extra=_read_results)


def _print(reading: "LmEvalResults", system: str, *, as_json: bool) -> None:
    from sit_core.benchmark.save import models_of

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
