"""Standard benchmarks (GSM8K, MMLU, HumanEval, …) through lm-eval, an optional extra.

``run_benchmarks(store, BenchmarkOptions(…), report=…)`` runs the harness in a process of its own;
``read_files(["results/"])`` reads what past runs of it left. Both end in `keep`.
"""

from sit_core.benchmark.config import BenchmarkConfig, title_of, words_of
from sit_core.benchmark.lm_eval_results import (
    BenchmarkFile,
    LmEvalResults,
    read_files,
    read_results,
)
from sit_core.benchmark.run import run_benchmarks
from sit_core.benchmark.save import figures_of, keep, known_models, models_of

__all__ = [
    "BenchmarkConfig",
    "BenchmarkFile",
    "LmEvalResults",
    "figures_of",
    "keep",
    "known_models",
    "models_of",
    "read_files",
    "read_results",
    "run_benchmarks",
    "title_of",
    "words_of",
]
