"""Asynchronous work behind an ordinary iterator: an event loop on a thread of its own.

So that a caller without asyncio has many requests in flight, gets results as they come, and can
stop at any moment, also while nothing arrives.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from sit_core.models.interface import Stop

T = TypeVar("T")
_LOOK = 0.05
"""Seconds between two questions whether to stop, while nothing comes."""


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(
    work: Callable[[Callable[[T], None]], Coroutine[Any, Any, None]], stop: Stop | None = None
) -> Iterator[T]:
    """What ``work(put)`` puts, as it comes; then what it raises.

    ``stop`` saying True, or closing the iterator, cancels the work and waits until it has ended.
    """
    found: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    task = loop.create_task(work(found.put))

    def run() -> None:
        error: BaseException | None = None
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it belongs
            error = raised
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        found.put(_End(error))

    thread = threading.Thread(target=run, daemon=True, name="requests")
    thread.start()
    try:
        while True:
            try:
                item = found.get(timeout=_LOOK if stop else None)
            except queue.Empty:
                if stop and stop():
                    return
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            if stop and stop():
                return
            yield item
    finally:
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(task.cancel)
        thread.join()
