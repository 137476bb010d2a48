"""Exported predictions are imported again as the same examples, outputs, steps and meta."""

import io
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.export import export_bytes
from sit_core.export.formats import FORMATS
from sit_core.results.table_query import TableQuery
from sit_core.settings import Settings
from sit_core.sources import SourceFile, plan_for
from sit_core.sources.own_export import COLUMNS, EDITED, EXACT, UNCHECKED
from sit_core.store import Store, open_store
from sit_core.store.export import predictions_of
from sit_core.store.importing import ImportReport, import_predictions
from sit_core.store.runs import list_runs
from sit_core.store.sample_selection import whole_runs

FORMS = ("jsonl", "csv", "parquet")
HOSTILE = [
    "=1+2",
    "'=1+2",
    "''=1+2",
    "'",
    "''",
    "'tis",
    "-5",
    "+5",
    "@a",
    "\t=x",
    "\r",
    "\n",
    "a\r\nb",
    "a\rb",
    "a\nb",
    " lead and trail ",
    "\u2028\u2029\x85\x0b\x1c",
    "\ufeffx",
    "\uff1dx",
    "e\u0301",
    "null",
    "NaN",
    "007",
    "3.0",
    '"',
    '","',
    "a;b,c\td",
    "שלום 漢字 🙂",
    "",
    "sep=;",
]
texts = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
rows = st.fixed_dictionaries(
    {
        "instruction": st.sampled_from(["First repeat the input, then answer.", "=Do it."]) | texts,
        "input": texts,
        "output": texts,
    },
    optional={
        "target": texts | st.none() | st.lists(texts, min_size=1, max_size=3),
        "language": st.sampled_from(["es", "=x", "'", ""]),
        "image": texts,
        "expected": texts,
        "iteration": json_values,
        "meta of it": json_values,
        "score": json_values,
    },
)


@cache
def _empty() -> bytes:
    """A migrated database without rows: migrating takes longer than all else here."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(home=Path(folder), database_url=f"sqlite:///{folder}/sit.db"))
        with store.write() as connection:
            connection.exec_driver_sql("select 1")
        store.close()
        return (Path(folder) / "sit.db").read_bytes()


def fresh(folder: Path) -> Store:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sit.db").write_bytes(_empty())
    return open_store(Settings(home=folder, database_url=f"sqlite:///{folder}/sit.db"))


def held(store: Store) -> list[Mapping[str, Any]]:
    """All that the store has of all runs' outputs."""
    names = [run.name for run in list_runs(store)]
    return sorted(
        (dict(row) for row in predictions_of(store, whole_runs(store, names))),
        key=lambda row: row["prediction_id"],
    )


def put(store: Store, name: str, data: bytes) -> ImportReport:
    source = SourceFile(name, lambda: io.BytesIO(data))
    return import_predictions(store, [plan_for(source)], keep_good=True)


def exported(store: Store, form: str, bom: bool = False) -> bytes:
    names = tuple(run.name for run in list_runs(store))
    return export_bytes(store, "predictions", TableQuery(None, names), form, bom)


@pytest.mark.slow
@given(st.lists(rows, min_size=1, max_size=6), st.booleans())
@settings(deadline=None, max_examples=25)
def test_what_is_exported_is_imported_the_same(found: list[dict[str, Any]], bom: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        _round_trip(Path(name), found, bom)


def _round_trip(folder: Path, found: list[dict[str, Any]], bom: bool) -> None:
    first = fresh(folder / "first")
    lines = "".join(json.dumps(row) + "\n" for row in found)
    put(first, "=run, 'x'.jsonl", lines.encode())
    before = held(first)
    for form in FORMS if before else ():
        second = fresh(folder / form)
        packed = exported(first, form, bom=form == "csv" and bom)
        report = put(second, f"of another name.es.{form}", packed)
        assert report.problems == ()
        assert held(second) == before
        assert report.files[0].notes == {EXACT: len(before)}
        second.close()
    first.close()


@pytest.mark.parametrize("form", FORMS)
def test_the_case_of_public_reports_comes_back_byte_for_byte(
    form: str, tmp_path: Path, sqlite_store: Store
) -> None:
    case = Path(__file__).parent / "fixtures" / "cases" / "09_roundtrip.jsonl"
    put(sqlite_store, case.name, case.read_bytes())
    asked = [json.loads(line) for line in case.read_text(encoding="utf-8").split("\n") if line]
    other = fresh(tmp_path / "other")
    put(other, f"x.{form}", exported(sqlite_store, form))
    assert held(other) == held(sqlite_store)
    for name, column in [("input", "input"), ("output", "output"), ("target", "reference")]:
        assert sorted(row[column] for row in held(other)) == sorted(row[name] for row in asked)
    other.close()


@pytest.mark.parametrize("form", FORMS)
def test_a_second_gold_and_a_second_output_keep_their_numbers(
    form: str, tmp_path: Path, sqlite_store: Store
) -> None:
    row = {"instruction": "Do.", "input": "x", "output": "1", "target": "a"}
    made = [row, {**row, "target": "b"}, {**row, "output": "2"}, {**row, "target": None}]
    put(sqlite_store, "m.jsonl", "".join(json.dumps(r) + "\n" for r in made).encode())
    before = held(sqlite_store)
    data = exported(sqlite_store, "jsonl").decode().splitlines()
    if form == "jsonl":  # in another order, and not all of them
        kept = [data[2], data[1]]
        other = fresh(tmp_path / "some")
        put(other, "m.jsonl", ("\n".join(kept) + "\n").encode())
        ids = {json.loads(line)["prediction_id"] for line in kept}
        assert {r["prediction_id"] for r in held(other)} == ids
        other.close()
    other = fresh(tmp_path / "all")
    put(other, f"m.{form}", exported(sqlite_store, form))
    assert held(other) == before
    report = put(other, f"m.{form}", exported(sqlite_store, form))
    assert (report.imported, report.known) == (0, len(before))
    other.close()


def test_another_gold_under_the_same_id_is_never_mixed_up(sqlite_store: Store) -> None:
    row = {"instruction": "Do.", "input": "x", "output": "1", "target": "a"}
    put(sqlite_store, "m.jsonl", json.dumps(row).encode())
    (line,) = exported(sqlite_store, "jsonl").decode().splitlines()
    other = {**json.loads(line), "reference": "b", "run": "other"}
    put(sqlite_store, "o.jsonl", (json.dumps(other) + "\n").encode())
    golds = {r["run"]: (r["reference"], r["example_id"]) for r in held(sqlite_store)}
    assert golds["m"][0] == "a"
    assert golds["other"][0] == "b"
    assert golds["m"][1] != golds["other"][1]


def test_steps_that_are_known_and_steps_that_are_not_come_back(
    tmp_path: Path, sqlite_store: Store
) -> None:
    made = [
        {"instruction": "First translate it, then answer.", "output": "", "expected": "Hi"},
        {"instruction": "Name two rivers.", "output": "Nile", "steps": ""},
    ]
    put(sqlite_store, "m.jsonl", "".join(json.dumps(r) + "\n" for r in made).encode())
    other = fresh(tmp_path / "other")
    put(other, "m.csv", exported(sqlite_store, "csv"))
    steps = {r["instruction"][:5]: r["steps"] for r in held(other)}
    assert [s["expected"] for s in steps["First"]] == ["Hi", None]
    assert steps["Name "] == []
    other.close()


def test_a_row_that_was_edited_is_taken_as_it_is_and_counted(
    tmp_path: Path, sqlite_store: Store
) -> None:
    row = {"instruction": "Do.", "input": "x", "output": "1"}
    put(sqlite_store, "m.jsonl", json.dumps(row).encode())
    packed = exported(sqlite_store, "csv").replace(b",x,", b",y,")
    other = fresh(tmp_path / "other")
    report = put(other, "m.csv", packed)
    assert held(other)[0]["input"] == "y"
    assert report.files[0].notes == {EDITED: 1}
    other.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "note"),
    [
        ("output", "2", EDITED),
        ("reference", "8", EDITED),
        ("reference", None, EDITED),
        ("thoughts", "Hm", EDITED),
        ("outcome", "cut", EDITED),
        ("language", "es", EDITED),
        ("meta", {"n": 2}, EDITED),
        ("steps", [], EDITED),
        ("ordinal", 1, EDITED),
        ("run", "renamed", EXACT),
        ("checksum", None, UNCHECKED),
    ],
)
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_value_that_was_edited_is_never_called_exact(
    form: str, column: str, value: Any, note: str, tmp_path: Path, sqlite_store: Store
) -> None:
    asks = "First repeat the input, then answer."
    row = {"instruction": asks, "input": "x", "output": "1", "target": "7", "n": 1.5}
    put(sqlite_store, "m.jsonl", json.dumps(row).encode())
    edited = {**json.loads(exported(sqlite_store, "jsonl")), column: value}
    packed = io.BytesIO()
    FORMATS.get(form)([edited], COLUMNS, packed)
    other = fresh(tmp_path / "other")
    assert put(other, f"m.{form}", packed.getvalue()).files[0].notes == {note: 1}
    other.close()


def test_an_older_export_with_an_output_of_another_length_is_edited(
    tmp_path: Path, sqlite_store: Store
) -> None:
    put(sqlite_store, "m.jsonl", b'{"instruction": "Do.", "output": "1"}')
    edited = {**json.loads(exported(sqlite_store, "jsonl")), "output": "12"}
    del edited["checksum"]
    other = fresh(tmp_path / "other")
    assert put(other, "m.jsonl", json.dumps(edited).encode()).files[0].notes == {EDITED: 1}
    other.close()


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize(
    "deleted",
    [
        *(("prediction_id",), ("example_id",), ("ordinal",), ("meta",), ("checksum",), ("steps",)),
        *(("prediction_id", "example_id"), ("ordinal", "length", "run")),
    ],
)
def test_where_columns_were_deleted_the_texts_are_still_those_of_before(
    deleted: tuple[str, ...], form: str, tmp_path: Path, sqlite_store: Store
) -> None:
    asked = [{"instruction": "=Do it.", "input": text, "output": text} for text in HOSTILE]
    put(sqlite_store, "m.jsonl", "".join(json.dumps(row) + "\n" for row in asked).encode())
    rows = [json.loads(row) for row in exported(sqlite_store, "jsonl").split(b"\n") if row]
    packed = io.BytesIO()
    kept = {name: kind for name, kind in COLUMNS.items() if name not in deleted}
    FORMATS.get(form)(rows, kept, packed)
    other = fresh(tmp_path / "other")
    report = put(other, f"m.{form}", packed.getvalue())
    texts = [(r["instruction"], r["input"], r["output"]) for r in held(other)]
    assert texts == [(r["instruction"], r["input"], r["output"]) for r in held(sqlite_store)]
    assert EXACT not in report.files[0].notes or deleted == ("prediction_id",)
    other.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"meta": "no JSON"}, "'meta' should hold JSON"),
        ({"meta": "[]"}, "'meta' should be a JSON object"),
        ({"meta": '{"a": "\\u0000"}'}, "NUL"),
        ({"ordinal": -1}, "'ordinal' should be a whole number"),
        ({"steps": '["repeat"]'}, "'steps' should be the list"),
        ({"output": None}, "the output ('output') is null"),
    ],
)
def test_what_an_export_never_has_is_refused_by_name(
    change: dict[str, Any], words: str, tmp_path: Path, sqlite_store: Store
) -> None:
    put(sqlite_store, "m.jsonl", b'{"instruction": "Do.", "output": "1"}')
    row = {**json.loads(exported(sqlite_store, "jsonl")), **change}
    other = fresh(tmp_path / "other")
    (problem,) = put(other, "m.jsonl", json.dumps(row).encode()).problems
    assert words in problem.reason
    other.close()


def test_a_csv_file_for_excel_begins_with_a_byte_order_mark(sqlite_store: Store) -> None:
    put(sqlite_store, "m.jsonl", b'{"instruction": "Do.", "output": "\\u00e9"}')
    assert exported(sqlite_store, "csv", bom=True).startswith(b"\xef\xbb\xbfrun,")
    assert exported(sqlite_store, "csv").startswith(b"run,")


def test_columns_mapped_by_hand_are_no_export_of_ours(sqlite_store: Store) -> None:
    put(sqlite_store, "m.jsonl", b'{"instruction": "Do.", "output": "1"}')
    data = exported(sqlite_store, "jsonl")
    source = SourceFile("n.jsonl", lambda: io.BytesIO(data))
    plan = plan_for(source)
    from dataclasses import replace

    mapped = replace(plan, run="n", mapping=plan.mapping.corrected({"output": "input", "run": ""}))
    report = import_predictions(sqlite_store, [mapped])
    assert EXACT not in report.files[0].notes
    assert {r["output"] for r in held(sqlite_store) if r["run"] == "n"} == {""}
