"""A model made ready while its user still reads the page: loaded, and one token made.

So that the first words come at once when Run is pressed: importing torch and loading the embedded
model takes seconds, its first token a moment longer.
"""

import logging
import threading
from contextlib import closing

from sit_core.live.model_choices import choices
from sit_core.live.request import MOST_MODELS
from sit_core.live.streaming import Load
from sit_core.metrics.following import following
from sit_core.models import GenerationSettings, ModelSpec, load_model
from sit_core.records import Example, Step, chain

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_warming: dict[ModelSpec, threading.Thread] = {}
_EXAMPLE = Example(
    "First repeat the input, then answer the question.",
    "Question: What is a cow?\nChoices: A:animal, B:tool",
    steps=chain([Step("repeat", "R"), Step("answer", "A")]),
)


def warm(spec: ModelSpec, load: Load = load_model) -> threading.Thread:
    """Begin, once per model and process; the thread is returned to wait for.

    What goes wrong is not said here: pressing Run meets it again and says it.
    """
    with _lock:
        thread = _warming.get(spec)
        if thread is None:
            thread = threading.Thread(
                target=_warm, args=(spec, load), daemon=True, name=f"warming {spec.model}"
            )
            _warming[spec] = thread
            thread.start()
        return thread


def warm_embedded(load: Load = load_model) -> None:
    """Make ready what the Live page offers first, one after another; returns when that is done."""
    for choice in [choice for choice in choices() if choice.embedded][:MOST_MODELS]:
        warm(choice.spec, load).join()


def _warm(spec: ModelSpec, load: Load) -> None:
    try:
        with closing(load(spec)) as model:
            for _ in model.stream(_EXAMPLE, GenerationSettings(max_new_tokens=2)):
                pass
        following("A", _EXAMPLE)
    except Exception:  # noqa: BLE001 - it is met again, and said, when the model is asked
        _log.info("warming %s failed", spec.model, exc_info=True)
        with _lock:
            _warming.pop(spec, None)
