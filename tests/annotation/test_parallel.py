"""Several annotators at once: no sample over k, none missed, nobody turned away wrongly."""

import threading
from collections import Counter, defaultdict

import pytest
from sqlalchemy import select

from sit_core.annotation.session import exchange
from sit_core.errors import OutOfReach
from sit_core.store import Store
from sit_core.store.schema import judges, judgments, slots
from tests.annotation.conftest import MakeStudy

TRIES = 10
"""How often a desk here sends what got no answer; a real one never stops."""


def turn(store: Store, study, name: str, message: dict | None = None) -> dict:
    """Send it again where the database did not answer in time, as the desk does."""
    for left in reversed(range(TRIES)):
        try:
            return exchange(store, study, name, message)
        except OutOfReach:
            if not left:
                raise
    raise AssertionError("unreachable")


def work(store: Store, study, name: str, given: dict[str, set[str]], errors: list) -> None:
    """Judge until nothing is left for this annotator; poll while others hold the rest."""
    try:
        reply = turn(store, study, name)
        while True:
            given[name].update(reply["hand"])
            if not reply["hand"]:
                if not reply["progress"]["left"]:
                    return
                reply = turn(store, study, name, {"progress": True})
                continue
            p = reply["hand"][0]
            item = {"id": p, "prediction": p, "verdicts": {"repeat": "yes", "answer": "yes"}}
            reply = turn(store, study, name, {"submissions": [item]})
            assert [a["ok"] for a in reply["acks"]] == [True]
    except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
        errors.append(error)


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 2])
def test_eight_annotators_judge_400_samples_k_times_each(
    store: Store, make_study: MakeStudy, k: int
) -> None:
    study = make_study(200, runs=2, annotators=k)
    given: dict[str, set[str]] = defaultdict(set)
    errors: list[Exception] = []
    names = [f"annotator {i}" for i in range(8)]
    threads = [
        threading.Thread(target=work, args=(store, study, name, given, errors)) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.read() as connection:
        done = connection.execute(
            select(judgments.c.prediction_id, judges.c.name, judgments.c.step).join(
                judges, judges.c.id == judgments.c.judge_id
            )
        ).all()
        open_slots = connection.scalar(select(slots.c.id).where(slots.c.done_at.is_(None)).limit(1))
    assert open_slots is None
    by_sample = Counter((p, step) for p, _, step in done)
    assert len(by_sample) == 400 * 2
    assert set(by_sample.values()) == {k}  # none missed, none over k
    assert len({(p, name, step) for p, name, step in done}) == len(done)  # nobody twice
    # "given" counts what was claimed ahead too: a sample is in at most k people's hands.
    handed = Counter(p for hand in given.values() for p in hand)
    assert max(handed.values()) <= k


def test_two_windows_of_one_annotator_share_one_hand(store: Store, make_study: MakeStudy) -> None:
    study = make_study(30, annotators=2)
    hands: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: hands.append(exchange(store, study, "Ann")["hand"]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hands) == 6
    everything = {p for hand in hands for p in hand}
    with store.read() as connection:
        mine = connection.scalars(
            select(slots.c.prediction_id).where(slots.c.judge_id.is_not(None))
        ).all()
    assert sorted(mine) == sorted(everything)  # one slot per sample, not one per window
