"""The rules' estimate against people: counted on shared samples, κ as by hand, links that find."""

import json

import pytest

from sit_core.cli import main
from sit_core.errors import UsageError
from sit_core.records import JudgeKind
from sit_core.results.agreement import cohen_kappa
from sit_core.results.judge_agreement import rule_agreement
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits, page_of_hits
from tests.factories import judge, make_run, make_study

PEOPLE = ("yes", "partly", "no", "no", "unsure", "yes", None, "yes")
RULES = ("yes", "yes", "yes", "no", "no", "no", "yes", None)


@pytest.fixture
def ids(store: Store) -> list[str]:
    """A study of eight samples: both judged six of them, people or rules alone one each."""
    made = make_run(store, "m", 8)
    make_study(store, "s", ["m"])
    for prediction, people, rules in zip(made, PEOPLE, RULES, strict=True):
        if people:
            judge(store, "s", prediction, "ann", {"repeat": people, "answer": "yes"})
        if rules:
            judge(
                store, None, prediction, "rules-1", {"repeat": rules, "answer": "yes"}, kind="rule"
            )
    return made


def test_only_samples_with_both_verdicts_count(store: Store, ids: list[str]) -> None:
    rows = {row.letter: row for row in rule_agreement(store, TableQuery("s")).rows}
    assert list(rows) == ["R", "A", "R+A"]
    repeat = rows["R"]
    assert (repeat.samples, repeat.equal, repeat.percent) == (6, 3, 0.5)
    assert repeat.cells["done"] == {"done": 2, "not-done": 1, "unsure": 0}
    assert repeat.cells["not-done"] == {"done": 1, "not-done": 1, "unsure": 0}
    assert repeat.cells["unsure"] == {"done": 0, "not-done": 1, "unsure": 0}
    by_hand = {(1, 1): 2, (1, 0): 1, (0, 1): 1, (0, 0): 1, (-1, 0): 1}
    assert repeat.kappa == pytest.approx(cohen_kappa(by_hand))
    assert repeat.low is not None
    assert repeat.low <= repeat.kappa <= repeat.high
    assert (rows["A"].percent, rows["A"].kappa, rows["A"].low) == (1.0, None, None)
    assert rows["R+A"].cells == repeat.cells


def test_partly_counts_as_the_question_says(store: Store, ids: list[str]) -> None:
    (row, *_) = rule_agreement(store, TableQuery("s", partly="not-done")).rows
    assert row.cells["done"]["done"] == 1
    assert row.cells["not-done"]["done"] == 2


def test_the_majority_of_people_or_one_of_them(store: Store) -> None:
    (one,) = make_run(store, "m", 1)
    make_study(store, "s", ["m"], annotators=3)
    for who, verdict in (("ann", "yes"), ("bob", "no"), ("cem", "no")):
        judge(store, "s", one, who, {"repeat": verdict})
    judge(store, None, one, "rules-1", {"repeat": "yes"}, kind="rule")
    assert [r.equal for r in rule_agreement(store, TableQuery("s")).rows] == [0]
    assert [r.equal for r in rule_agreement(store, TableQuery("s", annotator="ann")).rows] == [1]
    by_rule = TableQuery("s", by=JudgeKind.RULE)
    assert [r.equal for r in rule_agreement(store, by_rule).rows] == [0]


def test_without_shared_samples_there_are_no_rows(store: Store) -> None:
    (one,) = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    assert rule_agreement(store, TableQuery("s")).rows == ()
    judge(store, None, one, "rules-1", {"repeat": "yes"}, kind="rule")
    assert rule_agreement(store, TableQuery("s")).rows == ()


def found(store: Store, **wanted: object) -> set[str]:
    of = Filter(study="s", step="repeat", **wanted)
    hits = {hit.id for hit in page_of_hits(store, of)}
    assert count_hits(store, of) == len(hits)
    return hits


def test_every_cell_and_the_disagreements_can_be_found(store: Store, ids: list[str]) -> None:
    (row, *_) = rule_agreement(store, TableQuery("s")).rows
    for people, of_rules in row.cells.items():
        for rules, n in of_rules.items():
            assert len(found(store, verdict=people, by="human", rule=rules)) == n, (people, rules)
    assert found(store, rule="differs") == {ids[2], ids[4], ids[5]}
    assert found(store, rule="differs", partly_done=False) == {ids[1], ids[2], ids[4], ids[5]}
    assert found(store, rule="differs", annotator="ann") == {ids[2], ids[4], ids[5]}
    assert found(store, rule="done") == {ids[i] for i in (0, 1, 2, 6)}


def test_what_the_rules_say_needs_a_study_and_a_step(store: Store, ids: list[str]) -> None:
    for of in (Filter(rule="differs"), Filter(study="s", rule="done")):
        with pytest.raises(UsageError, match="a study and one of its steps"):
            count_hits(store, of)
    with pytest.raises(UsageError, match="'differ'; did you mean 'differs'"):
        count_hits(store, Filter(study="s", step="repeat", rule="differ"))


def sit(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["results", *args])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_command_line_says_that_rules_estimate(
    sqlite_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (one, two) = make_run(sqlite_store, "m", 2)
    make_study(sqlite_store, "s", ["m"])
    empty = sit(capsys, "agreement", "--study", "s", "--rule")
    assert "No sample has verdicts of both" in empty
    for prediction, verdict in ((one, "yes"), (two, "no")):
        judge(sqlite_store, "s", prediction, "ann", {"repeat": verdict, "answer": "yes"})
        said = {"repeat": "yes", "answer": "yes"}
        judge(sqlite_store, None, prediction, "rules-1", said, kind="rule")
    rows = json.loads(sit(capsys, "agreement", "--study", "s", "--rule", "--json"))["rows"]
    assert [(r["letter"], r["samples"], r["equal"]) for r in rows][:2] == [("R", 2, 1), ("A", 2, 2)]
    table = json.loads(sit(capsys, "following", "--study", "s", "--by", "rule", "--json"))
    assert table["estimate"] is True
    assert table["agreement"] == rows
    assert "estimate" not in json.loads(sit(capsys, "following", "--study", "s", "--json"))
    shown = sit(capsys, "following", "--study", "s", "--by", "rule")
    assert "estimate by rules" in shown
    assert "R 2 50.0 %" in " ".join(shown.split())
