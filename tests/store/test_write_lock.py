"""Threads that write are served in the order in which they came, and none waits for ever."""

import threading
from typing import Any

import pytest
from sqlalchemy import create_mock_engine
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.store import Store
from sit_core.store.write_lock import AdvisoryLock, WriteLock, hold
from tests.factories import make_run
from tests.jobs.conftest import until


def test_who_came_first_is_served_first() -> None:
    lock, served = WriteLock(), list[int]()

    def wait(i: int) -> None:
        with lock.held(60):
            served.append(i)

    threads = [threading.Thread(target=wait, args=(i,)) for i in range(8)]
    with lock.held(60):
        for i, thread in enumerate(threads):
            thread.start()
            until(lambda i=i: len(lock._waiting) == i + 1)
    for thread in threads:
        thread.join()
    assert served == list(range(8))
    assert not lock._taken


def test_a_turn_ends_with_an_error_too_and_waiting_has_an_end() -> None:
    lock = WriteLock()
    with pytest.raises(ValueError, match="x"), lock.held(0):
        raise ValueError("x")
    with lock.held(0):
        with lock.held(0):
            assert not lock._waiting  # let in without its turn: SQLite decides
        assert lock._taken  # whose end does not end the first one's
    assert not lock._taken


def test_writers_of_one_sqlite_wait_for_their_turn(sqlite_store: Store) -> None:
    written = threading.Event()

    def work() -> None:
        with sqlite_store.write():
            written.set()

    thread = threading.Thread(target=work)
    with sqlite_store.write():
        thread.start()
        until(lambda: len(sqlite_store._write_lock._waiting) == 1)
        assert not written.is_set()
    thread.join()
    assert written.is_set()
    make_run(sqlite_store, "a", 1)  # and the turn is free again


@pytest.mark.parametrize("came", [False, True])
def test_a_wait_that_a_signal_ends_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, came: bool
) -> None:
    lock = WriteLock()
    with lock.held(60), monkeypatch.context() as patch:

        def interrupted(event: threading.Event, _: float) -> bool:
            if came:
                lock._pass_on()  # the turn comes just as the signal does
            raise KeyboardInterrupt

        patch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), lock.held(60):
            pass
        assert not lock._waiting
    assert not lock._taken


def asked_of(dialect: str, lock: AdvisoryLock, item: int | None = None) -> list[str]:
    """The statements that a lock sends, with their numbers in them."""
    sent: list[str] = []
    kind = {"postgresql": postgresql, "sqlite": sqlite}[dialect].dialect()

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        sent.append(str(statement.compile(dialect=kind, compile_kwargs={"literal_binds": True})))

    connection: Any = create_mock_engine(f"{dialect}://", keep)
    hold(connection, lock, item)
    return sent


def test_programs_of_two_versions_wait_for_each_other() -> None:
    numbers = {
        AdvisoryLock.MIGRATION: 730114,
        AdvisoryLock.IMPORT: 730115,
        AdvisoryLock.PROMPT_SETS: 730116,
    }
    for lock, number in numbers.items():
        assert "".join(asked_of("postgresql", lock)).count(f"pg_advisory_xact_lock({number})") == 1
    (sent,) = asked_of("postgresql", AdvisoryLock.JUDGMENTS, 7)
    assert "pg_advisory_xact_lock(730116, 7)" in sent


def test_sqlite_which_lets_one_write_at_a_time_is_asked_for_nothing() -> None:
    assert asked_of("sqlite", AdvisoryLock.IMPORT) == []
