"""Files of examples are read value by value too, and our exports as the examples that they hold."""

import json
from pathlib import Path

from sit_core.records import Example
from sit_core.sources import ExampleReading, FileSummary, Problem, named_examples
from sit_core.store import Store
from tests.sources.files import jsonl
from tests.test_export_round_trip import exported, put


def examples(path: Path, **how: object) -> list[Example]:
    found = list(named_examples(f"file:{path}", ExampleReading(**how)))  # type: ignore[arg-type]
    assert not [item for item in found if isinstance(item, Problem)]
    return [item for item in found if isinstance(item, Example)]


def test_numbers_and_late_columns_of_examples_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"instruction": "i", "input": n} for n in range(100)]
    path.write_text(jsonl(*rows, {"instruction": "i", "input": "x", "target": 3.0}))
    summary = FileSummary()
    found = examples(path, summary=summary)
    assert [e.input for e in found] == [*map(str, range(100)), "x"]
    assert found[-1].reference == "3"
    assert summary.remarks() == [
        "input: a number as text, 100 times (0)",
        "reference: a whole number without its .0, 1 time (3.0 → 3)",
    ]
    assert summary.used == {"instruction": "instruction", "input": "input", "reference": "target"}


def test_blank_rows_of_examples_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("instruction,input\ni,1\n,\n")
    summary = FileSummary()
    assert len(examples(path, summary=summary)) == 1
    assert summary.remarks() == ["blank rows: 1"]


def test_a_column_that_is_kept_may_come_late(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"instruction": "i", "output": "o"} for _ in range(60)]
    path.write_text(jsonl(*rows, {"instruction": "i", "output": "o", "system": "Be brief."}))
    found = examples(path, gold=True, keep=("system",))
    assert [e.meta for e in found] == [{}] * 60 + [{"system": "Be brief."}]


def test_an_export_of_ours_holds_the_examples_of_its_run(
    tmp_path: Path, sqlite_store: Store
) -> None:
    rows = [
        {"instruction": "First repeat the input, then answer.", "input": "=1+1", "output": "=2"},
        {"instruction": "Do.", "input": "'x", "output": "-3", "target": "'=x", "expected": ""},
    ]
    put(sqlite_store, "m.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())
    path = tmp_path / "a.csv"
    path.write_bytes(exported(sqlite_store, "csv"))
    found = examples(path)
    assert [(e.instruction, e.input, e.reference) for e in found] == [
        (rows[0]["instruction"], "=1+1", None),
        ("Do.", "'x", "'=x"),
    ]
    assert [s.expected for s in found[0].steps] == ["=1+1", None]
    trained = examples(path, gold=True)
    assert [e.reference for e in trained] == ["=2", "'=x"]


def test_an_output_that_is_learned_stays_the_text_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    listed = {"instruction": "How many are red?", "input": "A. blood\nB. grass\nC. sky"}
    path.write_text(jsonl({**listed, "output": "1"}, {**listed, "output": 2.0}))
    assert [e.reference for e in examples(path, gold=True)] == ["1", "2.0"]


def test_of_the_first_rows_only_what_was_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(jsonl(*({"instruction": "i", "x": n} for n in range(9))))
    summary = FileSummary()
    changes = {"input": "x", "language": "late"}
    assert len(examples(path, summary=summary, limit=2, changes=changes)) == 2
    assert summary.sentences() == [
        "columns: instruction, input ← x",
        "input: a number as text, 2 times (0)",
    ]
    whole = FileSummary()
    examples(path, summary=whole, changes=changes)
    assert "no row has the column 'late' (for the language): 1" in whole.remarks()


def test_a_data_set_of_known_columns_tells_which_it_used(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    path.write_text(jsonl({"question": "1 and 1?", "answer": "2\n#### 2", "level": 3}))
    summary = FileSummary()
    assert len(list(named_examples(f"gsm8k:{path}", ExampleReading(summary=summary)))) == 1
    assert summary.sentences() == ["columns: question, answer", "not used: level"]
