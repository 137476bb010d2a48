"""The following-rate table: rates, intervals, what is counted beside them, its stable shape."""

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.records import JudgeKind
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.statistics import wilson_open
from sit_core.statistics.interval import CLUSTERS
from sit_core.store import Store
from tests.factories import judge, make_run, make_study

VERDICTS = [("yes", "yes"), ("yes", "no"), ("partly", "yes"), ("unsure", "yes"), ("no", "unsure")]


@pytest.fixture
def judged(sqlite_store: Store) -> Store:
    """Six samples of each of two runs; five of ``m1`` judged as `VERDICTS` says."""
    ids = make_run(sqlite_store, "m1", 6)
    make_run(sqlite_store, "m2", 6)
    make_study(sqlite_store, "s", ["m1", "m2"])
    for prediction, (repeat, answer) in zip(ids, VERDICTS, strict=False):
        judge(sqlite_store, "s", prediction, "ann", {"repeat": repeat, "answer": answer})
    return sqlite_store


def test_the_table_equals_a_count_by_hand(judged: Store) -> None:
    table = following(judged, TableQuery("s"))
    found = {(r.run, r.letter): (r.followed, r.n, r.unsure, r.missing) for r in table.rows}
    assert found == {
        ("m1", "R"): (3, 4, 1, 1),
        ("m1", "A"): (3, 4, 1, 1),
        ("m1", "R+A"): (2, 4, 1, 1),
        ("m2", "R"): (0, 0, 0, 6),
        ("m2", "A"): (0, 0, 0, 6),
        ("m2", "R+A"): (0, 0, 0, 6),
    }
    strict = following(judged, TableQuery("s", partly="not-done"))
    assert [(r.letter, r.followed, r.n) for r in strict.rows[:3]] == [
        ("R", 2, 4),
        ("A", 3, 4),
        ("R+A", 1, 4),
    ]


def test_nothing_is_silently_dropped(judged: Store) -> None:
    for row in following(judged, TableQuery("s")).rows:
        assert row.n + row.unsure + row.missing == row.samples == 6


def test_a_rate_without_verdicts_is_no_number(judged: Store) -> None:
    row = following(judged, TableQuery("s", ("m2",))).rows[0]
    assert (row.rate, row.low, row.high, row.shown) == (None, None, None, "–")


def test_the_shape_of_the_json_is_stable(judged: Store) -> None:
    found = following(judged, TableQuery("s", ("m1",))).to_dict()
    assert {k: v for k, v in found.items() if k != "rows"} == {
        "study": "s",
        "runs": ["m1"],
        "by": "human",
        "partly": "done",
        "combine": "majority",
        "annotator": None,
        "level": 0.95,
        "annotators": [{"name": "ann", "samples": 5}],
    }
    row = found["rows"][0]
    # Wilson's are 0.3006 and 0.9544; opened by gamma quantiles, for 3 and for 1 of 4.
    assert row.pop("low") == pytest.approx(0.2044, abs=1e-4)
    assert row.pop("high") == pytest.approx(0.9872, abs=1e-4)
    assert row == {
        "run": "m1",
        "step": "repeat",
        "letter": "R",
        "followed": 3,
        "n": 4,
        "rate": 0.75,
        "unsure": 1,
        "missing": 1,
        "samples": 6,
        "method": "wilson-open",
    }


def test_a_prompt_that_repeats_never_takes_the_width_of_an_interval(sqlite_store: Store) -> None:
    """Two outputs of each prompt, all wrong: worth the prompts, not the outputs."""
    ids = make_run(sqlite_store, "m", 20, per_example=2)
    for prediction in ids:
        said = {"repeat": "no", "answer": "yes"}
        judge(sqlite_store, None, prediction, "j", said, kind="llm")
    asked = TableQuery(runs=("m",), by=JudgeKind.LLM)
    rows = {row.letter: row for row in following(sqlite_store, asked).rows}
    assert (rows["R"].followed, rows["R"].n) == (0, len(ids))
    assert (rows["R"].low, rows["R"].method) == (0, CLUSTERS)
    assert rows["R"].high == pytest.approx(wilson_open(0, len(ids) // 2).high)
    assert rows["R+A"].high == rows["R"].high
    assert rows["A"].low == pytest.approx(wilson_open(len(ids) // 2, len(ids) // 2).low)


def test_of_each_judgment_by_itself_those_of_a_sample_are_taken_for_alike(
    sqlite_store: Store,
) -> None:
    ids = make_run(sqlite_store, "m", 6)
    make_study(sqlite_store, "s", ["m"], annotators=2)
    for prediction in ids:
        for who in ("ann", "bob"):
            judge(sqlite_store, "s", prediction, who, {"repeat": "yes", "answer": "yes"})
    row, *_ = following(sqlite_store, TableQuery("s", combine="each")).rows
    assert (row.followed, row.n, row.method) == (12, 12, CLUSTERS)
    assert row.low == pytest.approx(wilson_open(6, 6).low)


@pytest.mark.slow
def test_runs_come_in_the_order_asked_for(judged: Store) -> None:
    for runs in (("m2", "m1"), ("m1", "m2")):
        rows = following(judged, TableQuery("s", runs)).rows
        assert tuple(dict.fromkeys(row.run for row in rows)) == runs


def test_the_order_has_a_row_only_where_it_was_asked_or_judged(judged: Store) -> None:
    assert "in order" not in [r.letter for r in following(judged, TableQuery("s")).rows]
    make_study(judged, "ordered", ["m1"], ask_order=True)
    assert "in order" in [r.letter for r in following(judged, TableQuery("ordered")).rows]


def test_an_unknown_annotator_is_suggested(judged: Store) -> None:
    with pytest.raises(SitError, match="no annotator 'anna'; did you mean 'ann'"):
        following(judged, TableQuery("s", annotator="anna"))
    with pytest.raises(SitError, match="no llm judge 'ann'; there are none yet"):
        following(judged, TableQuery("s", annotator="ann", by=JudgeKind.LLM))


def test_a_question_that_makes_no_sense_is_refused(judged: Store) -> None:
    with pytest.raises(UsageError, match="majority"):
        following(judged, TableQuery("s", combine="mayority"))  # type: ignore[arg-type]
