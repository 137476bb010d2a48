"""Scores in the store: kept once, replaced when made anew, counted with what has no value."""

import time
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from sit_core.errors import SitError, UsageError
from sit_core.metrics.registry import Options, Score, score_predictions
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import JudgeKind, Unparsed, Verdict
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store import scores as scores_file
from sit_core.store.runs import delete_run
from sit_core.store.schema import judgments, scores
from sit_core.store.scores import (
    CurrentScores,
    count_outputs,
    read_outputs,
    save_scores,
    score_kinds,
    score_table,
    scored_runs,
    scores_of,
    scores_version,
)
from tests.factories import make_run

HOW = {"accuracy": "", "rouge-l": "unicode", "following": "rules-1"}
Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea"


def score_all(store: Store, run: str) -> None:
    made = list(score_predictions(read_outputs(store, [run]), list(HOW), Options()))
    save_scores(store, made, HOW, "rules-1")


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_outputs_are_read_page_by_page_in_their_order(store, monkeypatch) -> None:
    monkeypatch.setattr(scores_file, "_PAGE", 3)
    ids = make_run(store, "m", 10, expected=True)
    make_run(store, "other", 4)
    found = list(read_outputs(store, ["m"]))
    assert [p.id for p in found] == ids
    assert found[2].example.steps[0].expected == found[2].example.input == "Question 2?"
    assert found[2].example.reference == "answer 2"
    assert count_outputs(store, ["m"]) == 10
    assert count_outputs(store, ["m", "other"]) == 14


def test_outputs_of_several_runs_come_example_by_example(store, monkeypatch) -> None:
    monkeypatch.setattr(scores_file, "_PAGE", 3)
    a, b = make_run(store, "a", 5), make_run(store, "b", 4)
    found = list(read_outputs(store, ["a", "b"]))
    assert sorted(p.id for p in found) == sorted([*a, *b])
    assert {p.run for p in found} == {"a", "b"}
    asked = [p.example.id for p in found]
    assert sum(x == y for x, y in pairwise(asked)) == 4


def test_every_score_is_kept_and_scoring_again_changes_nothing(store) -> None:
    make_run(store, "m", [f"{Q}\nAnswer: B", "B", ""], inputs=[Q, Q + " ", Q + "  "], expected=True)
    score_all(store, "m")
    kept, said = count(store, scores), count(store, judgments)
    before = score_table(store, ["m"])
    score_all(store, "m")
    assert (count(store, scores), count(store, judgments)) == (kept, said)
    assert score_table(store, ["m"]) == before
    assert said == 9  # three outputs: repeat, answer, in order


def test_the_table_counts_what_has_no_value_apart(store) -> None:
    make_run(store, "m", [f"{Q}\nAnswer: B", "B", ""], inputs=[Q, Q + " ", Q + "  "], expected=True)
    score_all(store, "m")
    rows = {(row.metric, row.step): row for row in score_table(store, ["m"])}
    assert set(rows) == {
        ("accuracy", ""),
        ("rouge-l", ""),
        ("rouge-l", "repeat"),
        ("following", ""),
        ("following", "repeat"),
        ("following", "answer"),
    }
    rouge = rows["rouge-l", ""]
    assert (rouge.n, rouge.scored, rouge.unparsed) == (3, 1, 2)
    assert (rouge.mean, rouge.mean_scored) == (pytest.approx(1 / 3), pytest.approx(1.0))
    assert rouge.reasons == {"the input is not repeated": 1, "the output is empty": 1}
    assert rows["accuracy", ""].mean is None
    assert rows["accuracy", ""].reasons == {
        "the gold answer is none of the choices": 3,
    }
    assert rows["following", "answer"].mean == pytest.approx(2 / 3)
    assert [row.metric for row in score_table(store, ["m"], ["accuracy"])] == ["accuracy"]


def test_the_rules_verdicts_make_a_table_like_any_judges(store) -> None:
    make_run(store, "m", [f"{Q}\nAnswer: B", "B", ""], inputs=[Q, Q + " ", Q + "  "])
    score_all(store, "m")
    rows = following(store, TableQuery(runs=("m",), by=JudgeKind.RULE)).rows
    assert [(r.letter, r.followed, r.n) for r in rows][:3] == [
        ("R", 1, 3),
        ("A", 2, 3),
        ("R+A", 1, 3),
    ]
    assert following(store, TableQuery(runs=("m",))).rows[0].n == 0


def test_a_changed_verdict_is_a_newer_revision(store) -> None:
    (one,) = make_run(store, "m", 1)
    for verdict in (Verdict.YES, Verdict.YES, Verdict.NO):
        made = Score(one, "following", 1.0, {}, {"repeat": RuleVerdict(verdict, "because")})
        save_scores(store, [made], HOW, "rules-1")
    with store.read() as connection:
        found = connection.execute(
            select(judgments.c.verdict, judgments.c.revision, judgments.c.study_id).order_by(
                judgments.c.revision
            )
        ).all()
    assert [tuple(row) for row in found] == [("yes", 1, None), ("no", 2, None)]


def test_what_is_scored_already_can_be_left_out(store) -> None:
    ids = make_run(store, "m", 5)
    made = [Score(i, "bertscore", 0.5) for i in ids[:3]]
    save_scores(store, made, {"bertscore": "e"}, "rules-1")
    now = time.time()
    for known, left in (
        (CurrentScores("bertscore", "e"), ids[3:]),
        (CurrentScores("bertscore", "other"), ids),
        (CurrentScores("bertscore", "e", now - 60), ids[3:]),
        (CurrentScores("bertscore", "e", now + 60), ids),
    ):
        assert [p.id for p in read_outputs(store, ["m"], known)] == left
        assert count_outputs(store, ["m"], known) == 5 - len(left)


def test_scores_of_one_output(store) -> None:
    (one,) = make_run(store, "m", 1)
    save_scores(
        store,
        [Score(one, "rouge-l", Unparsed("gone"), {"repeat": 0.25})],
        HOW,
        "rules-1",
    )
    assert scores_of(store, one) == [
        ("rouge-l", "unicode", "", Unparsed("gone")),
        ("rouge-l", "unicode", "repeat", 0.25),
    ]
    with pytest.raises(SitError, match="no output"):
        scores_of(store, "nothing")


def test_scores_go_with_their_run(store) -> None:
    ids = make_run(store, "m", 3)
    save_scores(store, [Score(i, "accuracy", 1.0) for i in ids], HOW, "rules-1")
    delete_run(store, "m")
    assert count(store, scores) == 0


def test_a_run_that_is_deleted_while_it_is_scored_is_one_sentence(store) -> None:
    (one,) = make_run(store, "m", 1)
    delete_run(store, "m")
    with pytest.raises(SitError, match="deleted while it was scored"):
        save_scores(store, [Score(one, "accuracy", 1.0)], HOW, "rules-1")


def test_what_there_is_to_choose_from_and_whether_it_changed(store) -> None:
    ids = make_run(store, "m", 2)
    make_run(store, "bare", 2)
    empty = scores_version(store)
    made = Score(ids[0], "rouge-l", 0.5, {"paraphrase": 0.25, "answer": 0.75})
    save_scores(store, [made], HOW, "rules-1")
    first = scores_version(store)
    assert scored_runs(store) == ["m"]
    assert score_kinds(store) == [
        ("rouge-l", "unicode", ""),
        ("rouge-l", "unicode", "paraphrase"),  # in the order of the chain
        ("rouge-l", "unicode", "answer"),
    ]
    save_scores(store, [made], HOW, "rules-1")
    assert len({empty, first, scores_version(store)}) == 3


def test_unknown_runs_are_all_named_at_once(store) -> None:
    make_run(store, "mine", 1)
    with pytest.raises(UsageError, match=r"'minee'.*'x'"):
        score_table(store, ["minee", "x"])
    with pytest.raises(UsageError, match="--run"):
        score_table(store, [])
