"""The state of the work in one look, and which systems lead."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.annotation.session import exchange, leave
from sit_core.results.following import following
from sit_core.results.leaderboard.build import FOLLOWING, FOLLOWING_HUMAN, leaderboard
from sit_core.results.overview import StudyState, leading_systems, overview
from sit_core.results.table_query import TableQuery
from sit_core.settings import Settings
from sit_core.store import Store, open_store
from sit_core.store.renaming import archive_studies
from sit_core.store.study_progress import study_progress
from sit_core.store.systems import System, put_reported
from tests.factories import judge, judge_whole, make_run, make_study
from tests.results.test_leaderboard import JUDGE, say

VERDICTS = [("yes", "no"), ("unsure", "yes"), ("no", "unsure"), ("partly", "yes")]


def test_an_empty_store_is_empty(store: Store) -> None:
    found = overview(store)
    assert found.empty
    assert found.resume == ()
    assert (found.runs, found.samples, found.places, found.with_rates) == (0, 0, 0, 0)
    assert leading_systems(leaderboard(store)) is None


def test_a_store_with_runs_or_studies_is_not_empty(store: Store) -> None:
    make_run(store, "a", 1)
    assert not overview(store).empty


def test_judgments_are_counted_out_of_places_and_samples_once(store: Store) -> None:
    make_run(store, "a", 4)
    make_study(store, "s", ["a"], annotators=3)
    make_study(store, "t", ["a"])
    judge_whole(store, "s", "Ann", 2)
    found = overview(store)
    assert (found.samples, found.done, found.places, found.with_rates) == (8, 2, 16, 1)


@given(
    st.integers(1, 3), st.lists(st.tuples(st.integers(0, 2), st.sampled_from(VERDICTS)), min_size=2)
)
@settings(deadline=None, max_examples=8)
def test_home_studies_and_results_count_the_same_judgments(
    people: int, work: list[tuple[int, tuple[str, str]]]
) -> None:
    """Whoever judged through the desk: places done, judgments and judged samples agree."""
    with TemporaryDirectory() as folder:
        store = open_store(Settings(Path(folder), f"sqlite:///{folder}/sit.db"))
        make_run(store, "a", 4)
        study = make_study(store, "s", ["a"], annotators=people)
        for who, (repeated, answered) in work:
            name = f"person {who}"
            hand = exchange(store, study, name)["hand"]
            if hand:
                verdicts = {"repeat": repeated, "answer": answered}
                item = {"id": hand[0], "prediction": hand[0], "verdicts": verdicts}
                exchange(store, study, name, {"submissions": [item]})
            if who == 0:  # the others keep in hand what they have not judged
                leave(store, study, name)
        found, progress = overview(store), study_progress(store)["s"]
        table = following(store, TableQuery("s", combine="each"))
        assert table.judged() == (found.done, found.places) == (progress.done, progress.slots)
        samples, of = following(store, TableQuery("s")).judged()
        assert of == progress.samples == found.samples == 4
        assert samples <= found.done <= samples * people
        store.close()


def test_archived_studies_are_neither_counted_nor_gone_on_with(store: Store) -> None:
    make_run(store, "a", 4)
    make_study(store, "s", ["a"])
    make_study(store, "old", ["a"])
    judge_whole(store, "old", "Ann", 3)
    archive_studies(store, ["old"])
    found = overview(store, "Ann")
    assert (found.studies, found.samples, found.done, found.places) == (1, 4, 0, 4)
    assert [one.name for one in found.resume] == ["s"]


def test_only_so_many_studies_are_named_and_complete_ones_last(store: Store) -> None:
    make_run(store, "a", 2)
    for name in "abcd":
        make_study(store, name, ["a"])
    judge_whole(store, "d", "Ann", 2, at=9.0)
    assert [one.name for one in overview(store).resume] == ["c", "b", "a"]
    everything = overview(store, "Ann", resume=9).resume
    assert [one.name for one in everything] == ["c", "b", "a", "d"]
    assert everything[-1] == StudyState("d", done=2, places=2, own=2)
    assert everything[0].own == 0
    assert overview(store).resume[0].own is None


def test_what_is_left_is_what_nobody_has_judged() -> None:
    state = StudyState("s", done=3, places=12, own=None)
    assert (state.left, state.share) == (9, 0.25)
    assert StudyState("s", 0, 0, None).share == 0


def test_the_llm_judges_verdicts_decide_who_leads(store: Store) -> None:
    for name, verdicts in {
        "half": ["yes", "no", "yes", "no"],
        "all": ["yes"] * 4,
        "half too": ["no", "yes", "no", "yes"],
        "none": ["no"] * 4,
        "unsaid": [""] * 4,
    }.items():
        say(store, make_run(store, name, 4), verdicts)
    found = leading_systems(leaderboard(store))
    assert found is not None
    assert (found.column.key, found.judge, found.of) == (FOLLOWING, JUDGE, 4)
    assert [(one.rank, one.system, one.value) for one in found.systems] == [
        (1, "all", 1.0),
        (2, "half", 0.5),
        (2, "half too", 0.5),
    ]
    first = found.systems[0]
    assert first.n == 4
    assert first.low is not None
    assert first.low < 1.0 == first.high
    assert first.run == "all"


def test_where_no_llm_said_anything_people_decide(store: Store) -> None:
    for name, verdict in (("a", "no"), ("b", "yes")):
        for prediction in make_run(store, name, 2):
            judge(store, None, prediction, "Ann", {"repeat": "yes", "answer": verdict})
    found = leading_systems(leaderboard(store))
    assert found is not None
    assert (found.column.key, found.judge) == (FOLLOWING_HUMAN, None)
    assert [(one.rank, one.system) for one in found.systems] == [(1, "b"), (2, "a")]


def test_others_results_lead_without_a_run(store: Store) -> None:
    say(store, make_run(store, "ours", 2), ["yes", "no"])
    figures = {FOLLOWING: {"value": 0.9, "n": 805}}
    put_reported(store, [System("theirs", None, None, None, figures)])
    board = leaderboard(store)
    found = leading_systems(board)
    assert found is not None
    assert [(one.system, one.run) for one in found.systems] == [("theirs", None), ("ours", "ours")]
    assert leading_systems(replace(board, rows=())) is None
