"""Systems are compared on one prompt set at a time; what is left out is named."""

import io
import json

import pytest

from sit_core.errors import UsageError
from sit_core.export.leaderboard import export_leaderboard
from sit_core.results.leaderboard.build import FOLLOWING, LeaderboardQuestion, leaderboard
from sit_core.results.leaderboard.import_file import read_reported
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.judge_inputs import choose_outputs
from sit_core.store.prompt_sets import rename_prompt_set
from sit_core.store.runs import import_predictions
from sit_core.store.systems import System, put_reported, set_system
from tests.factories import judge, make_run


def system(
    store: Store, name: str, prompt_set: str, asked: range, *, good: int, by: str = "llm"
) -> None:
    """A run of which a judge finds the first ``good`` outputs followed, in a prompt set."""
    rows = [
        {"instruction": f"{prompt_set} {i}", "input": "", "output": f"{name} {i}"} for i in asked
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    source = SourceFile(f"{name}.jsonl", lambda: io.BytesIO(data))
    file = ImportFile(source, name, look_at(source).mapping, prompt_set=prompt_set)
    assert import_predictions(store, [file]).stored
    for i, output in enumerate(choose_outputs(store, [name]).ids):
        judge(store, None, output, by, {"follow": "yes" if i < good else "no"}, kind="llm")


@pytest.fixture
def filled(sqlite_store: Store) -> Store:
    """Two systems on SeqEval by one judge, one on CommonsenseQA by another, with more right."""
    system(sqlite_store, "a", "SeqEval", range(8), good=4)
    system(sqlite_store, "b", "SeqEval", range(6), good=2)
    system(sqlite_store, "c", "CSQA", range(20), good=20, by="other")
    return sqlite_store


def names(store: Store, **asked: object) -> list[str]:
    return [row.system for row in leaderboard(store, LeaderboardQuestion(**asked)).rows]


def test_the_set_with_most_systems_is_shown_and_the_rest_is_named(filled: Store) -> None:
    board = leaderboard(filled)
    assert [row.system for row in board.rows] == ["a", "b"]
    assert board.question.prompt_set == "SeqEval"
    assert [(s.name, s.prompts, s.systems) for s in board.sets] == [
        ("SeqEval", 8, 2),
        ("CSQA", 20, 1),
    ]
    notes = "\n".join(board.notes)
    assert "Prompt set: SeqEval (8 prompts)." in notes
    assert "Left out: 1 system of the prompt set 'CSQA' (c)." in notes


def test_another_set_has_its_own_systems_and_its_own_judge(filled: Store) -> None:
    board = leaderboard(filled, LeaderboardQuestion(prompt_set="CSQA"))
    (row,) = board.rows
    assert (row.system, row.figures[FOLLOWING].value, row.figures[FOLLOWING].n) == ("c", 1.0, 20)
    assert board.question.judge == "other"
    assert [j.name for j in board.judges] == ["other"]
    assert leaderboard(filled).question.judge == "llm"


def test_no_two_systems_of_different_sets_are_tested_against_each_other(filled: Store) -> None:
    for one in ("SeqEval", "CSQA"):
        board = leaderboard(filled, LeaderboardQuestion(prompt_set=one))
        there = {row.system for row in board.rows}
        assert {name for pair in board.pairs for name in (pair.first, pair.second)} <= there
    assert len(leaderboard(filled).pairs) == 1


def test_of_sets_with_as_many_systems_the_larger_comes_first(filled: Store) -> None:
    system(filled, "d", "CSQA", range(20), good=1)
    assert leaderboard(filled).question.prompt_set == "CSQA"


def test_the_reference_decides_where_no_set_is_named(filled: Store) -> None:
    assert names(filled, reference="c") == ["c"]
    assert names(filled, systems=("c",)) == ["c"]


def test_an_unknown_set_is_one_sentence(filled: Store) -> None:
    with pytest.raises(UsageError, match="did you mean 'CSQA'"):
        leaderboard(filled, LeaderboardQuestion(prompt_set="CSQ"))


def test_a_renamed_set_is_seen_at_once(filled: Store) -> None:
    assert leaderboard(filled).question.prompt_set == "SeqEval"
    rename_prompt_set(filled, "SeqEval", "grown")
    assert leaderboard(filled).question.prompt_set == "grown"


@pytest.mark.parametrize("form", ["csv", "json", "markdown", "latex", "html"])
def test_every_export_names_the_set(filled: Store, form: str) -> None:
    stream = io.BytesIO()
    export_leaderboard(leaderboard(filled), form, stream)
    assert "SeqEval" in stream.getvalue().decode()


def test_reported_results_stand_on_the_board_of_their_set(filled: Store, tmp_path) -> None:
    file = tmp_path / "theirs.json"
    with file.open("wb") as stream:
        export_leaderboard(
            leaderboard(filled, LeaderboardQuestion(prompt_set="CSQA")), "json", stream
        )
    (theirs,) = read_reported(file).systems
    assert theirs.provenance["prompt_set"] == "CSQA"
    untold = System("untold", None, None, None, theirs.figures, {"source": "somewhere"})
    renamed = System("theirs", None, None, None, theirs.figures, theirs.provenance)
    put_reported(filled, [renamed, untold])
    assert set(names(filled, prompt_set="CSQA")) == {"c", "theirs", "untold"}
    assert set(names(filled)) == {"a", "b", "untold"}
    notes = "\n".join(leaderboard(filled).notes)
    assert "Left out: 1 reported results of other prompt sets (theirs)." in notes
    assert "1 reported result did not say of which prompt set" in notes


def test_runs_that_belong_to_no_set_stand_together(sqlite_store: Store) -> None:
    for name in ("x", "y"):
        (output,) = make_run(sqlite_store, name, 1)
        judge(sqlite_store, None, output, "llm", {"follow": "yes"}, kind="llm")
        set_system(sqlite_store, name)
    board = leaderboard(sqlite_store)
    assert [row.system for row in board.rows] == ["x", "y"]
    assert (board.sets, board.prompt_set) == ((), None)


def test_runs_that_are_on_no_board_are_named(filled: Store) -> None:
    assert not any("Not on the board" in note for note in leaderboard(filled).notes)
    make_run(filled, "unjudged")
    (said,) = [note for note in leaderboard(filled).notes if "Not on the board" in note]
    assert "1 run " in said
    assert "(unjudged)" in said
    chosen = leaderboard(filled, LeaderboardQuestion(systems=("a",)))
    assert not any("Not on the board" in note for note in chosen.notes)
