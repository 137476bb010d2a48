"""Threads that write are served in the order in which they came, and none waits for ever."""

import threading

import pytest

from sit_core.store import Store
from sit_core.store.turns import Turns
from tests.factories import make_run
from tests.jobs.conftest import until


def test_who_came_first_is_served_first() -> None:
    turns, served = Turns(), list[int]()

    def wait(i: int) -> None:
        with turns.mine(60):
            served.append(i)

    threads = [threading.Thread(target=wait, args=(i,)) for i in range(8)]
    with turns.mine(60):
        for i, thread in enumerate(threads):
            thread.start()
            until(lambda i=i: len(turns._waiting) == i + 1)
    for thread in threads:
        thread.join()
    assert served == list(range(8))
    assert not turns._taken


def test_a_turn_ends_with_an_error_too_and_waiting_has_an_end() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="x"), turns.mine(0):
        raise ValueError("x")
    with turns.mine(0):
        with turns.mine(0):
            assert not turns._waiting  # let in without its turn: SQLite decides
        assert turns._taken  # whose end does not end the first one's
    assert not turns._taken


def test_writers_of_one_sqlite_wait_for_their_turn(sqlite_store: Store) -> None:
    written = threading.Event()

    def work() -> None:
        with sqlite_store.write():
            written.set()

    thread = threading.Thread(target=work)
    with sqlite_store.write():
        thread.start()
        until(lambda: len(sqlite_store._turns._waiting) == 1)
        assert not written.is_set()
    thread.join()
    assert written.is_set()
    make_run(sqlite_store, "a", 1)  # and the turn is free again


@pytest.mark.parametrize("came", [False, True])
def test_a_wait_that_a_signal_ends_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, came: bool
) -> None:
    turns = Turns()
    with turns.mine(60), monkeypatch.context() as patch:

        def interrupted(event: threading.Event, _: float) -> bool:
            if came:
                turns._pass_on()  # the turn comes just as the signal does
            raise KeyboardInterrupt

        patch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), turns.mine(60):
            pass
        assert not turns._waiting
    assert not turns._taken
