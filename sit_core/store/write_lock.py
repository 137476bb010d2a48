"""Who waits for whom before writing: threads on SQLite, transactions on PostgreSQL.

Threads of one process write to SQLite one after another, in the order in which they came.

SQLite lets one write at a time; whoever finds it busy sleeps and looks again, and with many who do
so one of them may have no luck for half a minute. In here they are woken in turn.

On PostgreSQL many write at once; what must not be done by two at once takes an advisory lock.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from sqlalchemy import Connection, func, select


class AdvisoryLock(IntEnum):
    """What two transactions never do at once on PostgreSQL → the number of its lock.

    The numbers stay as they are: programs of two versions may write to one database.
    """

    MIGRATION = 730114
    IMPORT = 730115
    """Of outputs, from files and from what is shipped."""
    JUDGMENTS = 730116
    """Of one judge: taken with the judge's id, which PostgreSQL keeps apart from those without."""
    PROMPT_SETS = 730116
    STUDY_SAMPLES = 730117
    """Outputs become samples of a study; shared: a machine says something of outputs."""


def hold(
    connection: Connection, lock: AdvisoryLock, item: int | None = None, *, shared: bool = False
) -> None:
    """Wait for the lock and hold it until the transaction ends; on SQLite only one writes anyway.

    Args:
        connection: in a transaction.
        lock: what is about to be done.
        item: to which one thing, by its id; None: to any.
        shared: with others who ask for it so.
    """
    if connection.dialect.name == "postgresql":
        key = (int(lock),) if item is None else (int(lock), item)
        take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(take(*key)))


class WriteLock:
    """A lock that serves first who came first."""

    def __init__(self) -> None:
        """Nobody holds it."""
        self._lock = threading.Lock()
        self._taken = False
        self._waiting = deque[threading.Event]()

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Wait until it is the caller's turn; the turn ends with the block.

        Not for whoever has the turn already. After so many seconds the block is entered without
        it: SQLite itself has the last word on who may write.
        """
        has = self._take(seconds)
        try:
            yield
        finally:
            if has:
                self._pass_on()

    def _take(self, seconds: float) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        try:
            if called.wait(seconds):
                return True
        except BaseException:  # a signal ended the wait: nobody else may wait for this turn
            if not self._leave(called):
                self._pass_on()
            raise
        return not self._leave(called)

    def _leave(self, called: threading.Event) -> bool:
        """No longer wait; False where the turn came at the very last moment."""
        with self._lock:
            if called.is_set():
                return False
            self._waiting.remove(called)
            return True

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
