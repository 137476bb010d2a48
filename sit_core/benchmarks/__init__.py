"""Standard benchmarks (GSM8K, MMLU, HumanEval, …) through lm-eval, an optional extra.

``run_benchmarks(store, BenchmarkOptions(…), report=…)`` runs the harness in a process of its own;
``read_files(["results/"])`` reads what past runs of it left. Both end in `keep`.
"""

from sit_core.benchmarks.choosing import figures_of, known_models, models_of
from sit_core.benchmarks.keeping import keep
from sit_core.benchmarks.options import BenchmarkOptions, title_of, words_of
from sit_core.benchmarks.reading import BenchmarkFile, Reading, read_files, read_results
from sit_core.benchmarks.run import run_benchmarks

__all__ = [
    "BenchmarkFile",
    "BenchmarkOptions",
    "Reading",
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
