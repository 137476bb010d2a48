"""Running benchmarks by lm-eval as an action; see `sit_core.actions`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.benchmark.config import BenchmarkConfig

if TYPE_CHECKING:
    from sit_core.benchmark.lm_eval_results import LmEvalResults
    from sit_core.store import Store


def _run(config: BenchmarkConfig, context: Context) -> LmEvalResults:
    from sit_core.benchmark.run import run_benchmarks

    return run_benchmarks(
        context.store,
        config,
        report=context.report,
        say=lambda line: print(line, file=sys.stderr),  # noqa: T201  # lm-eval's, into the log
    )


def _faults(config: BenchmarkConfig, _store: Store | None) -> Iterator[str]:
    from sit_core.store.systems import name_problems

    yield from name_problems(config.system)
    if config.tasks_folder is not None and not Path(config.tasks_folder).is_dir():
        yield f"There is no folder {config.tasks_folder!r}."


def _title(config: BenchmarkConfig) -> str:
    more = len(config.tasks) - 4
    shown = ", ".join(config.tasks[:4]) + (f" and {more} more" if more > 0 else "")
    return f"Benchmarks of {config.system}: {shown}"


ACTION = Action(
    name="benchmark",
    config=BenchmarkConfig,
    run=_run,
    title=_title,
    faults=_faults,
    started=lambda config: {"system": config.system},
    help="""Put a model to standard benchmarks, or read what lm-eval has found before.

    The figures are kept for the system and stand on the leaderboard. Stopped or killed, the same
    command goes on where it was.
    """,
)
