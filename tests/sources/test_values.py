"""Each value is read by itself: numbers as they were written, golds by what they mean."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.metrics.accuracy import accuracy
from sit_core.records import Prediction
from sit_core.sources import (
    BadRow,
    FileSummary,
    LocatedPrediction,
    SourceFile,
    guess_mapping,
    look_at,
    plan_for,
    read_predictions,
)
from tests.sources.files import ROW, file, jsonl, parquet

CASES = Path(__file__).parents[1] / "fixtures" / "cases"


def read(
    source: SourceFile,
) -> tuple[list[Prediction], list[tuple[int | None, str]], FileSummary]:
    """Predictions, refused rows and the summary, as an import reads a file."""
    summary = FileSummary()
    made, refused = [], []
    for item in read_predictions(plan_for(source), summary=summary):
        if isinstance(item, BadRow):
            refused.append((item.line, item.reason))
        else:
            made.append(item.prediction)
    return made, refused, summary


def first(line: str, name: str = "file.jsonl") -> Any:
    """The first row of a file, as a prediction or as the reason why it is none."""
    made, refused, _ = read(file(line + "\n", name))
    return made[0] if made else refused[0][1]


def gold(row: dict[str, Any]) -> Any:
    """The gold of a row, or the reason why it has none."""
    found = first(json.dumps({**ROW, **row}))
    return found.example.reference if isinstance(found, Prediction) else found


# Numbers.


def test_a_number_among_texts_takes_no_column_away() -> None:
    made, refused, summary = read(SourceFile.at(CASES / "01_input_number.jsonl"))
    assert (len(made), refused) == (3, [])
    assert len({p.example.id for p in made}) == 3
    assert made[1].example.input == "42"
    assert summary.to_dict()["changed"][0] == {
        "field": "input",
        "what": "a number as text",
        "count": 1,
        "before": "42",
        "after": "42",
    }


def test_runs_named_by_numbers_are_runs() -> None:
    made, _, summary = read(SourceFile.at(CASES / "01b_run_ints.jsonl"))
    assert {p.run for p in made} == {"0", "1"}
    assert summary.used["run"] == "run"


@pytest.mark.parametrize("form", ["jsonl", "json"])
@pytest.mark.parametrize(
    "written", ["42", "42.0", "-0", "-0.0", "1e5", "1E+05", "3.10", "1" * 300, "0.1" + "0" * 30]
)
def test_a_number_is_the_text_that_stands_in_the_file(written: str, form: str) -> None:
    row = f'{{"instruction": "i", "input": {written}, "output": {written}, "run": {written[:9]}}}'
    found = first(row if form == "jsonl" else f"[{row}]", f"a.{form}")
    assert (found.example.input, found.output, found.run) == (written, written, written[:9])


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_any_number_is_the_text_that_stands_in_the_file(number: float) -> None:
    found = first(json.dumps({"instruction": "i", "input": number, "output": "o"}))
    assert found.example.input == json.dumps(number)


def test_numbers_of_the_meta_stay_numbers() -> None:
    found = first('{"instruction": "i", "output": "o", "score": 1.50, "n": {"a": [2.0, -0]}}')
    assert found.meta == {"score": 1.5, "n": {"a": [2.0, 0]}}
    assert {type(found.meta["score"]), type(found.meta["n"]["a"][0])} == {float}


def test_a_typed_column_has_no_spelling_so_a_whole_number_has_no_point() -> None:
    rows = [{"instruction": "i", "input": 42.0, "output": "a"}, {"instruction": "i", "output": "b"}]
    made, _, _ = read(file(parquet([{**rows[0]}, {**rows[1], "input": None}]), "a.parquet"))
    assert [p.example.input for p in made] == ["42", ""]


def test_texts_of_people_and_models_never_change() -> None:
    row = {"instruction": "3.0", "input": "007", "output": "1.0", "target": "null"}
    found = first(json.dumps(row))
    assert (found.example.instruction, found.example.input, found.output) == ("3.0", "007", "1.0")
    assert found.example.reference == "null"
    assert gold({"target": "3.0"}) == "3.0"
    assert gold({"target": " a "}) == " a "


def test_a_csv_file_has_no_types_so_a_whole_number_as_gold_has_no_point() -> None:
    rows = "instruction,input,output,target\nHow many?,7.0,a 3.0,3.0\nHow many?,b,4,2.5\n"
    made, _, told = read(file(rows.encode(), "a.csv"))
    assert [p.example.reference for p in made] == ["3", "2.5"]
    assert (made[0].example.input, made[0].output) == ("7.0", "a 3.0")
    change = told.changes["reference", "a whole number without its .0"]
    assert (change.count, change.before, change.after) == (1, "3.0", "3")


def test_true_is_no_text_and_is_refused_by_name() -> None:
    for name in ("instruction", "input", "output", "run", "language", "image"):
        said = first(json.dumps({**ROW, name: True}))
        assert f"the {name} ({name!r}) should be text, but is true or false" in said


# What is not there.


@pytest.mark.parametrize("absent", ["NaN", "null"])
def test_nan_and_null_are_nothing(absent: str) -> None:
    names = ("input", "target", "steps", "expected", "language", "image", "run")
    fields = "".join(f', "{name}": {absent}' for name in names)
    found = first(f'{{"instruction": "i", "output": "o"{fields}}}')
    example = found.example
    assert (example.input, example.reference, example.language, example.image) == (
        "",
        None,
        None,
        None,
    )
    assert (example.steps, found.run) == ((), "file")
    assert "the output ('output') is null" in first(f'{{"instruction": "i", "output": {absent}}}')


def test_nothing_is_no_gold_and_that_is_said() -> None:
    made, refused, summary = read(SourceFile.at(CASES / "02_float_gold.jsonl"))
    assert refused == []
    assert [p.example.reference for p in made] == ["3", None]
    assert [c.sentence for c in summary.changes.values()] == [
        "reference: a whole number without its .0, 1 time (3.0 → 3)",
        "reference: no gold answer, 1 time (nan)",
    ]
    assert gold({"target": ""}) is None
    assert gold({"target": []}) is None


# Golds.


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"target": 3.0}, "3"),
        ({"target": 3}, "3"),
        ({"target": 0.5}, "0.5"),
        ({"target": [3.0, "three"]}, "3"),
        ({"target": 1, "choices": ["cat", "dog"]}, "B"),
        ({"target": 1.0, "choices": ["cat", "dog"]}, "B"),
        ({"target": "1", "options": ["cat", "dog"]}, "B"),
        ({"target": 0, "choices": {"label": ["W", "X"], "text": ["cat", "dog"]}}, "W"),
        ({"target": "1", "choices": {"label": ["1", "2"], "text": ["cat", "dog"]}}, "1"),
        ({"target": 2, "input": "Which?\nA. cat\nB. dog\nC. cow"}, "C"),
        ({"target": "2", "input": "Which?\nA. cat\nB. dog\nC. cow"}, "C"),
        ({"target": 7, "input": "Which?\nA. 5\nB. 7\nC. 9"}, "7"),
        ({"target": 1, "choices": [0, 1]}, "1"),
        ({"target": "12", "input": "How many? A list:\nA. x\nB. y"}, "12"),
        ({"target": True, "choices": ["No", "Yes"]}, "B"),
        ({"target": False, "input": "Is it? Answer True or False."}, "False"),
        ({"target": True, "input": "Is it?\nA. true\nB. false"}, "A"),
        ({"target": "True"}, "True"),
        ({"target": "C", "choices": ["a", "b", "c"]}, "C"),
    ],
)
def test_a_gold_means_what_the_data_set_means(row: dict[str, Any], expected: str) -> None:
    assert gold(row) == expected


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"target": True}, "is true, and neither choices nor the question say which word"),
        ({"target": False, "input": "true or false? yes or no?"}, "is false, and neither"),
        ({"target": 2, "choices": ["cat", "dog"]}, "counted from 0 (A) to 1 (B)"),
        ({"target": "2", "choices": ["cat", "dog"]}, "counted from 0 (A) to 1 (B)"),
        ({"target": 2, "choices": ["2", "3", "4"]}, "also the index of another (C)"),
        ({"target": [None]}, "should be text, but is null"),
        ({"target": {"a": 1}}, "should be text, but is an object"),
    ],
)
def test_a_gold_that_means_nothing_sure_is_refused_by_name(row: dict[str, Any], words: str) -> None:
    said = gold(row)
    assert said.startswith("the reference ('target')")
    assert words in said


def test_an_index_that_became_a_letter_is_in_the_summary() -> None:
    rows = [{**ROW, "target": i % 2, "choices": ["cat", "dog"]} for i in range(4)]
    _, _, summary = read(file(jsonl(*rows)))
    assert [c.sentence for c in summary.changes.values()] == [
        "reference: the index of a choice, as its letter, 4 times (0 → A)",
        "reference: a choice's words count as well, 4 times (A → cat)",
    ]


# Columns.


def test_a_column_may_first_come_up_in_the_last_row() -> None:
    rows = [dict(ROW) for _ in range(500)]
    rows[-1] |= {"target": "B", "steps": "paraphrase, answer", "run": "other", "iteration": 2}
    made, refused, summary = read(file(jsonl(*rows)))
    assert refused == []
    assert [p.example.reference for p in made] == [None] * 499 + ["B"]
    assert (made[-1].run, made[0].run) == ("other", "file")
    assert [s.task for s in made[-1].example.steps] == ["paraphrase", "answer"]
    assert made[-1].example.meta == {"iteration": 2}
    assert summary.used["reference"] == "target"
    assert summary.unused == []


def test_an_output_column_that_comes_late_is_found_and_rows_without_one_are_refused() -> None:
    rows = [{"instruction": "i", "said": str(n)} for n in range(100)]
    rows += [{"instruction": "i", "output": "o"}]
    made, refused, _ = read(file(jsonl(*rows)))
    assert [p.output for p in made] == ["o"]
    assert [line for line, _ in refused] == list(range(1, 101))
    assert all("no column was recognised as the output" in reason for _, reason in refused)


def test_what_was_mapped_to_nothing_stays_so() -> None:
    rows = [ROW, {**ROW, "input": "2?", "target": "B"}]
    source = file(jsonl(*rows))
    look = look_at(source)
    assert "reference" not in look.open_fields({"reference": ""})
    assert "reference" in look_at(file(jsonl(ROW))).open_fields({"reference": None})
    assert "output" not in look.open_fields({})


def test_the_summary_names_what_was_used_and_what_was_not() -> None:
    row = {"prompt": "i", "response": "o", "label": "B", "score": 1, "iteration": 3}
    _, _, summary = read(file(jsonl(row)))
    assert summary.to_dict() | {"changed": [], "notes": {}} == {
        "file": "file.jsonl",
        "columns": {"instruction": "prompt", "output": "response", "reference": "label"},
        "verdicts": [],
        "example_meta": ["iteration"],
        "not_used": ["score"],
        "not_used_count": 1,
        "changed": [],
        "notes": {},
    }
    assert summary.sentences() == [
        "columns: instruction ← prompt, output ← response, reference ← label",
        "kept with the example: iteration",
        "not used, kept with the output: score",
    ]


def test_a_column_that_was_named_but_never_comes_is_said() -> None:
    from dataclasses import replace

    source = file(jsonl(ROW))
    plan = plan_for(source)
    plan = replace(plan, mapping=plan.mapping.corrected({"reference": "gold answer"}))
    summary = FileSummary()
    assert all(isinstance(r, LocatedPrediction) for r in read_predictions(plan, summary=summary))
    assert list(summary.notes) == ["no row has the column 'gold answer' (for the reference)"]


def test_a_value_that_cannot_be_steps_is_refused_with_the_way_out() -> None:
    said = first(json.dumps({**ROW, "tasks": 3}))
    assert "the steps ('tasks') should be names" in said
    assert "--map steps=" in said


def test_numbers_expected_of_steps_are_texts() -> None:
    row = {"instruction": "First translate it, then answer.", "output": ""}
    steps = first(json.dumps({**row, "expected": [4.0, None]})).example.steps
    assert [s.expected for s in steps] == ["4.0", None]


@given(
    st.dictionaries(
        st.sampled_from(["instruction", "input", "output", "target", "steps", "run", "expected"]),
        st.none()
        | st.booleans()
        | st.floats()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.integers() | st.text(max_size=3), max_size=2),
    )
)
def test_no_value_is_lost_silently(row: dict[str, Any]) -> None:
    """Each value of a row is in the prediction, in its meta, or the row is refused by name."""
    try:
        line = json.dumps(row)
    except ValueError:
        return
    found = first(line)
    if not isinstance(found, Prediction):
        return
    value = row.get("input")
    if value is not None and value == value:
        assert found.example.input == (value if isinstance(value, str) else json.dumps(value))
    assert guess_mapping(list(row)).columns().keys() >= {"instruction", "output"}


# Several models, choices that only a column lists, bytes.


def test_several_models_in_one_run_are_told() -> None:
    rows = [{**ROW, "generator": name, "input": name} for name in ("one", "two", "one ")]
    _, _, summary = read(file(jsonl(*rows)))
    (said,) = summary.to_dict()["notes"]
    assert "(one, two, one )" in said
    assert "--map run=generator" in said
    assert any(said in sentence for sentence in summary.sentences())


def test_one_model_or_a_run_of_each_is_nothing_to_tell() -> None:
    alike = [{**ROW, "generator": "same", "input": name} for name in ("a", "b")]
    each = [{**ROW, "run": name, "model": name} for name in ("a", "b")]
    for rows in (alike, each):
        assert read(file(jsonl(*rows)))[2].to_dict()["notes"] == {}


@pytest.mark.parametrize("gold_value", [1, "1", "B", True])
def test_an_answer_in_words_is_right_where_no_letters_were_shown(gold_value: Any) -> None:
    row = {**ROW, "instruction": "Which?", "input": "", "choices": ["no", "yes"], "steps": "answer"}
    made, refused, summary = read(file(jsonl({**row, "target": gold_value, "output": "Yes"})))
    assert refused == []
    assert accuracy(made[0]) == 1.0
    assert made[0].example.reference == "B"
    assert any(c.what == "a choice's words count as well" for c in summary.changes.values())
    assert accuracy(replace(made[0], output="no")) == 0.0


def test_where_the_prompt_shows_letters_only_the_letter_is_gold() -> None:
    shown = {**ROW, "input": "Which?\nChoices: A:no, B:yes", "choices": ["no", "yes"]}
    made, _, _ = read(file(jsonl({**shown, "target": 1})))
    assert (made[0].example.reference, made[0].example.meta) == ("B", {})


def test_bytes_are_the_text_that_they_are_or_refused() -> None:
    rows = [{**ROW, "output": "é\n2".encode()}, {**ROW, "input": "x", "output": b"\xff"}]
    made, refused, _ = read(file(parquet(rows), "a.parquet"))
    assert [p.output for p in made] == ["é\n2"]
    assert refused == [(2, "a value is bytes that are no text in UTF-8")]


def test_steps_as_our_tables_hold_them_are_read_without_our_ids() -> None:
    steps = json.dumps([{"task": "repeat", "letter": "R"}, {"task": "answer", "letter": "A"}])
    made, refused, _ = read(file(jsonl({**ROW, "steps": steps})))
    assert refused == []
    assert [step.letter for step in made[0].example.steps] == ["R", "A"]
    assert "should be names" in first(json.dumps({**ROW, "steps": "[broken"}))


SQUAD = {"text": ["Paris", "in Paris", "Paris"], "answer_start": [3, 0, 3]}


def test_squad_s_answers_are_golds_and_one_without_any_is_no_gold() -> None:
    none = {**ROW, "input": "Who?", "answers": {"text": [], "answer_start": []}}
    made, refused, summary = read(file(jsonl({**ROW, "answers": SQUAD}, none)))
    assert [one.example.reference for one in made] == ["Paris", None]
    assert made[0].example.meta["references"] == ["Paris", "in Paris"]
    assert (summary.used["reference"], refused) == ("answers.text", [])
    assert "answers" not in summary.unused
    assert [(c.what, c.count) for c in summary.changes.values()] == [("no gold answer", 1)]
    assert accuracy(replace(made[0], output="in Paris")) == 1.0


@pytest.mark.parametrize(
    "row",
    [
        {"answers": ["Paris", "Rome"]},
        {"answers": {"text": "Paris", "label": ["A"]}},
        {"answers": {"text": ["a"]}},
        {"answers": "Paris"},
    ],
)
def test_answers_of_another_shape_may_be_choices_and_are_left_alone(row: dict[str, Any]) -> None:
    ((one,), _, summary) = read(file(jsonl({**ROW, **row})))
    assert one.example.reference is None
    assert one.meta["answers"] == row["answers"]
    assert "answers" in summary.unused


def test_a_gold_of_another_name_goes_before_squad_s_answers() -> None:
    ((one,), _, _) = read(file(jsonl({**ROW, "answers": SQUAD, "target": "Rome"})))
    assert one.example.reference == "Rome"
