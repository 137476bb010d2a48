"""Expected texts of a parallel file: matched by question or id, and counted where they are not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import SitError
from sit_core.records import Example
from sit_core.sources import ImportFile, LocatedPrediction, SourceFile, look_at, read_predictions
from sit_core.sources.expected_file import read_expected
from sit_core.sources.expected_search import ExpectedSearch, ExpectedTexts
from tests.sources.files import file, jsonl

ASKED = "First translate the input into English, then answer the question."


PAIRS = [("uno", "one"), ("dos", "two")]


def outputs(*inputs: str, **more: Any) -> SourceFile:
    rows = [{"instruction": ASKED, "input": text, "output": "o", **more} for text in inputs]
    return file(jsonl(*rows), "model.es.jsonl")


def expecting(source: SourceFile, texts: ExpectedTexts) -> tuple[list[Example], ExpectedSearch]:
    """The examples as they would be imported."""
    search = texts.search()
    plan = ImportFile(source, "run", look_at(source).mapping, expected=texts)
    found = list(read_predictions(plan, search=search))
    assert all(isinstance(item, LocatedPrediction) for item in found), found
    return [
        item.prediction.example for item in found if isinstance(item, LocatedPrediction)
    ], search


def expected_of(example: Example, key: str = "translate") -> str | None:
    return next(step.expected for step in example.steps if step.key == key)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e.jsonl", jsonl(*({"input": f, "expected": t} for f, t in PAIRS))),
        ("e.json", json.dumps([{"question": f, "target": t} for f, t in PAIRS])),
        ("e.csv", "instruction,input,expected\nx,uno,one\nx,dos,two\n"),
        ("e.csv", f'instruction,input,translation\n"{ASKED}",uno,one\n"{ASKED}",dos,two\n'),
    ],
)
def test_rows_of_any_format_are_matched_by_their_question(name: str, text: str) -> None:
    found, search = expecting(outputs("dos", "uno"), read_expected(file(text, name)))
    assert [expected_of(example) for example in found] == ["two", "one"]
    assert all(expected_of(example, "answer") is None for example in found)
    assert (search.tally.matched, search.tally.unmatched) == (2, 0)


def test_what_is_not_found_is_counted_and_three_are_named() -> None:
    texts = read_expected(file(jsonl({"input": "uno", "expected": "one"})))
    found, search = expecting(outputs("a", "uno", "b", "c", "d"), texts)
    assert [expected_of(example) for example in found] == [None, "one", None, None, None]
    assert search.tally.unmatched == 4
    assert search.tally.shown == ["line 1: a", "line 3: b", "line 4: c"]
    assert search.tally.sentence("e") == (
        "Expected texts from e: 1 matched, 4 unmatched (line 1: a; line 3: b; line 4: c; …)."
    )


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: t.strip()),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", " ", "  \n"]),
)
def test_line_ends_and_outer_blanks_make_no_difference(text: str, end: str, after: str) -> None:
    texts = ExpectedTexts("e")
    texts.add([f"first\n{text}\nlast"], "expected")
    search = texts.search()
    asked = Example(ASKED, f"{after}first{end}{text}{after}{end}last{after}")
    assert search.text_for(asked, {}, 1) == "expected"


def test_blanks_within_a_line_are_a_second_try_that_is_told() -> None:
    texts = read_expected(file(jsonl({"input": "uno dos", "expected": "one two"})))
    found, search = expecting(outputs("uno  dos", "unodós"), texts)
    assert [expected_of(example) for example in found] == ["one two", None]
    assert (search.tally.matched, search.tally.by_blanks) == (1, 1)


def test_one_instruction_of_many_inputs_is_no_match() -> None:
    rows = [{"instruction": ASKED, "input": "uno", "expected": "one"}]
    found, search = expecting(outputs("dos"), read_expected(file(jsonl(*rows))))
    assert expected_of(found[0]) is None
    assert search.tally.unmatched == 1


def test_a_question_with_several_texts_gets_them_in_order_and_that_is_told() -> None:
    rows = [{"input": "uno", "expected": text} for text in ("one", "One")]
    found, search = expecting(outputs("uno", "uno", "uno"), read_expected(file(jsonl(*rows))))
    assert [expected_of(example) for example in found] == ["one", "One", "One"]
    assert search.tally.by_order == 3


def test_rows_are_matched_by_an_id_that_both_have() -> None:
    texts = read_expected(file(jsonl({"id": 7, "text": "seven"}, {"id": "8", "text": "eight"})))
    source = file(jsonl({"instruction": ASKED, "input": "x", "output": "o", "id": "7"}))
    (found,), _ = expecting(source, texts)
    assert expected_of(found) == "seven"


def test_a_step_or_the_reference_can_be_named_and_a_chain_without_it_is_counted() -> None:
    rows = file(jsonl({"input": "uno", "expected": "one"}))
    (found,), _ = expecting(outputs("uno", target="x"), read_expected(rows, step="reference"))
    assert found.reference == "one"
    (found,), _ = expecting(outputs("uno"), read_expected(rows, step="answer"))
    assert expected_of(found, "answer") == "one"
    (found,), search = expecting(outputs("uno"), read_expected(rows, step="repeat"))
    assert search.tally.no_step == 1
    assert "1 without a step" in search.tally.sentence("e")


def test_texts_of_the_outputs_own_file_give_way_and_that_is_told() -> None:
    texts = read_expected(file(jsonl({"input": "uno", "expected": "one"})))
    (found,), search = expecting(outputs("uno", expected="uan"), texts)
    assert expected_of(found) == "one"
    assert search.tally.replaced == 1


def squad(*questions: tuple[str, str, str]) -> str:
    """A file in SQuAD's format of (id, context, question)."""
    paragraphs = [
        {"context": context, "qas": [{"id": i, "question": q, "answers": [{"text": "a"}]}]}
        for i, context, q in questions
    ]
    return json.dumps({"version": "1.1", "data": [{"title": "t", "paragraphs": paragraphs}]})


def test_a_set_in_two_languages_is_joined_by_its_ids(tmp_path: Path) -> None:
    english, spanish = tmp_path / "set.en.json", tmp_path / "set.es.json"
    english.write_text(squad(("q2", "Two.", "How many?"), ("q1", "One.", "Which?")))
    spanish.write_text(squad(("q1", "Uno.", "¿Cuál?"), ("q2", "Dos.", "¿Cuántos?")))
    source = outputs("Context: Dos.\nQuestion: ¿Cuántos?", "Context: Tres.\nQuestion: ¿Cuál?")
    beside = read_expected(SourceFile.at(english), language="es")
    named = read_expected(SourceFile.at(english), joined=SourceFile.at(spanish))
    for texts in (beside, named):
        found, search = expecting(source, texts)
        assert expected_of(found[0]) == "Context: Two.\nQuestion: How many?"
        assert expected_of(found[1]) is None
        assert search.tally.unmatched == 1
        assert texts.through == "set.es.json"
        assert found[0].meta["golds"] == {"en": ["a"]}, "its answers are golds of its language"
        assert "golds" not in found[1].meta


def test_files_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    one.write_text(squad(("q1", "c", "q")))
    other.write_text(squad(("q9", "c", "q")))
    with pytest.raises(SitError, match="no id in common"):
        read_expected(SourceFile.at(one), joined=SourceFile.at(other))
    with pytest.raises(SitError, match="no column with a text"):
        read_expected(file(jsonl({"input": "uno", "number": 1})))
    with pytest.raises(SitError, match="No such file"):
        read_expected(SourceFile.at(tmp_path / "gone.jsonl"))
    with pytest.raises(SitError, match=r"x\.jsonl:2"):
        read_expected(file('{"input": "a", "expected": "b"}\n{"broken\n', "x.jsonl"))


@pytest.mark.parametrize(
    "name", ["llama-7b-baseline.es.jsonl", "llama-7b-seq-it.es.jsonl", "llama-7b-seq-it.zh.jsonl"]
)
def test_all_of_xquad_s_outputs_find_their_english(real_data: Path, name: str) -> None:
    """The released outputs are in the order of the set, which says what the right text is."""
    language = name.split(".")[1]
    whole: Mapping[str, Any] = json.loads((real_data / "xquad" / "xquad.en.json").read_text())
    right = [
        f"Context: {paragraph['context']}\nQuestion: {question['question']}"
        for article in whole["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    texts = read_expected(SourceFile.at(real_data / "xquad" / "xquad.en.json"), language=language)
    found, search = expecting(SourceFile.at(real_data / "xquad_outputs" / name), texts)
    assert [expected_of(example) for example in found] == right
    assert search.tally.unmatched == 0
