"""Practice is kept apart: whatever is said in it, every table, export and figure stays the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sit_core.annotation.practice import read_practice, worked_samples
from sit_core.annotation.requests import practice_name
from sit_core.annotation.session import exchange
from sit_core.errors import UsageError
from sit_core.export.tables import TABLES
from sit_core.records import JudgeKind, Step, Verdict
from sit_core.results.agreement import agreement
from sit_core.results.comparison import compare
from sit_core.results.following import following
from sit_core.results.leaderboard.build import LeaderboardQuestion, leaderboard
from sit_core.results.overview import overview
from sit_core.results.table_query import TableQuery
from sit_core.store import Store, queue
from sit_core.store import practice as store_practice
from sit_core.store.practice import (
    PracticeSample,
    add_practice,
    draw_practice,
    practice_samples_of,
    remove_practice,
    require_practice,
    set_practice,
)
from sit_core.store.schema import metadata, practice_answers, practice_rounds, slots
from sit_core.store.studies import Study, StudyPlan, create_study, delete_study, list_studies
from sit_core.store.study_progress import (
    progress_of_all,
    seconds_per_sample,
    studies_for_annotator,
    study_progress,
)
from tests.factories import REPEAT_ANSWER, judge_id, make_run, make_study

BOTH = {"repeat": "yes", "answer": "no"}
ONE = PracticeSample("Do it.", "Why?", "Why? So.", {"repeat": Verdict.YES}, "Because.")
TWO = PracticeSample("Do it.", "How?", "So.")


@pytest.fixture
def study(store: Store) -> Study:
    make_run(store, "a", 8)
    make_run(store, "b", 8)
    return create_study(
        store, StudyPlan("s", ["a", "b"], sample=3, steps=REPEAT_ANSWER, seed=1, annotators=2)
    )


def say(prediction: str, verdicts: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    item = {"id": f"say {prediction}", "prediction": prediction, "verdicts": verdicts or BOTH}
    return {"submissions": [item | more], "progress": True}


def practise(store: Store, study: Study, who: str, times: int = 100) -> dict[str, Any]:
    """Answer what practice there is; the last reply."""
    reply = exchange(store, study, who)
    for _ in range(times):
        if not reply["hand"] or not reply["hand"][0].startswith("practice/"):
            break
        reply = exchange(store, study, who, say(reply["hand"][0], seconds=3.0))
        assert [ack["ok"] for ack in reply["acks"]] == [True]
    return reply


def everything(store: Store) -> dict[str, Any]:
    """All that is counted or exported, by name."""
    question = TableQuery(study="s")
    found: dict[str, Any] = {
        f"export {name}": [dict(row) for row in TABLES.get(name).rows(store, question)]
        for name in TABLES
    }
    found |= {
        f"export {name} of runs": [
            dict(row) for row in TABLES.get(name).rows(store, TableQuery(runs=("a", "b")))
        ]
        for name in ("judgments", "predictions", "guidelines")
    }
    for combine in ("majority", "each"):
        found[f"following {combine}"] = repr(
            following(store, TableQuery(study="s", combine=combine))
        )
    found["agreement"] = repr(agreement(store, question))
    found["comparison"] = repr(compare(store, TableQuery(study="s", runs=("a", "b"))))
    found["leaderboard"] = repr(leaderboard(store, LeaderboardQuestion()))
    found["progress"] = study_progress(store)
    found["pace"] = seconds_per_sample(store, list_studies(store)[0].id)
    for who in ("Ann", "Ben"):
        found[f"cards of {who}"] = studies_for_annotator(store, who)
        found[f"overview of {who}"] = repr(overview(store, who))
    with store.read() as connection:
        for who in ("Ann", "Ben"):
            number = judge_id(store, who)
            found[f"progress of {who}"] = queue.progress(
                connection, list_studies(store)[0], number, 0.0
            )
    counted = set(metadata.tables) - {
        practice_answers.name,
        practice_rounds.name,
        "practice_samples",
        "judges",
    }
    with store.read() as connection:
        for name in sorted(counted):
            rows = connection.execute(select(metadata.tables[name])).all()
            found[f"rows of {name}"] = sorted(map(repr, rows))
    return found


def test_whatever_is_said_in_practice_nothing_that_is_counted_changes(
    store: Store, study: Study
) -> None:
    for who in ("Ann", "Ben"):
        reply = exchange(store, study, who)
        for _ in range(2):
            reply = exchange(store, study, who, say(reply["hand"][0], seconds=5.0))
    assert len(everything(store)["export judgments"]) == 8
    add_practice(store, study, [ONE, TWO])
    before = everything(store)
    for who in ("Ann", "Ben"):
        for _ in range(2):
            exchange(store, study, who, {"practice": "again"})
            practise(store, study, who)
        exchange(store, study, who, {"practice": "again"})
        exchange(store, study, who, {"practice": "skip"})
    with store.read() as connection:
        assert len(connection.execute(select(practice_answers)).all()) == 8
    after = everything(store)
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert after[name] == value, name


def test_the_tables_of_practice_lead_to_nothing_that_is_counted() -> None:
    """By construction: no key leads from them to outputs or verdicts, and none leads to them."""
    mine = {"practice_samples", "practice_rounds", "practice_answers"}
    for table in metadata.tables.values():
        targets = {key.column.table.name for key in table.foreign_keys}
        if table.name in mine:
            assert targets <= {"studies", "judges", *mine}
        else:
            assert not targets & mine


def test_only_one_file_reads_or_writes_them() -> None:
    root = Path(store_practice.__file__).parents[2]
    users = {
        str(file.relative_to(root))
        for folder in ("sit_core", "pages")
        for file in (root / folder).rglob("*.py")
        if "practice_answers" in file.read_text("utf-8")
        or "practice_rounds" in file.read_text("utf-8")
    }
    assert {u for u in users if "migrations" not in u} == {
        "sit_core/store/schema.py",
        "sit_core/store/practice.py",
        "sit_core/store/excerpt.py",  # names them as what a report's rows are without
    }


def test_practice_comes_first_and_claims_nothing(store: Store, study: Study) -> None:
    add_practice(store, study, [ONE, TWO])
    reply = exchange(store, study, "Ann")
    assert reply["practice"] == {"left": 2, "size": 2, "required": False}
    assert [s["practice"] for s in reply["samples"]] == [
        {"gold": {"repeat": "yes"}, "reason": "Because."},
        {"gold": {}, "reason": ""},
    ]
    with store.read() as connection:
        assert set(connection.scalars(select(slots.c.judge_id))) == {None}
    reply = exchange(store, study, "Ann", say(reply["hand"][0]))
    assert reply["practice"]["left"] == 1
    assert reply["progress"]["mine"] == 0
    reply = exchange(store, study, "Ann", say(reply["hand"][0]))
    assert reply["practice"] is None
    assert len(reply["hand"]) == 3
    assert not any(one.startswith("practice/") for one in reply["hand"])


def test_practice_goes_on_where_it_was_left_and_is_not_asked_for_twice(
    store: Store, study: Study
) -> None:
    add_practice(store, study, [ONE, TWO])
    first = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", say(first))
    assert first not in exchange(store, study, "Ann")["hand"]
    practise(store, study, "Ann")
    add_practice(store, study, [PracticeSample("Later.", "", "x")])
    assert exchange(store, study, "Ann")["practice"] is None
    assert exchange(store, study, "Ben")["practice"]["size"] == 3


def test_the_first_answer_of_a_round_stays_and_a_round_can_be_had_again(
    store: Store, study: Study
) -> None:
    add_practice(store, study, [ONE])
    first = exchange(store, study, "Ann")["hand"][0]
    for verdict in ("no", "yes"):
        reply = exchange(store, study, "Ann", say(first, {"repeat": verdict, "answer": "no"}))
        assert reply["acks"][0]["said"]["repeat"] == ["no", 1]
    again = exchange(store, study, "Ann", {"practice": "again"})
    assert again["hand"] != [first]
    exchange(store, study, "Ann", say(again["hand"][0]))
    with store.read() as connection:
        a = practice_answers.c
        rows = connection.execute(select(a.round, a.verdicts, a.gold).order_by(a.round)).all()
    assert [tuple(row) for row in rows] == [
        (1, {"repeat": "no", "answer": "no"}, {"repeat": "yes"}),
        (2, BOTH, {"repeat": "yes"}),
    ]


def test_practice_is_skipped_where_the_study_allows_it(store: Store, study: Study) -> None:
    add_practice(store, study, [ONE])
    assert exchange(store, study, "Ann", {"practice": "skip"})["practice"] is None
    assert exchange(store, study, "Ann")["practice"] is None
    require_practice(store, study, True)
    reply = exchange(store, study, "Ben", {"practice": "skip"})
    assert reply["practice"]["required"] is True
    assert reply["hand"][0].startswith("practice/")
    done = practise(store, study, "Ben")
    assert done["practice"] is None
    exchange(store, study, "Ben", {"practice": "again"})
    assert exchange(store, study, "Ben", {"practice": "skip"})["practice"] is None


def test_demanded_practice_keeps_samples_away_but_takes_what_was_judged(
    store: Store, study: Study
) -> None:
    with store.read() as connection:
        sample = connection.scalar(select(slots.c.prediction_id).limit(1))
    add_practice(store, study, [ONE])
    require_practice(store, study, True)
    reply = exchange(store, study, "Ann", {"open": sample})
    assert reply["opened"] is None
    assert "practice" in reply["reason"]
    assert exchange(store, study, "Ann", say(sample))["acks"][0]["ok"]  # sent late, never lost
    assert exchange(store, study, "Ann")["practice"] is None  # who judges already is not stopped


@pytest.mark.parametrize(
    "name", ["practice/1/999", "practice/2/1", "practice/0/1", "practice/1/1/1", "practice/x"]
)
def test_a_practice_sample_that_is_not_there_is_refused(
    store: Store, study: Study, name: str
) -> None:
    add_practice(store, study, [ONE])
    ack = exchange(store, study, "Ann", say(name))["acks"][0]
    assert not ack["ok"]
    assert ack["reason"]


def test_another_studys_practice_is_not_this_ones(store: Store, study: Study) -> None:
    other = make_study(store, "other", ["a"])
    add_practice(store, other, [ONE])
    mine = practice_samples_of(store, other)[0].id
    assert not exchange(store, study, "Ann", say(practice_name(1, mine)))["acks"][0]["ok"]


def test_what_is_taken_out_is_asked_no_more_and_its_answers_stay(
    store: Store, study: Study
) -> None:
    add_practice(store, study, [ONE, TWO])
    hand = exchange(store, study, "Ann")["hand"]
    exchange(store, study, "Ann", say(hand[0]))
    ids = [one.id for one in practice_samples_of(store, study)]
    assert remove_practice(store, study, ids) == 2
    assert exchange(store, study, "Ann")["practice"] is None
    assert exchange(store, study, "Ann", say(hand[1]))["acks"][0]["ok"]  # it was on the screen
    with store.read() as connection:
        assert len(connection.execute(select(practice_answers)).all()) == 2


def test_what_is_drawn_is_not_judged_afterwards(store: Store, study: Study) -> None:
    assert draw_practice(store, study, 5, seed=3) == 5
    inputs = {one.input for one in practice_samples_of(store, study)}
    reply, judged = exchange(store, study, "Ann", {"practice": "skip"}), set()
    while reply["hand"]:
        judged |= {s["input"] for s in reply["samples"]}
        reply = exchange(store, study, "Ann", say(reply["hand"][0]))
    assert len(judged) == 3
    assert len(inputs) == 5
    assert not judged & inputs
    assert draw_practice(store, study, 5, seed=3) == 0
    with pytest.raises(UsageError, match="share 5 examples that are not among its samples"):
        draw_practice(store, study, 6)


def test_drawing_practice_leaves_the_study_as_it_would_be_without(store: Store) -> None:
    make_run(store, "a", 8)
    one = make_study(store, "one", ["a"])
    with pytest.raises(UsageError, match="share 0 examples"):
        draw_practice(store, one, 1)
    assert practice_samples_of(store, one) == []


def test_gold_can_be_said_later_and_answers_keep_what_they_saw(store: Store, study: Study) -> None:
    add_practice(store, study, [ONE])
    exchange(store, study, "Ann", say(exchange(store, study, "Ann")["hand"][0]))
    mine = practice_samples_of(store, study)[0]
    changed = PracticeSample("", "x", "", {"answer": Verdict.NO}, "Now.", mine.id)
    set_practice(store, study, changed)
    now = practice_samples_of(store, study)[0]
    assert (now.verdicts, now.reason, now.input) == ({"answer": Verdict.NO}, "Now.", "Why?")
    with store.read() as connection:
        assert connection.scalar(select(practice_answers.c.gold)) == {"repeat": "yes"}


def test_faults_are_named_and_nothing_is_stored(store: Store, study: Study) -> None:
    bad = [PracticeSample("", " ", ""), PracticeSample("", "", "x", {"hop": Verdict.YES})]
    with pytest.raises(UsageError, match=r"1 has no text.*'hop'; this study asks for"):
        add_practice(store, study, [ONE, *bad][1:])
    with pytest.raises(UsageError, match="at most 100"):
        add_practice(store, study, [PracticeSample("", str(i), "x") for i in range(101)])
    assert practice_samples_of(store, study) == []


def test_a_file_is_read_whole_or_not_at_all(study: Study) -> None:
    good = {"input": "q", "output": "a\u2028b", "verdicts": {"repeat": "no"}, "reason": "r"}
    rows = [json.dumps(good, ensure_ascii=False), "", json.dumps({"output": "only"})]
    found = read_practice("\n".join(rows).encode(), study)
    assert [(s.output, s.verdicts, s.reason) for s in found] == [
        ("a\u2028b", {"repeat": Verdict.NO}, "r"),
        ("only", {}, ""),
    ]
    bad = ["{", "[1]", '{"input": 3, "output": ""}', '{"input": "x"}',
           '{"output": "x", "verdicts": {"answer": "perhaps"}}',
           '{"output": "x", "verdicts": {"hop": "yes"}}']  # fmt: skip
    with pytest.raises(UsageError) as caught:
        read_practice("\n".join(bad).encode(), study)
    for number in range(1, 7):
        assert f"Line {number}" in str(caught.value)
    for data in (b"", b"\xff\xfe", b"\n\n"):
        with pytest.raises(UsageError):
            read_practice(data, study)


def test_our_worked_examples_fit_the_studies_they_are_for(store: Store, study: Study) -> None:
    worked = worked_samples(study)
    assert add_practice(store, study, worked) == len(worked) == 5
    assert add_practice(store, study, worked) == 0
    steps = [Step("translate", "T", "translate"), Step("answer", "A", "answer")]
    assert worked_samples(make_study(store, "t", ["a"], steps=steps)) == []
    assert worked_samples(make_study(store, "o", ["a"], ask_order=True)) == []


def test_a_study_in_which_people_only_practised_can_be_deleted(store: Store, study: Study) -> None:
    add_practice(store, study, [ONE])
    practise(store, study, "Ann")
    delete_study(store, "s")
    assert list_studies(store) == []


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["Ann", "Ben", "Cleo"]), st.sampled_from(["judge", "skip", "part"])
        ),
        max_size=25,
    ),
    people=st.integers(1, 2),
)
def test_a_card_says_what_the_desk_says(store: Store, acts: list, people: int) -> None:
    """``left``, ``mine``, ``done`` and ``total`` are those of the queue, whatever was done."""
    name = f"s {len(list_studies(store))}"
    if not list_studies(store):
        make_run(store, "a", 6)
    study = make_study(store, name, ["a"], annotators=people)
    for who, act in acts:
        reply = exchange(store, study, who)
        if not reply["hand"]:
            continue
        sample = reply["hand"][0]
        if act == "skip":
            exchange(store, study, who, {"skip": [sample]})
        else:
            verdicts = BOTH if act == "judge" else {"repeat": "yes"}
            exchange(store, study, who, say(sample, verdicts))
    with store.read() as connection:
        for who in ("Ann", "Ben", "Cleo", "nobody"):
            number = None if who == "nobody" else judge_id(store, who)
            card = next(c for c in progress_of_all(connection, number) if c.study == name)
            if number is None:
                continue
            desk = queue.progress(connection, study, number, 0.0)
            assert (card.mine, card.left, card.done, card.total) == (
                desk.mine,
                desk.left,
                desk.done,
                desk.total,
            )


def test_the_pace_is_the_median_of_what_was_measured_or_not_known(
    store: Store, study: Study
) -> None:
    assert seconds_per_sample(store, study.id) is None
    reply = exchange(store, study, "Ann")
    for seconds in (4.0, 900.0, 6.0):
        assert seconds_per_sample(store, study.id) is None
        reply = exchange(store, study, "Ann", say(reply["hand"][0], seconds=seconds))
    assert seconds_per_sample(store, study.id) == 6.0
    exchange(store, study, "Ann", say(reply["hand"][0]))  # not measured
    assert seconds_per_sample(store, study.id) == 6.0


def test_at_the_end_the_other_studies_that_have_something_are_named(
    store: Store, study: Study
) -> None:
    make_study(store, "more", ["a"])
    full = make_study(store, "full", ["b"])
    for current, who in ((full, "Ann"), (study, "Ann")):
        reply = exchange(store, current, who)
        while reply["hand"]:
            assert "others" not in reply
            reply = exchange(store, current, who, say(reply["hand"][0]))
    assert reply["others"] == [{"study": "more", "left": 8}]


def test_people_are_people(store: Store, study: Study) -> None:
    """Whoever only practised has judged nothing, and is no machine."""
    add_practice(store, study, [ONE])
    practise(store, study, "Ann")
    assert study_progress(store)["s"].people == 0
    assert following(store, TableQuery(study="s", by=JudgeKind.HUMAN)).annotators == ()


def test_what_was_put_off_and_is_in_hand_again_counts_as_left(store: Store, study: Study) -> None:
    sample = exchange(store, study, "Ann")["hand"][0]
    exchange(store, study, "Ann", {"skip": [sample]})
    assert studies_for_annotator(store, "Ann")[0].left == 5
    assert exchange(store, study, "Ann", {"open": sample})["opened"] == sample
    number = judge_id(store, "Ann")
    with store.read() as connection:
        desk = queue.progress(connection, study, number, 0.0)
    assert studies_for_annotator(store, "Ann")[0].left == desk.left == 6
