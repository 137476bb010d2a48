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


def test_only_one_thread_at_a_time_is_in_a_transaction_of_sqlite(store: Store) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(5):
            with store.write() as connection:
                with lock:
                    inside += 1
                    most = max(most, inside)
                connection.exec_driver_sql("select 1").close()
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == 0
    assert most == 1 or not store.is_sqlite
    make_run(store, "a", 1)  # and the turn is free again
