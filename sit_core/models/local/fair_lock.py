"""A lock that is handed on in the order in which it was asked for.

Several visitors generate with one base, token by token. With an ordinary lock, whoever has just
let go of it usually gets it again, and the others stand still.
"""

import threading
from collections import deque
from types import TracebackType


class Turns:
    """Use as ``with turns:``; not reentrant."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:  # interrupted while waiting: leave the queue, or pass the turn on
            with self._mutex:
                queued = gate in self._waiting
                if queued:
                    self._waiting.remove(gate)
            if not queued:
                self._hand_on()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
