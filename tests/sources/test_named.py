"""Every data set by name: what its rows become, what is refused with which line and reason."""

import json
import sys
import types
from pathlib import Path

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.sources import (
    EXAMPLE_SOURCES,
    ExampleReading,
    Problem,
    collected,
    get_template,
    named_examples,
    split_source,
)


def lines(tmp_path: Path, *rows: object, name: str = "x.jsonl") -> str:
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def of(source: str, **how: object) -> list[Example]:
    return collected(named_examples(source, ExampleReading(**how)))  # type: ignore[arg-type]


def test_alpaca_takes_the_output_for_the_gold_and_a_plain_file_does_not(tmp_path: Path) -> None:
    path = lines(tmp_path, {"instruction": "Do it.", "input": None, "output": "done"})
    assert of(f"alpaca:{path}")[0].reference == "done"
    assert of(path)[0].reference is None
    assert of(path, gold=True)[0].reference == "done"
    assert split_source(path, gold=True)[0] == "alpaca"


def test_a_gold_column_wins_over_some_models_output(tmp_path: Path) -> None:
    path = lines(tmp_path, {"instruction": "Do it.", "output": "said", "target": "right"})
    assert of(f"alpaca:{path}")[0].reference == "right"


def test_chat_rows_of_one_turn_and_pairs(tmp_path: Path) -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi?"},
        {"role": "assistant", "content": "Ho."},
    ]
    share = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
    path = lines(
        tmp_path,
        {"id": 7, "messages": chat},
        {"conversations": share},
        {"inputs": "i", "targets": "t"},
        {"prompt": "p", "completion": "c"},
    )
    found = of(path, gold=True)
    assert [(e.instruction, e.input, e.reference) for e in found] == [
        ("Hi?", "", "Ho."),
        ("q", "", "a"),
        ("i", "", "t"),
        ("p", "", "c"),
    ]
    assert found[0].meta == {"id": "7", "system": "Be brief."}


def test_a_conversation_of_several_turns_is_a_problem_and_not_cut(tmp_path: Path) -> None:
    turn = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    path = lines(tmp_path, {"messages": turn}, {"messages": turn * 2}, {"messages": "x"}, {"a": 1})
    found = list(named_examples(f"messages:{path}", ExampleReading()))
    assert isinstance(found[0], Example)
    assert [str(p).split(":", 2)[1] for p in found[1:]] == ["2", "3", "4"]
    assert "found 4 messages (user, assistant, user, assistant)" in str(found[1])
    assert "found 'x'" in str(found[2])
    assert "found 'a'" in str(found[3])


def test_commonsense_qa_in_its_three_forms(tmp_path: Path) -> None:
    choices = [{"label": "A", "text": "sea"}, {"label": "E", "text": "hive"}]
    hub = {"label": ["A", "E"], "text": ["sea", "hive"]}
    asked = "Question: Where?\nChoices: A:sea, E:hive"
    path = lines(
        tmp_path,
        {"question": {"stem": "Where?", "choices": choices}, "answerKey": "E", "id": "a"},
        {"question": "Where?", "choices": hub, "answerKey": "E", "id": "a"},
        {"instruction": "Choose.", "input": asked, "output": "E"},
        {"question": "Where?", "choices": hub, "answerKey": ""},
    )
    found = of(f"commonsense_qa:{path}")
    assert {e.input for e in found} == {asked}
    assert [e.reference for e in found] == ["E", "E", "E", None]
    assert found[2].instruction == "Choose."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "W?", "choices": {"label": ["A"], "text": ["a"]}, "answerKey": "F"}, "'F'"),
        ({"question": "W?", "choices": [1], "answerKey": "A"}, "choices with labels"),
        ({"choices": [], "answerKey": "A"}, "'question', but it is missing"),
        ({"input": "x", "output": "hive"}, "a letter"),
    ],
)
def test_a_bad_row_of_commonsense_qa_says_why(tmp_path: Path, row: object, reason: str) -> None:
    with pytest.raises(SitError, match=rf"x.jsonl:1: .*{reason}"):
        of(f"commonsense_qa:{lines(tmp_path, row)}")


def test_gsm8k_keeps_the_way_and_the_number(tmp_path: Path) -> None:
    path = lines(tmp_path, {"question": "2+2?", "answer": "so\n#### 4"}, name="g.jsonl")
    (found,) = of(path, gold=True)
    assert (found.input, found.reference, found.meta["solution"]) == ("2+2?", "4", "so\n#### 4")
    with pytest.raises(SitError, match=r"g.jsonl:1: Expected a number"):
        of(f"gsm8k:{lines(tmp_path, {'question': 'q', 'answer': 'four'}, name='g.jsonl')}")


SQUAD = {
    "data": [
        {
            "paragraphs": [
                {
                    "context": "Bees live here.",
                    "qas": [
                        {"id": "1", "question": "Who?", "answers": [{"text": "Bees"}]},
                        {
                            "id": "2",
                            "question": "Where?",
                            "answers": [{"text": "a"}, {"text": "b"}],
                        },
                    ],
                }
            ]
        }
    ]
}


def test_xquad_has_its_language_from_its_name_and_its_ids(tmp_path: Path) -> None:
    for language in ("es", "zh"):
        (tmp_path / f"xquad.{language}.json").write_text(json.dumps(SQUAD, indent=1))
    (tmp_path / "notes.txt").write_text("x")
    found = of(f"xquad:{tmp_path}")
    assert [(e.language, e.meta["id"]) for e in found] == [
        ("es", "1"),
        ("es", "2"),
        ("zh", "1"),
        ("zh", "2"),
    ]
    assert found[0].input == "Context: Bees live here.\nQuestion: Who?"
    assert found[1].meta["references"] == ["a", "b"]


def test_a_bad_place_in_xquad_is_named(tmp_path: Path) -> None:
    bad = json.loads(json.dumps(SQUAD))
    del bad["data"][0]["paragraphs"][0]["qas"][1]["answers"]
    bad["data"].append({"paragraphs": 3})
    path = tmp_path / "xquad.es.json"
    path.write_text(json.dumps(bad))
    with pytest.raises(SitError) as caught:
        of(f"xquad:{path}")
    assert "article 1, paragraph 1, question 2: Expected answers" in str(caught.value)
    assert "article 2: Expected text in 'context'" in str(caught.value)
    path.write_text('{"data": [\n{"paragraphs": ')
    with pytest.raises(SitError, match=r"xquad.es.json:2: broken JSON"):
        of(f"xquad:{path}")


def test_the_micro_lab_makes_questions_that_know_their_paraphrase() -> None:
    found = of("microlab:answer:40")
    assert found == of("microlab:answer:40")
    assert found != of("microlab:answer:40:1")
    assert len({e.input for e in found}) == 40
    for example in found:
        paraphrase = example.meta["texts"]["paraphrase"]
        assert paraphrase != example.input
        assert paraphrase.split("\n")[1] == example.input.split("\n")[1]
    spanish = of("microlab:spanish:5")
    assert all(e.language == "es" and "Question:" in e.meta["texts"]["translate"] for e in spanish)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("microlab:answr:10", "did you mean 'answer'"),
        ("microlab:answer:-1", "COUNT"),
        ("microlab:answer:9999999", "up to 1,000,000"),
        ("xquad:", "Name a file, a folder or a language"),
        ("nowhere.jsonl", "there is no such file"),
        ("gsm8k:nowhere.jsonl", "there is no such file"),
        ("xquad:nowhere.json", "can't be read"),
    ],
)
def test_what_is_not_there_is_one_sentence(source: str, reason: str) -> None:
    with pytest.raises(SitError, match=reason):
        of(source)


def test_a_mapping_where_the_columns_are_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave out the mapping"):
        of(f"gsm8k:{lines(tmp_path, {})}", changes={"input": "x"})


@pytest.mark.parametrize("source", ["alpaca", "messages", "commonsense_qa", "gsm8k", "xquad:es"])
def test_offline_a_hub_id_says_how_to_name_a_file(
    monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    module = types.ModuleType("datasets")

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no network")

    module.load_dataset = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    with pytest.raises(SitError, match=r"no network\).*name that: --source FILE"):
        of(source, option="--source")


def test_a_template_goes_around_every_data_set_alike(tmp_path: Path) -> None:
    path = lines(tmp_path, {"question": "2+2?", "answer": "#### 4"})
    (found,) = of(f"gsm8k:{path}", template=get_template("repeat-answer"))
    assert found.instruction == "First repeat the input, then answer the question."
    assert [(s.letter, s.expected) for s in found.steps] == [("R", "2+2?"), ("A", None)]


def test_problems_stay_in_their_places_and_the_limit_counts_examples(tmp_path: Path) -> None:
    path = lines(tmp_path, {"instruction": "a"}, {"input": "x"}, {"instruction": "b"})
    found = list(named_examples(path, ExampleReading(limit=2)))
    assert [type(item) for item in found] == [Example, Problem, Example]


def test_columns_that_are_to_be_kept_go_along(tmp_path: Path) -> None:
    path = lines(tmp_path, {"instruction": "a", "id": 5, "caption": "c"})
    assert of(path, keep=("id", "caption", "none"))[0].meta == {"id": 5, "caption": "c"}


def test_every_source_says_what_it_reads() -> None:
    assert all(EXAMPLE_SOURCES.get(name).what.endswith(".") for name in EXAMPLE_SOURCES)


def test_the_real_alpaca_file(real_data: Path) -> None:
    found = of(str(real_data / "alpaca_en_demo_1000.json"), gold=True)
    assert len(found) == 999
    assert sum(bool(e.input) for e in found) == 412
    assert all(e.reference for e in found)


def test_the_real_commonsense_qa(real_data: Path) -> None:
    path = real_data / "commonsense_qa" / "validation_repeat_prompts.json"
    found = of(f"commonsense_qa:{path}")
    assert len(found) == 1221
    assert sum(e.reference == "E" for e in found) == 235


@pytest.mark.slow
def test_the_real_xquad_in_eleven_languages(real_data: Path) -> None:
    found = of(f"xquad:{real_data / 'xquad'}")
    assert len(found) == 11 * 1190
    by_language = {
        code: {e.meta["id"] for e in found if e.language == code}
        for code in ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
    }
    assert all(ids == by_language["en"] for ids in by_language.values())
    assert len(by_language["en"]) == 1190
