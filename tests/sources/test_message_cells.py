"""Chats in a column of a CSV file are chats; other texts, and what can't be read, stay texts."""

import csv
import doctest
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.records import Example
from sit_core.sources import ExampleReading, FileSummary, named_examples
from sit_core.sources import csv_table as message_cells
from sit_core.sources.csv_table import messages_in
from sit_core.sources.formats import read_rows
from sit_core.sources.rows import RawRow, SourceFile
from sit_core.sources.unpacking import open_outputs


def table(rows: list[dict[str, str]]) -> SourceFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return SourceFile("a.csv", lambda: io.BytesIO(text.getvalue().encode()))


def chat(*said: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for role, text in said]


ONE = chat(("system", "Be brief."), ("user", "Repeat 'it', then answer."), ("assistant", "it\n4"))


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(message_cells).failed == 0


@pytest.mark.parametrize("written", [json.dumps, str])
def test_a_column_of_chats_is_read_as_from_json_lines(written: Any) -> None:
    form, items = open_outputs(table([{"id": "7", "messages": written(ONE)}]))
    assert form is not None
    assert form.name == "messages"
    (row,) = items
    plain = SourceFile(
        "a.jsonl", lambda: io.BytesIO(json.dumps({"id": "7", "messages": ONE}).encode())
    )
    (wanted,) = open_outputs(plain)[1]
    assert isinstance(row, RawRow)
    assert isinstance(wanted, RawRow)
    assert {**row.fields} == {**wanted.fields}
    assert "it\n4" in row.fields.values()


def test_examples_to_train_on_come_from_such_a_column(tmp_path: Path) -> None:
    path = tmp_path / "chats.csv"
    with table([{"conversations": json.dumps(ONE)}]).open() as content:
        path.write_bytes(content.read())
    (found,) = named_examples(str(path), ExampleReading(gold=True))
    assert isinstance(found, Example)
    assert found.instruction == "Repeat 'it', then answer."
    assert (found.reference, found.meta) == ("it\n4", {"system": "Be brief."})


def test_in_other_columns_the_same_text_is_a_text() -> None:
    rows = [{"instruction": "Do.", "output": json.dumps(ONE)}]
    (row,) = read_rows(table(rows))
    assert isinstance(row, RawRow)
    assert row.fields == rows[0]


def test_what_looks_like_messages_and_can_not_be_read_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [{"instruction": "Do.", "messages": "[{'role': 'user' 'content'}\n {"}]
    with table(rows).open() as content:
        path.write_bytes(content.read())
    summary = FileSummary()
    list(named_examples(f"file:{path}", ExampleReading(summary=summary)))
    assert "cells that look like messages, but can't be read as JSON (messages): 1" in (
        summary.remarks()
    )


@given(st.text(st.characters(codec="utf-8")), st.sampled_from([json.dumps, str]))
def test_any_text_of_a_message_comes_back_exactly(text: str, written: Any) -> None:
    assert messages_in(written(chat(("user", text)))) == chat(("user", text))


@given(st.text("[]{}'\"\\ a,:1"))
def test_any_cell_is_messages_or_none(cell: str) -> None:
    assert messages_in(cell) is None or json.dumps(messages_in(cell))


def test_deep_and_long_cells_are_texts() -> None:
    for cell in ("[" * 100_000, "[{" * 100_000, "[{'a':" * 50_000, "[-" + "-" * 500_000):
        assert messages_in(cell) is None
