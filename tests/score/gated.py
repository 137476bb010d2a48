"""In a job's process: *accuracy* in batches of two, waiting at the third output for a file."""

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from sit_core.metrics.registry import METRICS, Options, Score
from sit_core.records import Prediction
from sit_core.score import run as score

score._AT_ONCE = 2


def gated(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    """1 for each; says what it was asked."""
    folder = Path(os.environ["GATE_FOLDER"])
    for prediction in predictions:
        with (folder / "asked").open("a") as record:
            record.write(prediction.output + "\n")
        if prediction.output == "c":
            (folder / "waiting").touch()
            while not (folder / "open").exists():
                threading.Event().wait(0.01)
        yield Score(prediction.id, "accuracy", 1.0)


METRICS._things["accuracy"] = gated
