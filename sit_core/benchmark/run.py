"""Run benchmarks and keep their results; killed, the same command goes on where it was.

lm-eval writes each reply of the model into a cache as it comes. That cache serves going on and
nothing else: it is deleted at the end, so that a model that was changed is never answered for.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from sit_core.benchmark.action import ACTION
from sit_core.benchmark.config import BenchmarkConfig
from sit_core.benchmark.lm_eval import command, environment, run_harness
from sit_core.benchmark.lm_eval_results import LmEvalResults, read_files
from sit_core.benchmark.save import keep
from sit_core.config.arguments import argv
from sit_core.config.fields import check
from sit_core.errors import SitError, UsageError
from sit_core.models.local.weights import weights_in
from sit_core.models.resolve import find_place
from sit_core.records import stable_id
from sit_core.settings import settings
from sit_core.store import Store


def run_benchmarks(
    store: Store,
    options: BenchmarkConfig,
    *,
    report: Callable[..., None],
    say: Callable[[str], None] = lambda line: None,
) -> LmEvalResults:
    """Put a model to benchmarks and store what comes out.

    Args:
        store: where the results go.
        options: what to run.
        report: told how far it is (done, total, message); may raise to stop.
        say: gets what lm-eval writes.

    Raises:
        UsageError: the options can't work.
        SitError: lm-eval, the model or a task is missing, or it failed.
    """
    if faults := [*check(options), *ACTION.faults(options, store)]:
        raise UsageError(" ".join(dict.fromkeys(faults)))
    folder = settings().home / "benchmarks" / _key(options)
    results = folder / "results"
    before = set(_found(results))
    report(None, None, "starting lm-eval")
    words = command(options, folder)
    run_harness(words, environment(options), folder=folder, say=say, report=report)
    new = [path for path in _found(results) if path not in before]
    if not new:
        raise SitError(f"lm-eval wrote no results into {results}; see its log.")
    reading = read_files(new, subtasks=options.subtasks)
    keep(store, options.system, reading.results)
    for path in folder.glob("replies*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    n = len(reading.results)
    report(n, n, f"{n} figure{'' if n == 1 else 's'} of {options.system}")
    return reading


def _found(folder: Path) -> list[Path]:
    return sorted(folder.rglob("results*.json"))


def _key(options: BenchmarkConfig) -> str:
    """The same for what can be resumed: settings, in the order of their fields, and weights."""
    states = []
    if options.backend != "openai":
        spec = options.spec()
        states = [repr(weights_in(find_place(spec.model, spec.revision, "model").folder).state)]
        if options.adapter is not None:
            states.append(repr(weights_in(find_place(options.adapter, None, "adapter").folder)))
    return stable_id("benchmark", *argv(options), *states)
