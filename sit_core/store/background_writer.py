"""What comes from a model is written as it comes, on a thread of its own.

In small transactions: generating never waits for the disk. After a kill the same command asks
again what was in flight and what had come but was not stored yet, milliseconds' worth (more where
the disk is slow), and nothing that is stored. Progress counts what has come.
"""

import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from sit_core.errors import OutOfReach, SitError
from sit_core.store.engine import first_line

CHUNK = 500
T = TypeVar("T")
W = TypeVar("W", bound="BackgroundWriter")  # type: ignore[type-arg]


class BackgroundWriter(ABC, Generic[T]):
    """Stores all that was put since the last time, at once, again and again; a context manager."""

    def __init__(self, what: str) -> None:
        """``what``: one of the things, as a sentence calls it (``output``)."""
        self._what = what
        self._waiting: queue.SimpleQueue[tuple[T] | None]
        self._waiting = queue.SimpleQueue()
        self._fault: SitError | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name=f"{what} writer")

    @abstractmethod
    def store_batch(self, batch: Sequence[T]) -> None:
        """One transaction."""

    def put(self, item: T) -> None:
        """One more to write.

        Raises:
            SitError: what came earlier could not be stored.
        """
        if self._fault is not None:
            raise self._fault
        self._waiting.put((item,))

    def __enter__(self: W) -> W:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        if self._fault is not None and (error is None or isinstance(error, SitError)):
            raise self._fault

    def _work(self) -> None:
        for batch in self._batches():
            try:
                self.store_batch(batch)
            except OutOfReach as error:
                self._fault = SitError(
                    f"The {self._what}s can't be stored ({first_line(error.__cause__)}); what was "
                    "written before is kept. Make room or bring the database back, then resume."
                )
                return
            except SitError as error:
                self._fault = error
                return
            except Exception as error:  # noqa: BLE001 - raised again where things are put
                article = "An" if self._what[0] in "aeiou" else "A"
                self._fault = SitError(
                    f"{article} {self._what} can't be stored ({type(error).__name__}: "
                    f"{str(error)[:200]})."
                )
                return

    def _batches(self) -> Iterator[list[T]]:
        """All that has come since the last time, at once."""
        last = False
        while not last:
            batch = []
            item = self._waiting.get()
            while True:
                if item is None:
                    last = True
                    break
                batch.append(item[0])
                if len(batch) >= CHUNK:
                    break
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
            if batch:
                yield batch
