"""``sit import`` and ``sit runs``: one JSON line, problems by file and line, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.cli import main
from sit_core.store import Store
from sit_core.store.runs import list_runs

ROW = {"instruction": "First repeat the input, then answer.", "input": "1?", "output": "one"}


class Sit:
    """Calls the command line as a shell would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *args: object) -> "Sit":
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in args])
        self.code = ended.value.code
        self.out, self.err = self.capsys.readouterr()
        return self

    @property
    def counts(self) -> dict[str, int]:
        (line,) = self.out.splitlines()
        return {k: v for k, v in json.loads(line).items() if k != "prompt_sets"}


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store) -> Sit:
    return Sit(capsys)


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return path


def test_one_json_line_says_what_was_done(sit: Sit, tmp_path: Path) -> None:
    path = write(tmp_path / "model.jsonl", ROW, {**ROW, "input": "2?"})
    assert sit("import", path).counts == {"imported": 2, "known": 0, "refused": 0}
    assert (sit.code, sit.err) == (
        0,
        "model.jsonl: columns: instruction, input, output\nPrompt set 'model': model\n",
    )
    counts = sit("import", path, "--json").counts
    assert {k: counts[k] for k in ("imported", "known", "refused")} == {
        "imported": 0,
        "known": 2,
        "refused": 0,
    }
    assert sit.err == ""


def test_a_refused_row_is_named_and_nothing_is_stored(
    sit: Sit, tmp_path: Path, sqlite_store: Store
) -> None:
    path = write(tmp_path / "model.jsonl", ROW, '{"broken', {**ROW, "input": "2?"})
    assert sit("import", path).counts == {"imported": 0, "known": 0, "refused": 1}
    assert sit.code == 1
    assert "model.jsonl:2: broken JSON" in sit.err
    assert "--keep-good" in sit.err
    assert list_runs(sqlite_store) == []
    assert sit("import", path, "--keep-good").counts == {"imported": 2, "known": 0, "refused": 1}
    assert sit.code == 0


def test_missing_files_and_folders_are_reasons_among_others(sit: Sit, tmp_path: Path) -> None:
    good = write(tmp_path / "good.jsonl", ROW)
    sit("import", good, tmp_path / "none.jsonl", tmp_path)
    assert (sit.code, sit.counts["refused"]) == (1, 2)
    assert "none.jsonl: there is no such file" in sit.err
    assert "folder" in sit.err
    assert "Traceback" not in sit.err


def test_at_most_twenty_reasons_are_printed_and_the_rest_counted(sit: Sit, tmp_path: Path) -> None:
    sit("import", write(tmp_path / "a.jsonl", *["{"] * 50))
    assert sit.err.count("a.jsonl:") == 20
    assert "and 30 more" in sit.err
    assert sit.counts["refused"] == 50


def test_the_run_is_called_like_the_file_or_as_one_says(
    sit: Sit, tmp_path: Path, sqlite_store: Store
) -> None:
    path = write(tmp_path / "model.v2.jsonl", ROW)
    sit("import", path)
    sit("import", path, "--run", "mine")
    assert {r.name for r in list_runs(sqlite_store)} == {"model.v2", "mine"}


def test_wrong_usage_exits_with_two_and_stores_nothing(
    sit: Sit, tmp_path: Path, sqlite_store: Store
) -> None:
    a = write(tmp_path / "a.jsonl", ROW)
    b = write(tmp_path / "b.jsonl", ROW)
    (tmp_path / "c").mkdir()
    twin = write(tmp_path / "c" / "a.jsonl", ROW)
    for arguments in (
        (a, b, "--run", "both"),
        (a, twin),
        (a, "--run", " "),
        (a, "--run", "x" * 201),
        (a, "--format", "jsom"),
        (a, "--map", "ouput=x"),
        (a, "--steps", "repaet"),
        (),
    ):
        assert sit("import", *arguments).code == 2, arguments
        assert sit.out == ""
        assert "Traceback" not in sit.err
    assert list_runs(sqlite_store) == []


def test_columns_and_steps_can_be_said(sit: Sit, tmp_path: Path, sqlite_store: Store) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ask,wrote\nDo it.,done\n")
    assert sit("import", path).code == 1
    assert "'wrote'" in sit.err
    sit(
        "import",
        path,
        "--map",
        "instruction=ask",
        "--map",
        "output=wrote",
        "--steps",
        "sum=S,answer",
    )
    assert sit.counts["imported"] == 1
    assert list_runs(sqlite_store)[0].chains == ("S+A",)


def test_control_characters_of_a_file_do_not_reach_the_terminal(sit: Sit, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ask\x1b[31m\u202e,b\n1,2\n")
    sit("import", path)
    assert "\x1b" not in sit.err
    assert "\u202e" not in sit.err


def test_the_runs_are_listed_for_people_and_for_programs(sit: Sit, tmp_path: Path) -> None:
    assert "no runs yet" in sit("runs").out
    sit("import", write(tmp_path / "model.jsonl", ROW, {**ROW, "input": "2?", "output": ""}))
    assert "model" in sit("runs").out
    assert "R+A" in sit.out
    (found,) = json.loads(sit("runs", "--json").out)
    assert (found["name"], found["outputs"], found["empty"]) == ("model", 2, 1)
    assert found["chains"] == ["R+A"]


@pytest.mark.slow
def test_the_real_outputs_are_imported_at_once_and_known_the_second_time(
    sit: Sit, real_data: Path
) -> None:
    files = sorted((real_data / "csqa_repeat").glob("*.jsonl"))
    assert sit("import", *files).counts == {"imported": 850, "known": 0, "refused": 0}
    assert sit("import", *files).counts == {"imported": 0, "known": 850, "refused": 0}


def test_expected_texts_of_a_parallel_file_are_stored_and_counted(
    sit: Sit, tmp_path: Path, sqlite_store: Store
) -> None:
    asked = "First translate the input into English, then answer."
    rows = [{"instruction": asked, "input": text, "output": "o"} for text in ("uno", "dos")]
    path = write(tmp_path / "model.jsonl", *rows)
    beside = write(tmp_path / "en.jsonl", {"input": "uno", "expected": "one"})
    sit("import", path)  # known afterwards; what was missing is filled in
    found = sit("import", path, "--expected", beside).counts
    assert (found["imported"], found["known"]) == (0, 2)
    tally = found["expected"]["model.jsonl"]
    assert (tally["matched"], tally["unmatched"]) == (1, 1)
    assert "line 2: dos" in sit.err
    with sqlite_store.read() as connection:
        steps = connection.exec_driver_sql("select steps from examples order by input").all()
    assert ['"one"' in row[0] for row in steps] == [False, True]
    assert sit("import", path, "--expected-step", "translate").code == 2
    again = sit("import", path, "--run", "other", "--expected", beside)
    assert again.counts["imported"] == 2
    with sqlite_store.read() as connection:
        (kept,) = connection.exec_driver_sql(
            "select provenance from runs where name = 'other'"
        ).one()
    (origin,) = json.loads(kept)["files"]
    assert origin["expected"] == {"file": "en.jsonl", "through": "", "step": None}


def test_the_tool_and_the_file_of_questions_stand_in_the_run_s_provenance(
    sit: Sit, tmp_path: Path, sqlite_store: Store
) -> None:
    said = {"question_id": 1, "choices": [{"index": 0, "turns": ["one", "two"]}]}
    path = write(tmp_path / "answers.jsonl", said)
    asked = write(tmp_path / "question.jsonl", {"question_id": 1, "turns": ["First?", "Then?"]})
    found = sit("import", path, "--questions", asked).counts
    assert found["left_out"] == {"answers.jsonl": {"not read: later turns": 1}}
    with sqlite_store.read() as connection:
        (kept,) = connection.exec_driver_sql("select provenance from runs").one()
    (origin,) = json.loads(kept)["files"]
    assert (origin["rows"], origin["questions"]) == ("fastchat", "question.jsonl")


def test_the_formats_can_be_listed(sit: Sit) -> None:
    listed = sit("import", "x", "--format", "help").out
    assert "lm-eval" in listed
    assert "jsonl" in listed


CASES = Path(__file__).parents[1] / "fixtures" / "cases"


def test_what_was_used_changed_and_left_alone_is_said_and_in_the_json(
    sit: Sit, tmp_path: Path
) -> None:
    row = {"prompt": "How many?", "response": "3", "label": 3.0, "score": 1}
    path = write(tmp_path / "m.jsonl", row, {**row, "label": "three", "response": 4})
    lines = sit("import", path).err.splitlines()
    assert lines == [
        "m.jsonl: columns: instruction ← prompt, output ← response, reference ← label",
        "m.jsonl: not used, kept with the output: score",
        "m.jsonl: reference: a whole number without its .0, 1 time (3.0 → 3)",
        "m.jsonl: output: a number as text, 1 time (4)",
        "Prompt set 'm': m",
    ]
    (said,) = sit("import", path, "--json").counts["files"]
    assert said["columns"] == {"instruction": "prompt", "output": "response", "reference": "label"}
    assert said["not_used"] == ["score"]
    assert [(c["field"], c["count"], c["before"], c["after"]) for c in said["changed"]] == [
        ("reference", 1, "3.0", "3"),
        ("output", 1, "4", "4"),
    ]


def test_a_number_as_input_takes_no_question_away(sit: Sit, sqlite_store: Store) -> None:
    sit("import", CASES / "01_input_number.jsonl")
    (run,) = list_runs(sqlite_store)
    assert (run.outputs, run.examples) == (3, 3)


def test_runs_named_by_numbers_stay_apart(sit: Sit, sqlite_store: Store) -> None:
    sit("import", CASES / "01b_run_ints.jsonl")
    assert {run.name: run.outputs for run in list_runs(sqlite_store)} == {"0": 2, "1": 2}


def test_blank_rows_of_a_spreadsheet_are_counted_and_none(sit: Sit) -> None:
    sit("import", CASES / "10_blank_rows.csv")
    assert sit.counts["imported"] == 2
    assert sit.counts["left_out"] == {"10_blank_rows.csv": {"blank rows": 2}}
    assert "10_blank_rows.csv: blank rows: 2" in sit.err


def test_an_indented_object_is_one_sentence(sit: Sit) -> None:
    sit("import", CASES / "12_pretty_object.json")
    assert (sit.code, sit.counts["refused"]) == (1, 1)
    assert "is a JSON object written over several lines" in sit.err


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_run_without_known_steps_is_exported_and_imported_again(
    sit: Sit, tmp_path: Path, form: str
) -> None:
    sit("import", CASES / "13_no_steps.json")
    out = tmp_path / f"out.{form}"
    sit("export", "predictions", "--runs", "13_no_steps", "--format", form, "--out", out)
    assert (sit.code, sit.err) == (0, f"1 rows written to {out}\n")
    assert sit("import", out).counts == {"imported": 0, "known": 1, "refused": 0}


def test_a_float_gold_is_the_number_and_nan_is_none(sit: Sit, tmp_path: Path) -> None:
    sit("import", CASES / "02_float_gold.jsonl", "--steps", "answer")
    assert sit.counts["imported"] == 2
    out = tmp_path / "out.jsonl"
    sit("export", "predictions", "--runs", "02_float_gold", "--out", out)
    golds = [json.loads(line)["reference"] for line in out.read_text().splitlines()]
    assert golds == ["3", None]


def test_a_chain_of_thousands_of_steps_is_one_sentence(sit: Sit, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {**ROW, "steps": ["answer"] * 100_000})
    assert sit("import", path).counts["refused"] == 1
    assert "at most 64 steps, but 100,000 are named" in sit.err
    assert sit("import", write(tmp_path / "b.jsonl", ROW), "--steps", "answer," * 70).code == 2


def test_a_csv_file_for_excel_has_a_byte_order_mark(sit: Sit, tmp_path: Path) -> None:
    sit("import", write(tmp_path / "m.jsonl", ROW))
    out = tmp_path / "out.csv"
    asked = ("export", "predictions", "--runs", "m", "--out", out)
    sit(*asked, "--format", "csv", "--bom")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfrun,")
    assert sit("import", out).counts["known"] == 1
    assert sit(*asked, "--bom").code == 2
    assert "--bom is for CSV" in sit.err
