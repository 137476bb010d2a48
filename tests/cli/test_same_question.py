"""The same question is the same example, whatever program wrote the file (case 03)."""

import json
from pathlib import Path

import pytest

from sit_core.results.comparison import compare, differing
from sit_core.results.leaderboard.build import FOLLOWING, LeaderboardQuestion, leaderboard
from sit_core.results.leaderboard.pairs import compare_systems
from sit_core.results.table_query import TableQuery
from sit_core.store import Store, open_store
from sit_core.store.browse_sample import get_output, other_outputs
from sit_core.store.judge_inputs import choose_outputs, read_chosen
from sit_core.store.studies import sharing
from tests.cli.conftest import sit
from tests.factories import judge

CASES = Path(__file__).parents[1] / "fixtures" / "cases"


@pytest.fixture
def store(home_of_its_own: None, capsys: pytest.CaptureFixture[str]) -> Store:
    """The two files of case 03: the same 20 questions with LF, and with CRLF as a spreadsheet."""
    for name in ("03_lf.jsonl", "03_crlf.csv"):
        code, _, err = sit(capsys, "import", str(CASES / name), "--steps", "repeat,answer")
        assert code == 0, err
    return open_store()


def ids(store: Store, run: str) -> list[str]:
    return list(choose_outputs(store, [run]).ids)


def test_all_twenty_questions_are_shared(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = sit(capsys, "study", "create", "s", "--runs", "03_lf,03_crlf", "--json")
    assert code == 0, err
    said = json.loads(out)
    assert said["sample"] == 20
    assert said["progress"]["samples"] == 40
    assert said["sharing"]["shared"] == 20
    assert [run["left_out"] for run in said["sharing"]["runs"]] == [0, 0]


def test_what_is_not_shared_is_counted_and_shown(
    store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in (CASES / "03_lf.jsonl").read_text().splitlines()]
    more = rows[:8] + [{**rows[0], "input": f"Another one, {i}?\nReally?"} for i in range(5)]
    file = tmp_path / "part.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in more))
    assert sit(capsys, "import", str(file), "--steps", "repeat,answer")[0] == 0
    code, out, err = sit(capsys, "study", "create", "s", "--runs", "part,03_crlf")
    assert code == 0, err
    assert "The 2 runs share 8 examples." in out
    assert "part: 5 of its 13 examples are left out" in out
    assert "“Another one, 0? Really?”, “Another one, 1? Really?”, “Another one, 2? Really?”" in out
    assert "Another one, 3?" not in out
    assert "03_crlf: 12 of its 20 examples are left out" in out
    found = sharing(store, ["part", "03_crlf"]).to_dict()
    assert [(r["run"], r["examples"], r["left_out"]) for r in found["runs"]] == [
        ("part", 13, 5),
        ("03_crlf", 20, 12),
    ]
    assert [len(r["left_out_shown"]) for r in found["runs"]] == [3, 3]


def test_runs_are_compared_on_all_of_them(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for run, verdict in (("03_lf", "yes"), ("03_crlf", "no")):
        for output in ids(store, run):
            judge(store, None, output, "Ann", {"repeat": verdict, "answer": "yes"})
    assert sit(capsys, "study", "create", "s", "--runs", "03_lf,03_crlf")[0] == 0
    question = TableQuery(runs=("03_lf", "03_crlf"))
    rows = {row.step: row for row in compare(store, question).rows}
    assert (rows["repeat"].n, rows["repeat"].only_first) == (20, 20)
    assert (rows["answer"].n, rows["answer"].both) == (20, 20)
    differ = differing(store, question, "repeat")
    assert len(differ) == 20
    assert {d.example_id for d in differ} == {
        get_output(store, output).example_id for output in ids(store, "03_lf")
    }


def test_an_output_stands_beside_the_other_runs(store: Store) -> None:
    for output in ids(store, "03_lf"):
        assert [o.run for o in other_outputs(store, get_output(store, output))] == ["03_crlf"]


def test_a_judge_sees_the_other_runs_output_for_the_same_question(store: Store) -> None:
    chosen = choose_outputs(store, ["03_lf"], against="03_crlf")
    pairs = list(read_chosen(store, chosen))
    assert len(pairs) == 20
    for one in pairs:
        assert one.against_id is not None
        other = get_output(store, one.against_id)
        assert other.input.split() == one.example.input.split()


def test_a_limit_draws_the_same_questions_of_both(store: Store) -> None:
    chosen = choose_outputs(store, ["03_lf", "03_crlf"], limit=7, seed=3)
    asked = [" ".join(one.example.input.split()) for one in read_chosen(store, chosen)]
    assert len(asked) == 14
    assert sorted(asked[::2]) == sorted(asked[1::2])


def test_the_leaderboard_pairs_them(store: Store) -> None:
    for run, verdict in (("03_lf", "yes"), ("03_crlf", "no")):
        for output in ids(store, run):
            judge(store, None, output, "llm", {"follow": verdict}, kind="llm")
    board = leaderboard(store, LeaderboardQuestion())
    found = compare_systems(store, board, "03_lf", "03_crlf")
    assert (len(found.won), found.left_out) == (20, 0)
    (test,) = [pair for pair in board.pairs if pair.column == FOLLOWING]
    assert test.n == 20
    assert not [note for note in board.notes if "same prompts" in note and "Not all" in note]


def test_a_gold_that_a_spreadsheet_wrote_is_no_other_gold(
    home_of_its_own: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"instruction": "List.", "input": "q", "output": "x", "reference": "1\n2"})
    )
    (tmp_path / "b.csv").write_bytes(
        b'instruction,input,output,reference\r\nList.,"q\r\n",y,"1\r\n2 "\r\n'
    )
    for name in ("a.jsonl", "b.csv"):
        assert sit(capsys, "import", str(tmp_path / name), "--steps", "answer")[0] == 0
    store = open_store()
    assert sharing(store, ["a", "b"]).shared == 1
    (output,) = ids(store, "b")
    assert get_output(store, output).reference == "1\r\n2 "


def test_another_gold_is_another_example_in_either_spelling(
    home_of_its_own: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, asked, golds in (("a", "q\n?", "xy"), ("b", "q \r\n?", "yx")):
        (tmp_path / f"{name}.jsonl").write_text(
            "\n".join(
                json.dumps({"instruction": "List.", "input": asked, "output": g, "reference": g})
                for g in golds
            )
        )
        words = ("import", str(tmp_path / f"{name}.jsonl"), "--steps", "answer")
        assert sit(capsys, *words)[0] == 0
        code, out, _ = sit(capsys, *words)
        assert code == 0  # a second time all is known
        assert "2" in out
    store = open_store()
    assert sharing(store, ["a", "b"]).shared == 2
    chosen = choose_outputs(store, ["a"], against="b")
    for one in read_chosen(store, chosen):
        assert one.output == one.against


def test_runs_of_different_prompt_sets_are_said_to_be(
    store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in (CASES / "03_lf.jsonl").read_text().splitlines()]
    other = [{**rows[0], "input": f"Another one, {i}?\nReally?"} for i in range(20)]
    for name, content in (("half", rows[:3] + other), ("other", other)):
        file = tmp_path / f"{name}.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in content))
        words = ("--steps", "repeat,answer", "--prompt-set", f"set {name}")
        assert sit(capsys, "import", str(file), *words)[0] == 0
    sentence = "These runs are of different prompt sets"
    assert sentence in sit(capsys, "study", "create", "s", "--runs", "half,03_lf")[1]
    said = json.loads(sit(capsys, "study", "show", "s", "--json")[1])
    assert said["prompt_sets_differ"] is True
    assert said["prompt_sets"]["half"] == "set half"
    same = sit(capsys, "study", "create", "t", "--runs", "03_lf,03_crlf")[1]
    assert "Prompt set: " in same
    assert sentence not in same
    err = sit(capsys, "study", "create", "u", "--runs", "other,03_lf")[2]
    assert "no example in common" in err
    assert "set other" in err
