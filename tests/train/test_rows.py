"""Sources → rows: the output is what is learned, and what is left out is counted."""

import json
from pathlib import Path

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.sources.named import ExampleReading, named_examples
from sit_core.sources.problem import Problem
from sit_core.train.context import NO_HISTORY, NO_SYSTEM, NO_TOOLS, ContextSupport
from sit_core.train.data import sample, split
from sit_core.train.rows import NO_OUTPUT, file_sha256, read_training_rows, seen_whole
from tests.train.conftest import copies, rows_file


def test_alpaca_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            [
                {"instruction": "First repeat, then answer.", "input": "x", "output": "x\ny: z"},
                {"instruction": "Hi", "input": "", "output": "Hello."},
                {"instruction": "Say nothing", "input": "", "output": ""},
            ]
        ),
        encoding="utf-8",
    )
    file = read_training_rows(str(path))
    assert [(r.example.instruction, r.example.input, r.output) for r in file.rows] == [
        ("First repeat, then answer.", "x", "x\ny: z"),
        ("Hi", "", "Hello."),
    ]
    assert file.left_out == {NO_OUTPUT: 1}
    assert (file.name, file.sha256) == ("a.json", file_sha256(path))
    assert len(read_training_rows(str(path), limit=1).rows) == 1


def test_chat_rows_of_one_turn(tmp_path: Path) -> None:
    user, reply = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}
    system = {"role": "system", "content": "Be short."}
    path = rows_file(
        tmp_path / "chat.jsonl", [{"messages": [user, reply]}, {"messages": [system, user, reply]}]
    )
    file = read_training_rows(str(path))
    assert [(r.example.instruction, r.output) for r in file.rows] == [("Hi", "Hello.")] * 2
    assert [r.context.system for r in file.rows] == ["", "Be short."]
    assert len(seen_whole(file, ContextSupport(system=True)).rows) == 2
    without = seen_whole(file, ContextSupport())
    assert len(without.rows) == 1
    assert without.left_out == {NO_SYSTEM: 1}


def test_columns_of_what_comes_before_the_question_can_be_named(tmp_path: Path) -> None:
    turns = [["Who?", "I."]]
    rows = [
        {"instruction": "Hi", "output": "a", "persona": "Be short.", "before": turns},
        {"instruction": "Hi", "output": "b", "persona": None, "before": json.dumps(turns)},
        {"instruction": "Hi", "output": "c", "system_prompt": "not this"},
    ]
    path = str(rows_file(tmp_path / "x.jsonl", rows))
    file = read_training_rows(path, {"system": "persona", "history": "before"})
    assert [(r.output, r.context.system, r.context.history) for r in file.rows] == [
        ("a", "Be short.", (("Who?", "I."),)),
        ("b", "", (("Who?", "I."),)),
        ("c", "", ()),
    ]
    assert [r.context.system for r in read_training_rows(path).rows] == ["", "", "not this"]
    with pytest.raises(
        UsageError, match=r"no row that was read has the column 'persno' \(for the system\)"
    ):
        read_training_rows(path, {"system": "persno"})
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    messages = rows_file(tmp_path / "chat.jsonl", [{"messages": chat, "persona": "x"}])
    with pytest.raises(UsageError, match="those of this source are known"):
        read_training_rows(str(messages), {"system": "persona"})
    with pytest.raises(UsageError, match="did you mean 'system'"):
        read_training_rows(path, {"sytsem": "persona"})


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "x.jsonl", [{"frage": "Hi", "antwort": "Hello.", "output": "no"}])
    columns = {"instruction": "frage", "output": "antwort"}
    file = read_training_rows(str(path), columns)
    assert (file.rows[0].example.instruction, file.rows[0].output) == ("Hi", "Hello.")
    with pytest.raises(UsageError, match="did you mean 'output'"):
        read_training_rows(str(path), {"outptu": "antwort"})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [{"instruction": "a", "output": "b"}, {"instruction": ["a"], "output": "b"}],
            "x.jsonl.*2",
        ),
        ([{"text": "a", "output": "b"}], "no column was recognised as the instruction"),
        ([{"instruction": "a", "output": ""}], "found none; 1 left out because the output is"),
        ([{"instruction": "a\u0000", "output": "b"}], "NUL"),
    ],
)
def test_rows_that_can_not_be_used_are_named(
    tmp_path: Path, rows: list[dict[str, object]], said: str
) -> None:
    with pytest.raises(SitError, match=said):
        read_training_rows(str(rows_file(tmp_path / "x.jsonl", rows)))


def test_blank_rows_of_a_table_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("instruction,output\nHi,Hello.\n,\n")
    assert read_training_rows(str(path)).left_out == {"they are blank rows of a table": 1}


def test_no_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SitError, match="no such file"):
        read_training_rows(str(tmp_path / "gone.jsonl"))


def test_held_out_questions_are_never_trained_on(tmp_path: Path) -> None:
    """A question that is there three times, with three outputs, is wholly on one side."""
    rows = copies(60)
    rows += [{**row, "output": row["output"] + "!"} for row in rows[:30]] + rows[:10]
    found = read_training_rows(str(rows_file(tmp_path / "x.jsonl", rows))).rows
    for seed in range(5):
        train, held = split(found, 0.2, 1000, seed)
        assert len(train) + len(held) == len(found)
        assert {r.id for r in held}.isdisjoint(r.id for r in train)
        assert len({r.id for r in held}) == 12


def test_another_seed_holds_out_others(tmp_path: Path) -> None:
    found = read_training_rows(str(rows_file(tmp_path / "x.jsonl", copies(50)))).rows
    first, again, other = (split(found, 0.2, 1000, seed)[1] for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(split(found, 0.5, 3, 0)[1]) == 3
    assert len(split(found, 0.001, 3, 0)[1]) == 1
    with pytest.raises(SitError, match="at least two different rows"):
        split(found[:1] * 4, 0.5, 3, 0)


def test_a_sample_keeps_the_order(tmp_path: Path) -> None:
    found = read_training_rows(str(rows_file(tmp_path / "x.jsonl", copies(50)))).rows
    drawn = sample(found, 10, 4)
    assert drawn == sample(found, 10, 4)
    assert len(drawn) == 10
    assert [found.index(row) for row in drawn] == sorted(found.index(row) for row in drawn)
    assert sample(found, 100, 4) == found


TURNS = [("user", "q1"), ("assistant", "a1"), ("user", "q2"), ("assistant", "a2")]


def as_messages(role: str, text: str, turns: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{role: who, text: said} for who, said in turns]


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "q2", "output": "a2", "system": "s", "history": [["q1", "a1"]]},
        {"instruction": "q2", "output": "a2", "system_prompt": "s", "history": '[["q1", "a1"]]'},
        {"prompt": "q2", "completion": "a2", "system": "s", "history": [["q1", "a1"]]},
        {"messages": as_messages("role", "content", [("system", "s"), *TURNS])},
        {"messages": as_messages("role", "content", [("developer", "s"), *TURNS])},
        {"conversations": as_messages("from", "value", TURNS), "system": "s"},
        {"conversations": as_messages("from", "value", [("system", "s"), *TURNS])},
    ],
)
def test_system_and_history_of_every_format_are_read_and_never_dropped(
    tmp_path: Path, row: dict[str, object]
) -> None:
    file = read_training_rows(str(rows_file(tmp_path / "x.jsonl", [row])))
    (found,) = file.rows
    assert (found.example.instruction, found.output) == ("q2", "a2")
    assert (found.context.system, found.context.history) == ("s", (("q1", "a1"),))
    assert seen_whole(file, ContextSupport(system=True, history=True)).rows == [found]
    with pytest.raises(SitError, match="1 left out because there are earlier turns"):
        seen_whole(file, ContextSupport(system=True))


def test_each_reason_is_counted_and_none_left_is_an_error(tmp_path: Path) -> None:
    plain = {"instruction": "q", "output": "a", "system": "", "history": [], "tools": "[]"}
    rows = [
        plain,
        plain | {"system": "s"},
        plain | {"history": [["q", "a"]]},
        plain | {"tools": [{"name": "search"}]},
        plain | {"system": None, "history": None},
    ]
    file = read_training_rows(str(rows_file(tmp_path / "x.jsonl", rows)))
    seen = seen_whole(file, ContextSupport())
    assert len(seen.rows) == 2
    assert seen.left_out == {NO_SYSTEM: 1, NO_HISTORY: 1, NO_TOOLS: 1}


def test_a_history_of_another_shape_is_a_problem_of_its_row(tmp_path: Path) -> None:
    rows = [{"instruction": "q", "output": "a", "history": [["only a question"]]}]
    with pytest.raises(SitError, match="pairs of question and answer"):
        read_training_rows(str(rows_file(tmp_path / "x.jsonl", rows)))


def test_a_conversation_is_no_example_for_who_did_not_ask_for_its_history(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "x.jsonl", [{"messages": as_messages("role", "content", TURNS)}])
    (found,) = named_examples(f"messages:{path}", ExampleReading(gold=True))
    assert isinstance(found, Problem)
