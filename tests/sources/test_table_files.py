"""CSV and Parquet as spreadsheets and hostile people write them: read, counted, or one sentence."""

import io
import json
import time
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sit_core.sources import BadRow, Limits, Position, RawRow, SourceFile, read_rows
from sit_core.sources.own_export import FORMULA_STARTS, cell_of, text_in
from sit_core.sources.parquet import unpacked_bytes
from sit_core.sources.rows import MAX_COLUMNS
from tests.sources.files import ROW, bad, file, good, jsonl, parquet

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
TWO = [{"a": "1", "b": "x,y"}, {"a": "2", "b": "line\none"}]


def left_out(source: SourceFile) -> dict[str, int]:
    position = Position()
    list(read_rows(source, position=position))
    return position.left_out


# Spreadsheets.


def test_blank_rows_of_a_spreadsheet_are_none_and_are_counted() -> None:
    source = SourceFile.at(CASES / "10_blank_rows.csv")
    assert [row["input"] for row in good(source)] == ["a", "c"]
    assert bad(source) == []
    assert left_out(source) == {"blank rows": 2}


def test_a_row_with_one_value_is_no_blank_row() -> None:
    source = file("a,b\n , \n0,\n\t,x\n", "a.csv")
    assert good(source) == [{"a": "0", "b": ""}, {"a": "\t", "b": "x"}]
    assert left_out(source) == {"blank rows": 1}


def test_rows_of_nothing_in_parquet_are_blank_too() -> None:
    rows = [{"a": "x", "b": 1}, {"a": None, "b": None}, {"a": "", "b": 0}]
    source = file(parquet(rows), "a.parquet")
    assert [row["b"] for row in good(source)] == [1, 0]
    assert left_out(source) == {"blank rows": 1}


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_excels_line_that_names_the_separator_is_read(separator: str, quote: str) -> None:
    body = f'a{separator}b\n1{separator}"x,y"\n2{separator}"line\none"\n'
    source = file(f"{quote}sep={separator}{quote}\r\n{body}", "a.csv")
    assert good(source) == TWO
    assert [row.line for row in read_rows(source)] == [3, 4]
    assert left_out(source) == {"the line that names the separator (sep=)": 1}


@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_semicolons_are_read_although_texts_hold_commas(name: str) -> None:
    source = file('"a";b\n1;"x,y"\n2;"line\none"\n', name)
    assert good(source) == TWO
    assert good(file('"a, b, c, d";e\n1;2\n', "a.csv")) == [{"a, b, c, d": "1", "e": "2"}]


def test_line_ends_of_an_old_macintosh_are_read() -> None:
    text = 'a,b\r1,"x,y"\r2,"line\none"\r'
    assert good(file(text, "a.csv")) == TWO
    assert good(file('"a",b\r1,"x\ry"\r', "a.csv")) == [{"a": "1", "b": "x\ry"}]
    rows = jsonl(ROW, {**ROW, "input": "2?"}).replace("\n", "\r")
    assert good(file(rows)) == [ROW, {**ROW, "input": "2?"}]
    listed = json.dumps([ROW], indent=1).replace("\n", "\r")
    assert good(file(listed, "a.json")) == [ROW]


def test_a_return_within_a_text_makes_no_old_macintosh_of_a_file() -> None:
    assert good(file('"a\rc",b\n1,2\n', "a.csv")) == [{"a\rc": "1", "b": "2"}]
    assert good(file("a,b\r\n1,2\r\n", "a.csv")) == [{"a": "1", "b": "2"}]


@given(st.lists(st.text("\r\n,\"a'é", max_size=6), min_size=1, max_size=4), st.booleans())
def test_any_text_in_a_csv_cell_comes_back(texts: list[str], mac: bool) -> None:
    end = "\r" if mac else "\n"
    cells = [f'"{text.replace(chr(34), chr(34) * 2)}"' for text in texts]
    data = end.join(["id,a", *(f"{i},{cell}" for i, cell in enumerate(cells))])
    assert [row["a"] for row in good(file(data, "a.csv"))] == texts


def test_long_lines_of_an_old_macintosh_are_skipped_too() -> None:
    data = b"a,b\r1," + b"x" * 300_000 + b"\r2,y\r"
    found = list(read_rows(file(data, "a.csv"), limits=Limits(field_bytes=10_000)))
    assert [type(row) for row in found] == [BadRow, RawRow]
    assert isinstance(found[1], RawRow)
    assert found[1].fields == {"a": "2", "b": "y"}


def test_values_in_a_column_without_a_name_are_counted() -> None:
    source = file("a,,b\n1,lost,2\n3,,4\n", "a.csv")
    assert good(source) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert left_out(source) == {"values in a column without a name": 1}


def test_an_indented_object_is_one_sentence() -> None:
    source = SourceFile.at(CASES / "12_pretty_object.json")
    for named in (source, SourceFile("a.jsonl", source.open)):
        ((_, reason),) = bad(named)
        assert "JSON object" in reason
        assert "'data'" in reason


# Cells.


@given(st.text(max_size=8) | st.text(f"'{FORMULA_STARTS}a", max_size=6), st.booleans())
@example("'tis", False)
@example("'", True)
@example("''=x", False)
@example("", True)
def test_a_cell_is_no_formula_and_its_text_can_be_had_back(text: str, may_be_missing: bool) -> None:
    cell = cell_of(text, may_be_missing)
    assert not cell.startswith(tuple(FORMULA_STARTS))
    assert text_in(cell) == text
    assert cell or not may_be_missing


# Bounds.


def packed(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def repeated(text: str, n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), pa.array([text]))


def nested(text: str, rows: int, each: int) -> pa.Array:
    offsets = pa.array(range(0, rows * each + 1, each), pa.int32())
    return pa.ListArray.from_arrays(offsets, repeated(text, rows * each))


@pytest.mark.parametrize(
    "column",
    [
        lambda: repeated("x" * 1_000_000, 10_000),
        lambda: nested("x" * 1_000_000, 1000, 10),
        lambda: pa.StructArray.from_arrays([repeated("x" * 1_000_000, 10_000)], ["q"]),
        lambda: pa.nulls(100_000_000),
    ],
)
def test_a_small_file_that_unpacks_to_gigabytes_is_one_sentence(column) -> None:
    data = packed(pa.table({"output": column()}))
    assert len(data) < 300_000
    tracemalloc.start()
    rows, last = 0, None
    for last in read_rows(file(data, "a.parquet")):  # noqa: B007 - the last one
        rows += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(last, BadRow)
    assert "would unpack to more than 2" in last.reason
    assert rows < 300
    assert peak < 100 << 20


def test_a_row_that_unpacks_to_too_much_is_refused_and_the_others_read() -> None:
    offsets = pa.array([0, 1, 10_001, 10_002], pa.int32())
    column = pa.ListArray.from_arrays(offsets, repeated("x" * 20_000, 10_002))
    found = list(read_rows(file(packed(pa.table({"a": column})), "a.parquet")))
    assert [type(row) for row in found] == [RawRow, BadRow, RawRow]
    assert (found[1].line, found[2].line) == (2, 3)


def test_what_is_repeated_within_bounds_is_read() -> None:
    table = pa.table({"a": repeated("x" * 100_000, 500), "b": nested("y" * 1000, 500, 3)})
    found = good(file(packed(table), "a.parquet"))
    assert len(found) == 500
    assert {len(row["a"]) for row in found} == {100_000}
    assert found[-1]["b"] == ["y" * 1000] * 3


def test_bytes_are_counted_as_they_would_be_unpacked() -> None:
    plain = pa.RecordBatch.from_pydict({"a": ["é" * 50] * 10})
    kept = pa.RecordBatch.from_pydict({"a": repeated("é" * 50, 10)})
    assert unpacked_bytes(kept) == 10 * (100 + 8)
    assert 10 * 100 <= unpacked_bytes(plain) <= 10 * 120
    maps = pa.array([[("k", "v")], None], pa.map_(pa.string(), pa.string()))
    assert unpacked_bytes(pa.RecordBatch.from_pydict({"m": maps})) > 0


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "parquet"])
def test_thousands_of_columns_are_one_sentence(form: str) -> None:
    names = [f"c{i}" for i in range(20_000)]
    row = dict.fromkeys(names, "1")
    data: str | bytes = {
        "csv": lambda: ",".join(names) + "\n" + ",".join("1" * len(names)) + "\n",
        "jsonl": lambda: json.dumps(row) + "\n",
        "json": lambda: json.dumps([row]),
        "parquet": lambda: parquet([row]),
    }[form]()
    begun = time.perf_counter()
    ((_, reason),) = bad(file(data, f"a.{form}"))
    assert "20,000 columns" in reason
    assert f"{MAX_COLUMNS:,}" in reason
    assert time.perf_counter() - begun < 30  # far above a linear look, far below a square one


def test_columns_that_differ_from_row_to_row_are_bounded_too() -> None:
    from sit_core.sources import plan_for, read_predictions

    rows = [{**ROW, f"c{i}": i} for i in range(MAX_COLUMNS + 5)]
    found = list(read_predictions(plan_for(file(jsonl(*rows)))))
    refused = [item for item in found if isinstance(item, BadRow)]
    assert len(refused) == 8  # three columns are the rows' own
    assert "columns" in refused[0].reason
