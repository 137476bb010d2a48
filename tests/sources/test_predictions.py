"""Rows become predictions; what can't be one is told in words that name the field."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.records import Prediction, chain_name
from sit_core.sources import (
    BadRow,
    ColumnMapping,
    Limits,
    LocatedPrediction,
    SourceFile,
    guess_mapping,
    look_at,
    parse_changes,
    run_name_of,
)
from sit_core.tasks import steps_named
from tests.sources.files import ROW, file, jsonl, one, parquet, predictions


def test_a_row_keeps_all_it_had() -> None:
    made = one({**ROW, "target": "B", "prompt": "### as sent", "score": 4.5, "iteration": 2})
    example = made.example
    assert (example.instruction, example.input, made.output) == tuple(ROW.values())
    assert example.reference == "B"
    assert example.meta == {"iteration": 2}
    assert made.meta == {"prompt": "### as sent", "score": 4.5}
    assert (made.run, chain_name(example.steps)) == ("run", "R+A")


def test_an_empty_output_is_an_output() -> None:
    assert one({**ROW, "output": ""}).output == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"output": None}, "the output ('output') is null"),
        ({"output": True}, "is true or false"),
        ({"output": ["x"]}, "is a list"),
        ({"instruction": None}, "the instruction ('instruction') is null"),
        ({"input": {"a": 1}}, "the input ('input') should be text, but is an object"),
        ({"target": {"a": 1}}, "the reference ('target')"),
        ({"output": "a\ud800b"}, "field 'output' holds half of a surrogate pair (\\ud800)"),
        ({"output": "a\x00b"}, "field 'output' holds a NUL"),
        ({"prompt": "\udfff"}, "field 'prompt' holds half of a surrogate pair"),
        ({"meta": {"deep": ["x\x00"]}}, "field 'meta' holds a NUL"),
        ({"meta": {"\ud800": 1}}, "field 'meta' holds half of a surrogate pair"),
        ({"language": "x" * 36}, "language"),
        ({"steps": "repaet,answer"}, "did you mean 'repeat'"),
        ({"steps": [1]}, "the steps ('steps') should be names"),
        ({"expected": ["x"]}, "'expected' lists 1 texts, but the chain has 2 steps"),
        ({"expected": {"translate": "x"}}, "no step of the chain"),
        ({"run": "x" * 201}, "200 characters"),
        ({"run": "a\x00"}, "NUL"),
    ],
)
def test_what_is_wrong_is_told_by_the_name_of_the_field(change: dict[str, Any], words: str) -> None:
    columns = {**ROW, **change}
    source = file(jsonl(columns))
    mapping = guess_mapping(list(columns)).corrected(
        {k: k for k in change if k in ("steps", "input", "run", "language", "expected")}
    )
    from sit_core.sources import ImportFile, read_predictions

    (found,) = read_predictions(ImportFile(source, "run", mapping))
    assert isinstance(found, BadRow)
    assert words in found.reason
    assert found.line == 1


def test_a_row_without_an_output_is_told_while_the_others_are_read() -> None:
    row = {k: v for k, v in ROW.items() if k != "output"}
    first, second = predictions(file(jsonl(ROW, row)))
    assert isinstance(first, LocatedPrediction)
    assert isinstance(second, BadRow)
    assert (second.line, "'output') is missing" in second.reason) == (2, True)


def test_a_file_without_an_output_column_is_one_problem_that_names_its_columns() -> None:
    row = {"instruction": "i", "wrote": "x"}
    (found,) = predictions(file(jsonl(*[row] * 500)))
    assert isinstance(found, BadRow)
    assert "output" in found.reason
    assert "'wrote'" in found.reason


@pytest.mark.parametrize(("size", "fine"), [(1 << 20, True), (4 << 20, True), (5 << 20, False)])
@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_field_of_one_megabyte_is_fine_and_one_of_five_is_not(
    size: int, fine: bool, letter: str
) -> None:
    text = letter * (size // len(letter.encode()))
    found = one({**ROW, "output": text})
    assert isinstance(found, Prediction) == fine
    assert fine or found == "the field 'output' is larger than 4 MB"


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_large_fields_are_refused_in_every_format(form: str) -> None:
    big = {**ROW, "output": "x" * (5 << 20)}
    data = {
        "json": json.dumps([ROW, big]),
        "csv": "instruction,output\na,b\na," + big["output"] + "\n",
        "parquet": parquet([ROW, big]),
    }[form]
    first, second = predictions(file(data, f"a.{form}"))
    assert isinstance(first, LocatedPrediction)
    assert isinstance(second, BadRow)
    assert "larger than 4 MB" in second.reason


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_lone_surrogate_escape_is_refused_and_a_pair_is_a_character(form: str) -> None:
    rows = [
        r'{"instruction": "i", "output": "\ud83d\ude00"}',
        r'{"instruction": "i", "output": "\ud83d"}',
    ]
    text = "\n".join(rows) if form == "jsonl" else "[" + ",".join(rows) + "]"
    first, second = predictions(file(text, f"a.{form}"))
    assert isinstance(first, LocatedPrediction)
    assert first.prediction.output == "😀"
    assert isinstance(second, BadRow)
    assert "ud83d" in second.reason


def test_what_is_not_a_number_is_no_value_so_that_every_database_takes_it() -> None:
    source = file('{"instruction": "i", "output": "o", "score": NaN, "most": [Infinity, 1e999]}')
    (found,) = predictions(source)
    assert isinstance(found, LocatedPrediction)
    assert found.prediction.meta == {"score": None, "most": ["inf", "inf"]}
    json.dumps(found.prediction.meta, allow_nan=False)


def test_golds_of_other_kinds_are_kept_as_text() -> None:
    assert one({**ROW, "target": 5}).example.reference == "5"
    several = one({**ROW, "target": ["five", "5"]}).example
    assert (several.reference, several.meta) == ("five", {"references": ["five", "5"]})
    assert one({**ROW, "target": None}).example.reference is None


def test_the_repeated_text_is_expected_to_be_the_input() -> None:
    repeat, answer = one(ROW).example.steps
    assert (repeat.expected, answer.expected) == ("Why?", None)


@pytest.mark.parametrize(
    ("expected", "texts"),
    [
        ("Hi", ("Hi", None)),
        (["Hi", None], ("Hi", None)),
        ({"answer": "So"}, (None, "So")),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_an_expected_column_says_what_a_step_should_yield(expected: Any, texts: tuple) -> None:
    row = {"instruction": "First translate it, then answer.", "output": "", "expected": expected}
    assert tuple(s.expected for s in one(row).example.steps) == texts


@pytest.mark.parametrize(
    "steps",
    [
        "paraphrase, answer",
        ["paraphrase", "answer"],
        [{"task": "paraphrase", "letter": "P"}, "answer"],
    ],
)
def test_a_column_of_steps_wins_over_the_wording(steps: Any) -> None:
    assert chain_name(one({**ROW, "steps": steps}).example.steps) == "P+A"


def test_the_researchers_steps_win_over_all() -> None:
    own = steps_named(["follow"])
    assert chain_name(one({**ROW, "steps": "repeat"}, steps=own).example.steps) == "F"


def test_where_nothing_tells_the_steps_there_are_none() -> None:
    assert one({**ROW, "instruction": "Do it."}).example.steps == ()


def test_the_language_is_a_column_or_the_end_of_the_files_name() -> None:
    assert one({**ROW, "language": "zh"}, "x.es.jsonl").example.language == "zh"
    assert one(ROW, "x.es.jsonl").example.language == "es"
    assert one(ROW, "x.jsonl").example.language is None
    assert one(ROW, "alpaca.it.jsonl").example.language is None


@pytest.mark.parametrize(
    ("name", "run"),
    [("a.jsonl", "a"), ("v1.5.json", "v1.5"), ("a.es.jsonl", "a.es"), ("a", "a"), ("a.b", "a.b")],
)
def test_a_run_is_called_like_its_file(name: str, run: str) -> None:
    assert run_name_of(name) == run


def test_a_column_may_name_the_run_but_the_generator_never_does() -> None:
    assert one({**ROW, "run": "mine"}).run == "mine"
    assert one({**ROW, "generator": "wrong"}).run == "run"
    assert one({**ROW, "generator": "wrong"}).meta == {"generator": "wrong"}


def test_columns_of_other_names_are_guessed_and_can_be_corrected() -> None:
    guess = guess_mapping(["Question", "Context", "Response", "label", "id"])
    assert guess.columns() == {
        "instruction": "Question",
        "input": "Context",
        "output": "Response",
        "reference": "label",
    }
    assert guess.corrected({"output": "id", "reference": ""}).columns()["output"] == "id"
    assert guess.corrected({"reference": None}).reference is None


def test_a_column_is_never_left_out_for_what_the_first_rows_hold() -> None:
    assert guess_mapping(["instruction", "input"], [{"input": 3}]).input == "input"
    assert guess_mapping(["instruction", "input"], [{"input": ["x"]}]).input == "input"
    assert guess_mapping(["instruction", "tasks"], [{"tasks": 3}]).steps == "tasks"


def test_of_two_columns_of_one_meaning_the_one_that_holds_texts_is_taken() -> None:
    rows = [{"prompt": [{"role": "user"}], "question": "Why?"}]
    assert guess_mapping(["prompt", "question"], rows).instruction == "question"


def test_a_wrong_correction_is_a_wrong_usage() -> None:
    with pytest.raises(UsageError, match="did you mean 'output'"):
        parse_changes(["ouput=x"])
    with pytest.raises(UsageError, match="FIELD=COLUMN"):
        parse_changes(["output"])
    assert parse_changes(["output=a=b", "input="]) == {"output": "a=b", "input": ""}


@given(st.dictionaries(st.text(max_size=8), st.none() | st.text(max_size=8) | st.integers()))
def test_any_row_is_a_prediction_or_a_reason(row: dict[str, Any]) -> None:
    for found in predictions(file(jsonl(row))):
        assert isinstance(found, LocatedPrediction | BadRow)


def test_a_look_at_a_file_never_raises(tmp_path: Path) -> None:
    look = look_at(SourceFile.at(tmp_path))
    assert look.rows == ()
    assert look.problems
    assert look.mapping == ColumnMapping()


def test_limits_can_be_set() -> None:
    from sit_core.sources import ImportFile, read_predictions

    source = file(jsonl(ROW))
    (found,) = read_predictions(ImportFile(source, "r", look_at(source).mapping), Limits(10))
    assert isinstance(found, BadRow)
