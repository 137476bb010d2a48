"""What was said of former texts is told with its reason beside board and scores, in no figure."""

import doctest
import json

import pytest
from sqlalchemy import insert

from sit_core.cli import main
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed
from sit_core.results.leaderboard.build import leaderboard
from sit_core.results.scores import scores as score_table
from sit_core.store import Store
from sit_core.store import former_results as module
from sit_core.store.former_results import former_results
from sit_core.store.run_check import repair
from sit_core.store.schema import duels, judges
from sit_core.store.scores import save_scores
from tests.factories import judge, make_run, make_study

THOUGHT = "<think>\nI repeat it.\n</think>\n\nParis."
WHY = "former texts of a (2: thoughts were split off)."


@pytest.fixture
def repaired(sqlite_store: Store) -> Store:
    """Two outputs of run a with thoughts, one judged, both scored, one compared; then split."""
    store = sqlite_store
    made = make_run(store, "a", [THOUGHT, THOUGHT, "Paris."])
    (other,) = make_run(store, "b", ["Rome."])
    make_study(store, "s", ["a", "b"])
    judge(store, "s", made[0], "ann", {"repeat": "yes", "answer": "no"})
    judge(store, "s", made[2], "ann", {"repeat": "yes", "answer": "yes"})
    judge(store, "s", other, "ann", {"repeat": "yes", "answer": "no"})
    made_scores = [Score(i, "rouge-l", Unparsed("none", counted=0.0)) for i in (*made, other)]
    save_scores(store, made_scores, {"rouge-l": ""}, "1")
    with store.write() as connection:
        key = connection.execute(insert(judges).values(name="gpt", kind="llm", created_at=0.0))
        connection.execute(
            insert(duels).values(
                prediction_id=other, against_id=made[1], judge_id=key.inserted_primary_key[0],
                place=1, preferred=1.0, reply="A", provenance={}, created_at=0.0,
            )
        )  # fmt: skip
    assert repair(store, ["a"], split=True).split == 2
    return store


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(module).failed == 0


def test_all_kinds_are_counted_with_the_reason(repaired: Store) -> None:
    (found,) = former_results(repaired, ["b", "a"])
    assert (found.run, found.comparisons, found.scores["rouge-l"]) == ("a", 1, 2)
    assert found.verdicts["human"] >= 2
    assert found.why == {"thoughts were split off": 2}


def test_the_board_says_so(repaired: Store) -> None:
    (note,) = [n for n in leaderboard(repaired).notes if n.startswith("Set aside")]
    assert "people's verdicts" in note
    assert "1 comparisons" in note
    assert note.endswith(f"2 texts' scores on {WHY}")


def test_scores_say_so_where_any_metric_asked_for_had_one(
    repaired: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"Scores set aside, in no figure: rouge-l of 2 {WHY}"
    table = score_table(repaired, ["a", "b"])
    assert table.to_dict()["set_aside"] == {"a": said}
    assert [row.n for row in table.rows if row.run == "a"] == [1]
    assert score_table(repaired, ["a"], ["accuracy"]).set_aside == {}
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit):
            main(["results", "scores", *words])
        out = capsys.readouterr().out
        assert (json.loads(out)["set_aside"]["a"] if words else out).count(said) == 1
