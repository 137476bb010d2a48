"""The lock on a base goes round."""

import threading

from sit_core.models.local.base_model_cache import FairLock


def waiting_for(turns: FairLock, order: list[str], name: str) -> threading.Thread:
    """A thread that stands in the queue."""

    def work() -> None:
        with turns:
            order.append(name)

    thread, before = threading.Thread(target=work), len(turns._waiting)
    thread.start()
    while len(turns._waiting) == before:
        threading.Event().wait(0.001)
    return thread


def test_whoever_has_just_had_the_turn_waits_for_the_others() -> None:
    turns, order = FairLock(), []
    with turns:
        threads = [waiting_for(turns, order, name) for name in ("a", "b", "c")]
    with turns:
        order.append("again")
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c", "again"]


def test_an_exception_gives_the_turn_back() -> None:
    turns = FairLock()
    try:
        with turns:
            raise ValueError
    except ValueError:
        pass
    with turns:
        pass
    assert not turns._held
