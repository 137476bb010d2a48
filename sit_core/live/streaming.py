"""Several models writing at the same time, for somebody who looks on.

A thread per model puts pieces into its column; the page takes a `snapshot` as often as it likes.
`stop` ends everything: nothing that comes later is shown, and no thread outlives its model's next
token (or the end of its loading).
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings, Model, ModelSpec, load_model
from sit_core.models.interface import Thought
from sit_core.records import Example

numbers = itertools.count(1)
"""Tells each ask, or replay, from all others of this process."""
Load = Callable[[ModelSpec], Model]
_log = logging.getLogger(__name__)


class Phase(StrEnum):
    """How far one model is."""

    LOADING = "loading"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


ENDED = (Phase.DONE, Phase.STOPPED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class StreamState:
    """One model's column at one moment. Times in seconds from the start of all."""

    spec: ModelSpec
    phase: Phase = Phase.LOADING
    text: str = ""
    pieces: int = 0
    """How many have come; of a local model about one per token."""
    loaded: float | None = None
    first: float | None = None
    """When the first piece came."""
    last: float | None = None
    """When it ended."""
    tokens: int | None = None
    """Known at the end, and not from every endpoint."""
    cut: bool = False
    """Whether a limit ended it."""
    refused: bool = False
    """Whether it is a refusal, or what a content filter left of it."""
    reason: str | None = None
    """Why it is cut, refused or empty, where that is known."""
    thoughts: str = ""
    """What the model thought before; no part of `text`."""
    error: str | None = None
    """One sentence; `text` is what had come before."""
    identity: dict[str, Any] | None = field(default=None, compare=False)
    """Where the output comes from; there once it is done and its thread has ended."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.phase in ENDED

    def rate(self, now: float) -> float | None:
        """Tokens per second since the model was loaded; of pieces while tokens are not known.

        Args:
            now: seconds from the start of all, for what is still being written.

        >>> spec = ModelSpec("m")
        >>> StreamState(spec, Phase.DONE, loaded=1.0, first=1.5, last=3.0, tokens=50).rate(9.0)
        25.0
        >>> StreamState(spec, Phase.WRITING, loaded=1.0, first=1.5, pieces=10).rate(2.0)
        10.0
        >>> StreamState(spec).rate(2.0) is None
        True
        """
        made = self.pieces if self.tokens is None else self.tokens
        took = (now if self.last is None else self.last) - (self.loaded or 0.0)
        return made / took if self.first is not None and took > 0 and made else None


class Streams:
    """One ask under way; ``number`` tells it from all others of this process."""

    def __init__(
        self,
        example: Example,
        models: Sequence[ModelSpec],
        settings: GenerationSettings,
        load: Load = load_model,
    ) -> None:
        """Start at once, one thread per model."""
        self.number = next(numbers)
        self.example = example
        self.settings = settings
        self._load = load
        self._columns = [StreamState(spec) for spec in models]
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._threads = [
            threading.Thread(target=self._run, args=(place,), daemon=True, name="live stream")
            for place in range(len(models))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def running(self) -> bool:
        """Whether anything may still come."""
        return not all(column.ended for column in self.snapshot())

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def snapshot(self) -> tuple[StreamState, ...]:
        """All columns as they are now, in the order of the models."""
        with self._lock:
            return tuple(self._columns)

    def wait(self, seconds: float) -> None:
        """Return when something has come since the last call, or after so many seconds."""
        if self._news.wait(seconds):
            self._news.clear()

    def stop(self) -> None:
        """End what is under way; what has come stays. Harmless when all has ended."""
        with self._lock:
            self._stop.set()
            for place, column in enumerate(self._columns):
                if not column.ended:
                    self._columns[place] = replace(
                        column, phase=Phase.STOPPED, last=time.monotonic() - self._began
                    )
        self._news.set()

    def join(self) -> None:
        """Return when no thread is left: all outputs then have their identity."""
        for thread in self._threads:
            thread.join()

    def _run(self, place: int) -> None:
        try:
            with closing(self._load(self._columns[place].spec)) as model:
                self._tell(place, phase=Phase.WRITING, loaded=self.elapsed)
                made = self._write(place, model)
                if made is None or self._stop.is_set():
                    return
                self._finish(place, made)
                if not made.error:
                    self._tell(place, identity=model.identity())
        except SitError as error:
            self._fail(place, str(error))
        except Exception as error:  # noqa: BLE001 - of this model alone; the others go on
            _log.exception("a live stream failed")
            said = " ".join(str(error).split())[:200]
            self._fail(place, f"The model failed ({type(error).__name__}: {said}).")

    def _write(self, place: int, model: Model) -> Generated | None:
        """Take piece after piece; None when it was stopped."""
        pieces = model.stream(self.example, self.settings, self._stop.is_set)
        with closing(pieces):
            while not self._stop.is_set():
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    made: Generated = end.value
                    return made
                with self._lock:
                    column = self._columns[place]
                    if not column.ended:
                        thinks = isinstance(piece, Thought)
                        self._columns[place] = replace(
                            column,
                            text=column.text if thinks else column.text + piece,
                            thoughts=column.thoughts + piece if thinks else column.thoughts,
                            pieces=column.pieces + 1,
                            first=self.elapsed if column.first is None else column.first,
                        )
                self._news.set()
        return None

    def _finish(self, place: int, made: Generated) -> None:
        self._tell(
            place,
            phase=Phase.FAILED if made.error else Phase.DONE,
            text=made.text,
            tokens=made.tokens,
            cut=made.cut,
            refused=made.refused,
            reason=made.reason,
            thoughts=made.thoughts,
            error=made.error,
            last=self.elapsed,
        )

    def _fail(self, place: int, reason: str) -> None:
        self._tell(place, phase=Phase.FAILED, error=reason, last=self.elapsed)

    def _tell(self, place: int, **changes: Any) -> None:
        with self._lock:
            if self._columns[place].phase is not Phase.STOPPED:
                self._columns[place] = replace(self._columns[place], **changes)
        self._news.set()
