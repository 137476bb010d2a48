"""A turn at the desk: what is acknowledged is stored, once, on the sample that was shown."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from sit_core.annotation.session import AHEAD, exchange, leave
from sit_core.errors import OutOfReach
from sit_core.store import Store
from sit_core.store.schema import judgments, predictions, remarks, slots
from sit_core.store.studies import StudyPlan, create_study
from tests.annotation.conftest import STEPS, MakeStudy, fill

BOTH = {"repeat": "yes", "answer": "no"}


def say(prediction: str, verdicts: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    item = {"id": f"say {prediction}", "prediction": prediction, "verdicts": verdicts or {}} | more
    return {"turn": 1, "submissions": [item]}


def rows(store: Store) -> list[tuple[str, str, int, str]]:
    with store.read() as connection:
        j = judgments.c
        return [
            tuple(r)
            for r in connection.execute(
                select(j.prediction_id, j.step, j.revision, j.verdict).order_by(j.id)
            )
        ]


def test_a_desk_that_opens_gets_samples_ahead_and_progress(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(5)
    reply = exchange(store, study, "Ann")
    assert json.loads(json.dumps(reply)) == reply  # the page gets it as JSON
    assert [s["id"] for s in reply["samples"]] == reply["hand"]
    assert len(reply["hand"]) == AHEAD
    assert reply["samples"][0]["output"].startswith("model 0 says")
    assert reply["samples"][0]["expected"][0][0] == "repeat"
    assert reply["progress"] == {
        "mine": 0, "left": 5, "skipped": 0, "held": 0, "free_at": None, "done": 0, "total": 5,
    }  # fmt: skip


def test_an_acknowledged_judgment_is_in_the_store_and_the_next_sample_follows(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(5)
    first, second, *_ = exchange(store, study, "Ann")["hand"]
    reply = exchange(store, study, "Ann", say(first, BOTH))
    assert reply["acks"] == [
        {
            "id": f"say {first}",
            "ok": True,
            "said": {"repeat": ["yes", 1], "answer": ["no", 1]},
            "note": "",
            "flagged": False,
            "note_revision": 0,
        }
    ]
    assert rows(store) == [(first, "repeat", 1, "yes"), (first, "answer", 1, "no")]
    assert reply["hand"][0] == second
    assert first not in reply["hand"]


def test_the_same_submission_three_times_is_stored_once(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(5)
    first = exchange(store, study, "Ann")["hand"][0]
    acks = [exchange(store, study, "Ann", say(first, BOTH))["acks"] for _ in range(3)]
    assert acks[0] == acks[1] == acks[2]
    assert len(rows(store)) == 2


def test_a_change_of_mind_is_a_newer_revision(store: Store, make_study: MakeStudy) -> None:
    study = make_study(5)
    first = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", say(first, BOTH))
    changed = say(first, {"answer": "yes"}, base={"answer": 1})
    for _ in range(2):
        ack = exchange(store, study, "Ann", changed)["acks"][0]
        assert ack["ok"]
        assert ack["said"] == {"repeat": ["yes", 1], "answer": ["yes", 2]}
    assert rows(store)[2:] == [(first, "answer", 2, "yes")]


def test_a_stale_window_changes_nothing_and_is_told_what_stands(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(5)
    first = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", say(first, BOTH))
    ack = exchange(store, study, "Ann", say(first, {"repeat": "no", "answer": "no"}))["acks"][0]
    assert not ack["ok"]
    assert "another window" in ack["reason"]
    assert ack["said"]["repeat"] == ["yes", 1]
    assert len(rows(store)) == 2


def test_a_desk_opened_again_elsewhere_resumes_with_the_same_samples(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(9)
    hand = exchange(store, study, "Ann")["hand"]
    exchange(store, study, "Ann", say(hand[0], BOTH))
    assert exchange(store, study, "Ann")["hand"][:2] == hand[1:3]


def test_back_leads_through_what_was_judged_latest_first(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(5)
    hand = exchange(store, study, "Ann", clock=lambda: 1.0)["hand"]
    for i, p in enumerate(hand):
        exchange(store, study, "Ann", say(p, BOTH), clock=lambda i=i: 2.0 + i)
    together = [say(p, BOTH)["submissions"][0] for p in exchange(store, study, "Ann")["hand"]]
    exchange(store, study, "Ann", {"submissions": together}, clock=lambda: 9.0)
    after_an_outage = exchange(store, study, "Ann", {"before": ""})["opened"]
    one_back = exchange(store, study, "Ann", {"before": after_an_outage})["opened"]
    assert {after_an_outage, one_back} == {item["prediction"] for item in together}
    latest = exchange(store, study, "Ann", {"before": one_back})
    assert latest["opened"] == hand[2]
    assert latest["samples"][-1]["said"] == {"repeat": ["yes", 1], "answer": ["no", 1]}
    assert exchange(store, study, "Ann", {"before": hand[2]})["opened"] == hand[1]
    assert exchange(store, study, "Ann", {"before": hand[0]})["reason"]


def test_a_skipped_sample_goes_to_others_and_comes_back_on_request(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(2)
    first, second = exchange(store, study, "Ann")["hand"]
    reply = exchange(store, study, "Ann", {"skip": [first], "progress": True})
    assert reply["hand"] == [second]
    assert reply["progress"]["skipped"] == 1
    assert exchange(store, study, "Bob")["hand"] == [first]
    leave(store, study, "Bob")
    assert exchange(store, study, "Ann", {"take_skipped": True})["hand"] == [first, second]


def test_a_claim_that_ran_out_is_another_annotators_and_the_late_verdict_is_refused_in_words(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(1, claim_minutes=10)
    (only,) = exchange(store, study, "Ann", clock=lambda: 0.0)["hand"]
    waiting = exchange(store, study, "Bob", clock=lambda: 300.0)
    assert waiting["hand"] == []
    assert (waiting["progress"]["held"], waiting["progress"]["free_at"]) == (1, 600.0)
    assert waiting["progress"]["left"] == 1  # never "all done" while one is open
    assert exchange(store, study, "Bob", clock=lambda: 601.0)["hand"] == [only]
    ack = exchange(store, study, "Ann", say(only, BOTH), clock=lambda: 602.0)["acks"][0]
    assert not ack["ok"]
    assert "another annotator" in ack["reason"]
    assert rows(store) == []


def test_a_late_verdict_counts_when_nobody_else_took_the_sample(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(1, claim_minutes=10)
    (only,) = exchange(store, study, "Ann", clock=lambda: 0.0)["hand"]
    assert exchange(store, study, "Ann", say(only, BOTH), clock=lambda: 6e4)["acks"][0]["ok"]


@pytest.mark.slow
def test_working_on_renews_the_claims(store: Store, make_study: MakeStudy) -> None:
    study = make_study(4, claim_minutes=10)
    hand = exchange(store, study, "Ann", clock=lambda: 0.0)["hand"]
    exchange(store, study, "Ann", say(hand[0], BOTH), clock=lambda: 400.0)
    assert set(exchange(store, study, "Bob", clock=lambda: 700.0)["hand"]).isdisjoint(hand)


def test_notes_and_flags_are_kept_with_revisions_and_do_not_finish_a_sample(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(3)
    first = exchange(store, study, "Ann")["hand"][0]
    note = say(first, note="odd\x00\ud800", flagged=True, note_base=0)
    for _ in range(2):
        reply = exchange(store, study, "Ann", note)
    assert reply["acks"][0]["note"] == "odd?"
    assert reply["acks"][0]["note_revision"] == 1
    assert reply["hand"][0] == first
    exchange(store, study, "Ann", say(first, note="plain", flagged=False, note_base=1))
    with store.read() as connection:
        found = connection.execute(select(remarks.c.note).order_by(remarks.c.revision))
        assert list(found.scalars()) == ["odd?", "plain"]


def test_in_order_is_asked_for_before_a_sample_is_done(store: Store, make_study: MakeStudy) -> None:
    study = make_study(3, ask_order=True)
    first = exchange(store, study, "Ann")["hand"][0]
    assert exchange(store, study, "Ann", say(first, BOTH))["hand"][0] == first
    done = exchange(store, study, "Ann", say(first, {"in_order": "no"}))
    assert first not in done["hand"]


def test_what_makes_no_sense_is_refused_and_named(store: Store, make_study: MakeStudy) -> None:
    study = make_study(2)
    first = exchange(store, study, "Ann")["hand"][0]
    reasons = [
        exchange(store, study, "Ann", say(first, bad))["acks"][0]["reason"]
        for bad in ({"hop": "yes"}, {"repeat": "perhaps"}, {"in_order": "yes"}, {})
    ]
    assert all(reasons)
    foreign = exchange(store, study, "Ann", say("no such sample", BOTH))["acks"][0]
    assert not foreign["ok"]
    for nonsense in (None, 3, "x", {"submissions": [7, {}]}, {"skip": "abc"}, {"have": [{}]}):
        assert exchange(store, study, "Ann", nonsense)["acks"] == []
    assert rows(store) == []


def test_a_blind_study_never_sends_the_models_name(store: Store, make_study: MakeStudy) -> None:
    study = make_study(2, blind=True)
    assert {s["run"] for s in exchange(store, study, "Ann")["samples"]} == {None}


def test_a_sample_says_what_of_its_output_was_given_to_the_model(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(3)
    (first, *others) = exchange(store, study, "Ann")["samples"]
    assert {sample["given"] for sample in (first, *others)} == {0}
    with store.write() as connection:
        which = predictions.c.id == first["id"]
        meta = {"given_characters": 3}
        connection.execute(update(predictions).where(which).values(meta=meta))
    again = exchange(store, study, "Ann")["samples"]
    assert {sample["id"]: sample["given"] for sample in again}[first["id"]] == 3


def test_texts_the_desk_has_are_not_sent_again(store: Store, make_study: MakeStudy) -> None:
    study = make_study(9)
    hand = exchange(store, study, "Ann")["hand"]
    reply = exchange(store, study, "Ann", say(hand[0], BOTH) | {"have": hand})
    assert [s["id"] for s in reply["samples"]] == reply["hand"][2:]


def test_a_sample_is_opened_by_its_id_unless_it_is_anothers(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(9)
    hand = exchange(store, study, "Ann")["hand"]
    assert exchange(store, study, "Bob", {"open": hand[0]})["reason"]
    with store.read() as connection:
        free = connection.scalar(select(slots.c.prediction_id).where(slots.c.judge_id.is_(None)))
    reply = exchange(store, study, "Bob", {"open": free})
    assert reply["opened"] == free
    assert free in [s["id"] for s in reply["samples"]]


def test_the_overlap_pieces_put_together_are_the_text(store: Store, make_study: MakeStudy) -> None:
    study = make_study(2)
    reply = exchange(store, study, "Ann")
    first = reply["samples"][0]
    overlap = exchange(store, study, "Ann", {"overlap": first["id"]})["overlap"]
    assert "".join(text for text, _ in overlap["output"]) == first["output"]


def test_a_database_that_does_not_answer_is_one_sentence_and_stores_nothing(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_store, "model", 2)
    study = create_study(sqlite_store, StudyPlan("study", ["model"], steps=STEPS))
    first = exchange(sqlite_store, study, "Ann")["hand"][0]
    monkeypatch.setattr("sit_core.store.engine.BUSY_SECONDS", 0)
    with sqlite_store.engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout = 0")
    sqlite_store.engine.dispose()  # the next connections wait for nobody
    with sqlite_store.write(), pytest.raises(OutOfReach):
        exchange(sqlite_store, study, "Ann", say(first, BOTH))
    assert rows(sqlite_store) == []
    assert exchange(sqlite_store, study, "Ann", say(first, BOTH))["acks"][0]["ok"]


def test_the_list_of_what_was_judged_names_every_sample(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(4)
    first = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", say(first, BOTH))
    (line,) = exchange(store, study, "Ann", {"list": True})["list"]
    assert line["id"] == first
    assert line["said"]["answer"] == ["no", 1]


def notes(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.scalars(select(remarks.c.note).order_by(remarks.c.revision)))


def test_a_note_written_in_another_window_meanwhile_is_never_overwritten(
    store: Store, make_study: MakeStudy
) -> None:
    study = make_study(3)
    first = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", say(first, note="here", note_base=0))
    stale = say(first, BOTH, note="there", flagged=True, note_base=0)
    (ack,) = exchange(store, study, "Ann", stale)["acks"]
    assert (ack["ok"], ack["note"], ack["flagged"], ack["note_revision"]) == (
        False,
        "here",
        False,
        1,
    )
    assert "another window" in ack["reason"]
    assert notes(store) == ["here"]
    assert rows(store) == []  # of a submission all is stored, or nothing
    for base in (2, 7):  # one that nobody has seen yet
        (ack,) = exchange(store, study, "Ann", say(first, note="there", note_base=base))["acks"]
        assert not ack["ok"]
    (ack,) = exchange(store, study, "Ann", say(first, BOTH, note="there", note_base=1))["acks"]
    assert (ack["ok"], ack["note_revision"]) == (True, 2)
    assert notes(store) == ["here", "there"]


def test_no_two_replies_have_the_same_stamp(store: Store, make_study: MakeStudy) -> None:
    """The desk takes a reply with the stamp that it knows for one drawn again."""
    study = make_study(2)
    stamps = [exchange(store, study, "Ann")["stamp"] for _ in range(20)]
    stamps += [exchange(store, study, "Bob")["stamp"] for _ in range(20)]
    assert len(set(stamps)) == 40
    assert all(stamps)
