"""LLM judges against people and each other: shared samples only, per run, disagreements found."""

import json

import pytest

from sit_core.cli import main
from sit_core.errors import SitError, UsageError
from sit_core.records import JudgeKind, Step, chain
from sit_core.results.agreement import cohen_kappa
from sit_core.results.following import following
from sit_core.results.judge_agreement import differing_samples, judge_agreement
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits, page_of_hits
from tests.factories import judge, make_run, make_study

PEOPLE = [("yes", "yes"), ("yes", "no"), ("no", "no"), ("yes", "yes"), ("yes", "unsure"), None]
LLM = ["yes", "yes", "no", "no", "yes", "yes"]
OTHER = ["yes", "no", "no", "yes", None, "yes"]
J, K = "seqeval · m · abc123", "seqeval · n · abc123"


@pytest.fixture
def ids(store: Store) -> dict[str, list[str]]:
    """Two runs in a study of two steps; LLM judges judged all tasks together, people each."""
    made = {name: make_run(store, name, 6) for name in ("a", "b")}
    make_study(store, "s", ["a", "b"])
    for name, predictions in made.items():
        for i, prediction in enumerate(predictions):
            said = PEOPLE[i]
            if said is not None:
                verdicts = dict(zip(("repeat", "answer"), said, strict=True))
                judge(store, "s", prediction, "ann", verdicts)
            mine = LLM[i] if name == "a" else "yes"
            judge(store, None, prediction, J, {"follow": mine}, kind="llm")
            if OTHER[i]:
                judge(store, None, prediction, K, {"follow": OTHER[i]}, kind="llm")
    return made


def test_the_chain_of_people_stands_against_what_was_judged_together(
    store: Store, ids: dict[str, list[str]]
) -> None:
    found = judge_agreement(store, TableQuery("s"), J)
    assert [(r.run, r.letter, r.samples) for r in found.rows] == [
        (None, "R+A", 10),
        ("a", "R+A", 5),
        ("b", "R+A", 5),
    ]
    of_a = found.rows[1]
    assert of_a.cells["done"] == {"done": 1, "not-done": 1, "unsure": 0}
    assert of_a.cells["not-done"] == {"done": 1, "not-done": 1, "unsure": 0}
    assert of_a.cells["unsure"] == {"done": 1, "not-done": 0, "unsure": 0}
    assert (of_a.equal, of_a.percent) == (2, 0.4)
    by_hand = {(1, 1): 1, (1, 0): 1, (0, 1): 1, (0, 0): 1, (-1, 1): 1}
    assert of_a.kappa == pytest.approx(cohen_kappa(by_hand))
    assert of_a.low is not None
    assert of_a.low <= of_a.kappa <= of_a.high
    assert found.rows[0].equal == of_a.equal + found.rows[2].equal
    assert judge_agreement(store, TableQuery("s", annotator="ann"), J).rows == found.rows


def test_a_judge_against_another_of_its_kind(store: Store, ids: dict[str, list[str]]) -> None:
    for question in (TableQuery("s"), TableQuery(runs=("a", "b"))):
        found = judge_agreement(store, question, J, against=K)
        rows = {(r.run, r.step): r for r in found.rows}
        of_a = rows["a", "chain"]
        assert (of_a.samples, of_a.equal) == (5, 3)
        assert of_a.cells["not-done"]["done"] == 1  # the other one says no, this one yes
    assert (
        judge_agreement(store, TableQuery("s"), K, against=J).rows[1].cells["done"]["not-done"] == 1
    )


def test_disagreements_are_found_and_are_one_address_away(
    store: Store, ids: dict[str, list[str]]
) -> None:
    a, b = ids["a"], ids["b"]
    differ = differing_samples(store, TableQuery("s"), J, "chain")
    assert differ == [a[1], a[3], a[4], b[1], b[2], b[4]]
    of = Filter(study="s", step="chain", llm=J, says="differs")
    assert {hit.id for hit in page_of_hits(store, of)} == set(differ)
    of_a = Filter(study="s", runs=("a",), step="chain", llm=J, says="differs", against=K)
    assert {hit.id for hit in page_of_hits(store, of_a)} == {a[1], a[3]}
    without_study = Filter(runs=("a",), step="chain", llm=J, says="differs", against=K)
    assert {hit.id for hit in page_of_hits(store, without_study)} == {a[1], a[3]}
    for says, n in (("done", 4), ("not-done", 2)):
        assert count_hits(store, Filter(runs=("a",), step="chain", llm=J, says=says)) == n


def test_a_table_by_the_judge_has_the_chain(store: Store, ids: dict[str, list[str]]) -> None:
    asked = TableQuery("s", by=JudgeKind.LLM, annotator=J)
    rows = {(r.run, r.letter): r for r in following(store, asked).rows}
    assert (rows["a", "R+A"].followed, rows["a", "R+A"].n, rows["a", "R+A"].missing) == (4, 6, 0)
    assert (rows["a", "R"].n, rows["a", "R"].missing) == (0, 6)


def test_steps_judged_one_by_one_count_as_such(store: Store) -> None:
    (one,) = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    judge(store, "s", one, "ann", {"repeat": "yes", "answer": "no"})
    judge(store, None, one, J, {"repeat": "yes", "answer": "yes", "follow": "no"}, kind="llm")
    rows = {r.letter: r for r in judge_agreement(store, TableQuery("s"), J).rows}
    assert [rows[x].equal for x in ("R", "A", "R+A")] == [1, 0, 0]
    assert rows["R+A"].cells["not-done"]["done"] == 1  # of its steps, not of its "follow"


def test_a_single_step_is_the_whole(store: Store) -> None:
    steps = chain([Step("answer", "A")])
    made = make_run(store, "m", 2, steps=steps)
    make_study(store, "s", ["m"], steps=steps)
    for prediction in made:
        judge(store, "s", prediction, "ann", {"answer": "yes"})
        judge(store, None, prediction, J, {"follow": "yes"}, kind="llm")
    (row,) = judge_agreement(store, TableQuery("s"), J).rows
    assert (row.step, row.samples, row.equal) == ("answer", 2, 2)


def test_runs_without_a_chain_are_read_by_the_step_follow(store: Store) -> None:
    made = make_run(store, "m", 3, steps=(), instruction="Do it.")
    with pytest.raises(UsageError, match="make a study of it first"):
        following(store, TableQuery(runs=("m",), by=JudgeKind.LLM))
    for prediction, verdict in zip(made, ("yes", "no", "yes"), strict=True):
        judge(store, None, prediction, J, {"follow": verdict}, kind="llm")
    (row, *_) = following(store, TableQuery(runs=("m",), by=JudgeKind.LLM)).rows
    assert (row.letter, row.followed, row.n) == ("F", 2, 3)


def test_who_is_not_there_or_stands_against_itself_is_said(
    store: Store, ids: dict[str, list[str]]
) -> None:
    with pytest.raises(SitError, match="There is no llm judge 'seqeval'"):
        judge_agreement(store, TableQuery("s"), "seqeval")
    with pytest.raises(UsageError, match="agrees with itself"):
        judge_agreement(store, TableQuery("s"), J, against=J)
    bad = {
        Filter(runs=("a",), step="chain", llm=J, says="never"): "ruling",
        Filter(runs=("a",), step="chain", llm="no", says="differs"): "There is no llm judge 'no'",
        Filter(runs=("a",), step="chain", llm=J, says="differs", against=J): "another one",
        Filter(step="chain", llm=J, says="done"): "a study or runs",
        Filter(runs=("a",), step="dance", llm=J, says="done"): "one of their steps",
    }
    for of, says in bad.items():
        with pytest.raises(UsageError, match=says):
            count_hits(store, of)


def test_the_command(
    store: Store,
    ids: dict[str, list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not store.is_sqlite:
        monkeypatch.setenv("SIT_DATABASE_URL", store.url)

    def sit(*args: str) -> str:
        with pytest.raises(SystemExit) as caught:
            main(["results", "agreement", *args])
        assert caught.value.code == 0
        return capsys.readouterr().out

    found = json.loads(sit("--study", "s", "--judge", J, "--list", "chain", "--json"))
    assert found == {
        **judge_agreement(store, TableQuery("s"), J).to_dict(),
        "differing": differing_samples(store, TableQuery("s"), J, "chain"),
    }
    text = sit("--study", "s", "--judge", J, "--against-judge", K)
    assert f"A: {K}" in text
    assert [line.split()[:4] for line in text.splitlines()[3:6]] == [
        ["all", "R+A", "10", "60.0"],
        ["a", "R+A", "5", "60.0"],
        ["b", "R+A", "5", "60.0"],
    ]
    assert "95 %: kappa" not in text
    assert "95 % by kappa, 4 pseudo items" in text
