"""A long action on a thread of its own, with progress and a way to stop it.

It outlives reruns of the page, so that a click elsewhere doesn't end it; the page keeps it in the
session and draws `share` and `text` in a fragment that runs again while `running` is true.
"""

import threading
from collections.abc import Callable
from typing import Any


class Background:
    """``work(report, cancelled)`` under way; ``report(text, share)`` tells how far it has come."""

    def __init__(
        self, work: Callable[[Callable[[str, float], None], Callable[[], bool]], Any]
    ) -> None:
        self.share = 0.0
        self.text = ""
        self.result: Any = None
        self.error: Exception | None = None
        self._stop = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to stop; it does at its next step."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Return when it has ended; for tests."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self._work(self._report, self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - raised again where the page reads the result
            self.error = error

    def _report(self, text: str, share: float) -> None:
        self.text, self.share = text, min(1.0, max(0.0, share))
