"""Every format gives the same rows; every bad file is named with its line and its reason."""

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.sources import Limits, SourceFile, check_format, read_rows
from tests.sources.files import ROW, bad, file, good, jsonl, parquet, rows_of

ROWS = [{"instruction": "i", "output": f"{i}\nçß漢字🙂"} for i in range(3)]


def as_csv(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", jsonl(*ROWS)),
        ("a.jsonl", "\n" + jsonl(*ROWS).replace("\n", "\r\n\n")),
        ("a.json", json.dumps(ROWS)),
        ("a.json", json.dumps(ROWS, indent=2, ensure_ascii=False)),
        ("a.csv", as_csv(ROWS)),
        ("a.csv", as_csv(ROWS, ";")),
        ("a.tsv", as_csv(ROWS, "\t")),
        ("a.parquet", parquet(ROWS)),
        ("without_ending", jsonl(*ROWS)),
        ("without_ending", json.dumps(ROWS)),
        ("without_ending", as_csv(ROWS)),
        ("misnamed.json", jsonl(*ROWS)),
        ("misnamed.jsonl", json.dumps(ROWS)),
    ],
)
def test_all_formats_give_the_same_rows(name: str, data: str | bytes) -> None:
    assert good(file(data, name)) == ROWS
    assert bad(file(data, name)) == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_a_utf8_byte_order_mark_is_fine(name: str) -> None:
    data = {"a.jsonl": jsonl(*ROWS), "a.json": json.dumps(ROWS), "a.csv": as_csv(ROWS)}[name]
    assert good(file(b"\xef\xbb\xbf" + data.encode(), name)) == ROWS


def test_rows_know_the_line_they_begin_on() -> None:
    assert [r.line for r in rows_of(file("\n" + jsonl(*ROWS)))] == [2, 3, 4]
    assert [r.line for r in rows_of(file(as_csv(ROWS), "a.csv"))] == [2, 4, 6]
    assert [r.line for r in rows_of(file(json.dumps(ROWS, indent=1), "a.json"))] == [2, 6, 10]


def test_broken_json_on_line_812_is_named_and_the_other_rows_are_read() -> None:
    lines = jsonl(*[ROW] * 1000).split("\n")
    lines[811] = '{"instruction": "i", "output": '
    source = file("\n".join(lines))
    assert len(good(source)) == 999
    ((line, reason),) = bad(source)
    assert line == 812
    assert reason == "broken JSON at column 31: Expecting value"


@pytest.mark.parametrize("text", ["[1]", '"text"', "3", "null", "{}{}", "{'a': 1}", "[" * 100_000])
def test_a_line_that_is_no_object_is_a_problem_of_that_line(text: str) -> None:
    source = file('{"a": 1}\n' + text + '\n{"a": 2}\n')
    assert [line for line, _ in bad(source)] == [2]
    assert len(good(source)) == 2


def test_a_number_with_too_many_digits_is_a_problem_not_a_crash() -> None:
    assert "digits" in bad(file('{"a": ' + "9" * 10_000 + "}"))[0][1]
    assert "digits" in bad(file('[{"a": ' + "9" * 10_000 + "}]", "a.json"))[0][1]


@pytest.mark.parametrize("cut", range(1, len(json.dumps(ROWS[:2], ensure_ascii=False).encode())))
def test_a_list_cut_off_anywhere_is_told_and_its_whole_rows_are_read(cut: int) -> None:
    text = json.dumps(ROWS[:2], ensure_ascii=False)
    source = file(text.encode()[:cut], "a.json")
    first_ends = len(json.dumps(ROWS[:1], ensure_ascii=False).encode()) - 1
    assert good(source) == ROWS[: (cut >= first_ends) + (cut >= len(text.encode()) - 1)]
    ((line, reason),) = bad(source)
    assert line == 1
    assert "cut off" in reason


def test_a_list_cut_off_names_the_row_and_the_line() -> None:
    text = json.dumps(ROWS, indent=1)
    ((line, reason),) = bad(file(text[: text.rindex("2")], "a.json"))
    assert (line, reason.split(":")[0]) == (10, "row 3")


@pytest.mark.parametrize(
    "text", ['[{"a": 1} {"a": 2}]', '[{"a": 1}, {"a" 2}, {"a": 3}]', '[{"a": 1}, x]', '[{"a": 1},]']
)
def test_a_broken_list_is_read_up_to_the_fault(text: str) -> None:
    source = file(text + " " * 50, "a.json")
    assert good(source)[0] == {"a": 1}
    assert len(bad(source)) == 1
    assert "broken JSON" in bad(source)[0][1]


def test_what_stands_after_the_list_is_a_problem() -> None:
    assert "more text after" in bad(file('[{"a": 1}] [{"a": 2}]', "a.json"))[0][1]


def test_an_item_that_is_no_object_is_a_problem_of_that_row() -> None:
    source = file('[{"a": 1}, 12, "x", {"a": 2}]', "a.json")
    assert len(good(source)) == 2
    assert [r.split(":")[0] for _, r in bad(source)] == ["row 2", "row 3"]


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=300)), max_size=30),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_any_list_is_read_as_json_reads_it(
    rows: list, indent: int | None, ascii_only: bool
) -> None:
    import sit_core.sources.json_list as reader

    text = json.dumps(rows, indent=indent, ensure_ascii=ascii_only)
    data = text.encode("utf-8", "surrogatepass")
    before, reader.BLOCK = reader.BLOCK, 7  # many borders between blocks
    try:
        found = good(file(data, "a.json"))
    finally:
        reader.BLOCK = before
    assert found == rows or any("\ud800" <= c <= "\udfff" for c in text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_wide_encodings_are_told(encoding: str, name: str) -> None:
    ((_, reason),) = bad(file(jsonl(ROW).encode(encoding), name))
    assert "UTF-8" in reason


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_latin_1_is_told_with_its_line(name: str) -> None:
    rows = [{"instruction": "i", "output": "plain"}, {"instruction": "i", "output": "café"}]
    texts = {
        "a.jsonl": "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows),
        "a.json": json.dumps(rows, ensure_ascii=False, indent=None),
        "a.csv": as_csv(rows),
    }
    ((line, reason),) = bad(file(texts[name].encode("latin-1"), name))
    assert "0xE9" in reason
    assert "Latin-1" in reason
    assert line == {"a.jsonl": 2, "a.json": 1, "a.csv": 3}[name]


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a"])
def test_an_empty_file_is_told(data: bytes, name: str) -> None:
    assert "empty" in bad(file(data, name))[0][1]


@pytest.mark.parametrize("data", ["[]", "a,b\n"])
def test_a_file_without_rows_is_told(data: str) -> None:
    assert bad(file(data) if data == "[]" else file(data, "a.csv")) == [
        (None, "there are no rows in the file")
    ]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "none of"),
        (b"\x1f\x8b" + b"x" * 50, "gzip"),
        (b"PK\x03\x04" + b"x" * 50, "ZIP"),
        (b"%PDF-1.7\nsome text\n", "none of"),
        (b"PAR1" + b"x" * 50, "Parquet"),
    ],
)
@pytest.mark.parametrize("name", ["a", "a.png", "a.xlsx"])
def test_a_file_of_another_kind_is_told(data: bytes, word: str, name: str) -> None:
    ((line, reason),) = bad(file(data, name))
    assert line is None
    assert word in reason


def test_a_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    assert "folder" in bad(SourceFile.at(tmp_path))[0][1]
    assert "no such file" in bad(SourceFile.at(tmp_path / "none.jsonl"))[0][1]


def test_a_csv_row_of_another_width_is_a_problem_of_its_line() -> None:
    source = file('a,b\n1,2\n1\n"x\ny",2\n1,2,3\n', "a.csv")
    assert [line for line, _ in bad(source)] == [3, 6]
    assert len(good(source)) == 2


def test_an_unclosed_quote_is_told() -> None:
    source = file('a,b\n1,2\n1,"open\n1,2\n', "a.csv")
    ((line, reason),) = bad(source)
    assert (line, "broken CSV" in reason) == (3, True)


def test_two_columns_of_one_name_are_told() -> None:
    assert "two columns" in bad(file("a,a\n1,2\n", "a.csv"))[0][1]


def test_parquet_values_that_json_lacks_become_text() -> None:
    import datetime

    rows = [{"output": "x", "day": datetime.date(2026, 1, 2), "score": float("nan")}]
    assert good(file(parquet(rows), "a.parquet")) == [
        {"output": "x", "day": "2026-01-02", "score": None}
    ]


def test_a_line_of_many_megabytes_is_skipped_without_being_held() -> None:
    class Endless(io.RawIOBase):
        """One line of 200 MB that exists nowhere, then a good row."""

        def __init__(self) -> None:
            self.left, self.tail = 200 << 20, jsonl(ROW).encode()

        def seekable(self) -> bool:
            return True

        def seek(self, where: int, whence: int = 0) -> int:
            self.left, self.tail = 200 << 20, b"\n" + jsonl(ROW).encode()
            return self.left if whence == 2 else 0

        def readable(self) -> bool:
            return True

        def readinto(self, into: memoryview) -> int:  # type: ignore[override]
            n = min(len(into), self.left)
            if n:
                into[:n] = b"{" * n
            else:
                n = min(len(into), len(self.tail))
                into[:n], self.tail = self.tail[:n], self.tail[n:]
                return n
            self.left -= n
            return n

    source = SourceFile("a.jsonl", lambda: io.BufferedReader(Endless()))  # type: ignore[arg-type]
    tracemalloc.start()
    found = rows_of(source, limits=Limits(field_bytes=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [r.line for r in found] == [1, 2]
    assert "longer than 8 MB" in found[0].reason
    assert peak < 40 << 20


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_memory_does_not_grow_with_the_file(kind: str, tmp_path: Path) -> None:
    def peak(n: int) -> int:
        rows = [{"instruction": f"i{i}", "output": "x" * 500} for i in range(n)]
        data = {"jsonl": jsonl(*rows), "json": json.dumps(rows), "csv": as_csv(rows)}[kind]
        path = tmp_path / f"{n}.{kind}"
        path.write_text(data)
        del rows, data
        tracemalloc.start()
        assert sum(1 for _ in read_rows(SourceFile.at(path))) == n
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(8000) < peak(1000) * 1.5 + 100_000


def test_an_unknown_format_is_a_wrong_usage() -> None:
    with pytest.raises(UsageError, match="did you mean 'jsonl'"):
        check_format("json-l")


def test_a_format_that_was_chosen_is_taken() -> None:
    assert good(file("output\nx\n", "one_column"), format_name="csv") == [{"output": "x"}]
    assert "broken JSON" in bad(file("output\nx\n", "a.csv"), format_name="jsonl")[0][1]
