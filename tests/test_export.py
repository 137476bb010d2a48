"""Exports equal the store in all formats; formulas are neutralised; files are whole."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import event, select

from sit_core.errors import SitError, UsageError
from sit_core.export import FORMATS, export_bytes, export_file
from sit_core.export.formats import neutral
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.schema import judges, judgments
from tests.factories import judge, make_run, make_study, remark

NASTY = [
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\n=x",
    "\uff1dx",
    'a,"b"\r\nc\rd',
    "ไทย العربية \u202e x",
    "",
]


@pytest.fixture
def judged(store: Store) -> Store:
    """A study with changes of mind, a remark, and outputs that are hostile to spreadsheets."""
    ids = make_run(store, "=m1", NASTY)
    make_run(store, "m2", len(NASTY))
    make_study(store, "s", ["=m1", "m2"], blind=True)
    judge(store, "s", ids[0], "@ann", {"repeat": "yes", "answer": "no"}, seconds=1.5, at=1.25)
    judge(store, "s", ids[0], "@ann", {"repeat": "unsure"})
    judge(store, "s", ids[1], "bob", {"repeat": "yes", "in_order": "no"})
    judge(store, None, ids[2], "llm-1", {"repeat": "no"}, kind="llm")
    remark(store, "s", ids[0], "@ann", "=cmd|' /C calc'!A0", flagged=True)
    remark(store, "s", ids[0], "@ann", "second thoughts")
    return store


def read(store: Store, what: str, form: str, question: TableQuery | None = None) -> list[dict]:
    data = export_bytes(store, what, question or TableQuery("s"), form)
    if form == "jsonl":
        return [json.loads(line) for line in data.decode().split("\n") if line]
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    return pq.read_table(io.BytesIO(data)).to_pylist()


def test_judgments_equal_the_store_with_every_revision(judged: Store) -> None:
    with judged.read() as connection:
        stored = connection.execute(
            select(judgments, judges.c.name, judges.c.kind)
            .join(judges, judges.c.id == judgments.c.judge_id)
            .order_by(judgments.c.id)
        ).all()
    rows = read(judged, "judgments", "jsonl")
    fields = ("prediction_id", "step", "verdict", "revision", "judge", "judge_kind", "seconds")
    assert [tuple(row[f] for f in fields) for row in rows] == [
        (r.prediction_id, r.step, r.verdict, r.revision, r.name, r.kind, r.seconds) for r in stored
    ]
    assert rows[0] | {"prediction_id": "", "example_id": ""} == {
        "study": "s",
        "run": "=m1",
        "prediction_id": "",
        "example_id": "",
        "step": "repeat",
        "letter": "R",
        "verdict": "yes",
        "score": None,
        "revision": 1,
        "is_current": False,
        "judge": "@ann",
        "judge_kind": "human",
        "seconds": 1.5,
        "created_at": "1970-01-01T00:00:01.250Z",
        "guidelines_version": "unknown, before versions were kept",
    }
    assert [row["is_current"] for row in rows] == [False, True, True, True, True, True]
    assert [row["letter"] for row in rows] == ["R", "A", "R", "R", "in order", "R"]
    assert rows[-1]["study"] is None


def test_the_formats_hold_the_same_rows(judged: Store) -> None:
    as_jsonl, as_csv, as_parquet = (read(judged, "judgments", f) for f in FORMATS)
    assert list(as_jsonl[0]) == list(as_csv[0]) == list(as_parquet[0])
    for one, other, third in zip(as_jsonl, as_csv, as_parquet, strict=True):
        assert other["judge"] == neutral(one["judge"])
        assert third["judge"] == one["judge"]
        assert other["is_current"] == str(one["is_current"]).lower()
        assert other["revision"] == str(third["revision"]) == str(one["revision"])
        assert third["created_at"] == datetime.fromisoformat(one["created_at"])
        assert third["created_at"].tzinfo is not None


def test_no_csv_cell_starts_a_formula_and_texts_survive_quoting(judged: Store) -> None:
    rows = read(judged, "predictions", "csv")
    outputs = [row["output"] for row in rows if row["run"] == "'=m1"]
    assert outputs == [neutral(text) for text in NASTY]
    assert outputs[0] == "'=HYPERLINK(1)"
    for what in ("judgments", "remarks", "predictions"):
        for row in read(judged, what, "csv"):
            assert not any(value.startswith(tuple("=+-@\t\r\n")) for value in row.values())


def test_numbers_of_ours_stay_numbers_in_csv(judged: Store) -> None:
    table = following(judged, TableQuery("s"))
    rows = read(judged, "results", "csv")
    assert [float(row["rate"]) if row["rate"] else None for row in rows] == [
        row.rate for row in table.rows
    ]
    assert rows[0]["run"] == "'=m1"


def test_predictions_hold_the_texts_exactly_and_only_the_study_s(judged: Store) -> None:
    make_run(judged, "m3", 2)
    for form in ("jsonl", "parquet"):
        rows = read(judged, "predictions", form)
        assert [row["output"] for row in rows if row["run"] == "=m1"] == NASTY
        assert {row["run"] for row in rows} == {"=m1", "m2"}
        assert rows[0]["input"] == "Question 0?"
        assert rows[0]["reference"] == "answer 0"
    steps = read(judged, "predictions", "jsonl")[0]["steps"]
    assert [step["letter"] for step in steps] == ["R", "A"]
    assert len(read(judged, "predictions", "jsonl", TableQuery(None, ("m3",)))) == 2


def test_remarks_come_with_every_revision(judged: Store) -> None:
    rows = read(judged, "remarks", "jsonl")
    assert [(r["note"], r["flagged"], r["revision"], r["is_current"]) for r in rows] == [
        ("=cmd|' /C calc'!A0", True, 1, False),
        ("second thoughts", False, 2, True),
    ]


def test_results_are_the_following_table(judged: Store) -> None:
    rows = read(judged, "results", "parquet", TableQuery("s", annotator="@ann"))
    table = following(judged, TableQuery("s", annotator="@ann"))
    assert [(r["run"], r["letter"], r["followed"], r["n"], r["low"]) for r in rows] == [
        (r.run, r.letter, r.followed, r.n, r.low) for r in table.rows
    ]
    assert {row["annotator"] for row in rows} == {"@ann"}


def test_an_export_of_nothing_has_its_columns(store: Store) -> None:
    make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    assert export_bytes(store, "judgments", TableQuery("s"), "jsonl") == b""
    assert export_bytes(store, "judgments", TableQuery("s"), "csv").startswith(b"study,run,")
    parquet = pq.read_table(
        io.BytesIO(export_bytes(store, "judgments", TableQuery("s"), "parquet"))
    )
    assert parquet.num_rows == 0
    assert "verdict" in parquet.column_names


@pytest.mark.slow
def test_more_rows_than_a_batch_are_all_there_in_order(store: Store) -> None:
    make_run(store, "m", 4500)
    rows = read(store, "predictions", "jsonl", TableQuery(None, ("m",)))
    assert [row["output"] for row in rows] == [f"output {i} of m" for i in range(4500)]


def test_sqlite_sorts_nothing_to_export_judgments(sqlite_store: Store) -> None:
    """Else memory would grow with the number of judgments."""
    ids = make_run(sqlite_store, "m", 3)
    make_study(sqlite_store, "s", ["m"])
    judge(sqlite_store, "s", ids[0], "ann", {"repeat": "yes"})
    plans = []

    def explain(_c, cursor, statement, parameters, *_) -> None:
        if "superseded" in statement:
            other = cursor.connection.cursor()
            plan = other.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.append(" | ".join(row[3] for row in plan))

    event.listen(sqlite_store.engine, "before_cursor_execute", explain)
    for what in ("judgments", "remarks"):
        for question in (TableQuery("s"), TableQuery(None, ("m",))):
            export_bytes(sqlite_store, what, question, "jsonl")
    assert len(plans) == 4
    assert not [plan for plan in plans if "TEMP B-TREE FOR ORDER BY" in plan]


def test_a_file_is_replaced_as_a_whole(judged: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    assert export_file(judged, "judgments", TableQuery("s"), "jsonl", path) == 6
    assert len(path.read_text().splitlines()) == 6
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_a_failure_in_the_middle_leaves_the_old_file(
    judged: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sit_core.store import export as stored

    def broken(*_):
        yield from ()
        raise RuntimeError("the database went away")

    path = tmp_path / "out.csv"
    path.write_text("old")
    monkeypatch.setattr(stored, "remarks_of", broken)
    with pytest.raises(RuntimeError):
        export_file(judged, "remarks", TableQuery("s"), "csv", path)
    with pytest.raises(SitError, match="no study 'S'"):
        export_file(judged, "remarks", TableQuery("S"), "csv", path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_a_place_that_cannot_be_written_is_one_sentence(judged: Store, tmp_path: Path) -> None:
    with pytest.raises(SitError, match="can't be written"):
        export_file(judged, "results", TableQuery("s"), "csv", tmp_path / "none" / "out.csv")
    with pytest.raises(SitError, match="is a folder"):
        export_file(judged, "results", TableQuery("s"), "csv", tmp_path)


def test_unknown_names_are_suggested(judged: Store) -> None:
    with pytest.raises(SitError, match="did you mean 'jsonl'"):
        export_bytes(judged, "results", TableQuery("s"), "json")
    with pytest.raises(SitError, match="did you mean 'judgments'"):
        export_bytes(judged, "judgements", TableQuery("s"), "csv")
    with pytest.raises(UsageError, match="Name a study"):
        export_bytes(judged, "judgments", TableQuery(), "csv")


def test_a_time_is_utc(judged: Store) -> None:
    made = datetime.fromisoformat(read(judged, "judgments", "jsonl")[0]["created_at"])
    assert made == datetime.fromtimestamp(1.25, UTC)


def test_a_file_is_on_the_disk_before_it_takes_its_place(
    judged: Store, tmp_path: Path, synced: set[tuple[int, int]]
) -> None:
    path = tmp_path / "out.jsonl"
    export_file(judged, "judgments", TableQuery("s"), "jsonl", path)
    assert (path.stat().st_ino, path.stat().st_size) in synced
