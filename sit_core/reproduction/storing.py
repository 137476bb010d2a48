"""The embedded models' outputs as runs of a store, scored by rule: one run a model and test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sit_core.metrics.following import RULE_JUDGE
from sit_core.metrics.registry import Options, score_predictions
from sit_core.reproduction.outputs import FOLDER, read_index, read_outputs
from sit_core.reproduction.plan import MODELS, TESTS
from sit_core.store import Store
from sit_core.store.runs import run_models
from sit_core.store.seed import SeedContent, add_runs

NOTE = (
    "Outputs of the micro lab, the very small models that come with the program: a demonstration. "
    "They know a world of about 150 things and nothing else."
)
METRICS = ("accuracy", "rouge-l", "following")


def content_of(folder: Path = FOLDER, tests: Sequence[str] = tuple(TESTS)) -> SeedContent:
    """The runs of these test instructions, scored.

    Raises:
        SitError: there are no outputs in the folder.
    """
    index = read_index(folder)
    outputs = read_outputs(folder, tests)
    predictions = [p for of in outputs.values() for test in tests for p in of[test]]
    options = Options()
    return SeedContent(
        predictions=predictions,
        note=NOTE,
        origins={
            MODELS[key].run(test): _origin(key, index) for key in index["models"] for test in tests
        },
        sets={
            MODELS[key].run(test): f"Micro lab: {test}" for key in index["models"] for test in tests
        },
        scores=list(score_predictions(predictions, METRICS, options)),
        how={metric: options.how(metric) for metric in METRICS},
        judge=RULE_JUDGE,
    )


def missing_tests(store: Store, folder: Path = FOLDER) -> list[str]:
    """The test instructions of which the store lacks a run.

    Raises:
        SitError: there are no outputs in the folder.
    """
    there, models = set(run_models(store)), read_index(folder)["models"]
    return [test for test in TESTS if not all(MODELS[key].run(test) in there for key in models)]


def store_outputs(store: Store, folder: Path = FOLDER) -> list[str]:
    """Put the runs that the store lacks into it; the names of those that were put in.

    Raises:
        SitError: there are no outputs in the folder.
    """
    tests = missing_tests(store, folder)
    return add_runs(store, content_of(folder, tests)) if tests else []


def _origin(key: str, index: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": "microlab",
        "adapter": f"data/microlab/adapters/{key}" if MODELS[key].adapter else None,
        "questions": index["questions"],
        "made": index["models"][key],
    }
