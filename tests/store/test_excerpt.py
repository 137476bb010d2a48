"""An excerpt: every table is taken or not taken on purpose, nothing of other runs goes along."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from sit_core.errors import SitError
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store, migrations
from sit_core.store.excerpt import (
    NOT_TAKEN,
    _without_home,
    excerpt_rows,
    pseudonyms,
    restored,
    schema_of,
)
from sit_core.store.schema import former_texts, judges, metadata, runs
from tests.factories import judge, make_run, make_study


def rows_of(store: Store, *names: str, study: str = "s", **more: bool) -> dict[str, list[dict]]:
    return {table: list(rows) for table, rows in excerpt_rows(store, names, [study], **more)}


def judged(store: Store) -> None:
    for run in ("a", "b"):
        made = make_run(store, run, 3)
        make_study(store, run * 2, [run])
        for name in made:
            judge(store, run * 2, name, f"who judges {run}", {"repeat": "yes", "answer": "no"})


def test_every_table_of_the_schema_is_taken_or_left_for_a_reason(sqlite_store: Store) -> None:
    taken = rows_of(sqlite_store).keys()
    assert taken | NOT_TAKEN.keys() == set(metadata.tables)
    assert not taken & NOT_TAKEN.keys()


def test_a_restored_excerpt_counts_as_the_store_does(store: Store, tmp_path: Path) -> None:
    judged(store)
    text = json.dumps(rows_of(store, "a", study="aa"))
    assert "who judges" not in text
    (tmp_path / "scratch").mkdir()
    with restored(tmp_path / "scratch", schema_of(store), json.loads(text).items()) as again:
        for query in (TableQuery("aa"), TableQuery(runs=("a",))):
            assert following(again, query).rows == following(store, query).rows
        with again.read() as connection:
            assert list(connection.scalars(select(runs.c.name))) == ["a"]
            assert list(connection.scalars(select(judges.c.name))) == ["annotator 1"]


def test_rows_of_an_older_schema_are_migrated(sqlite_store: Store, tmp_path: Path) -> None:
    judged(sqlite_store)
    rows = rows_of(sqlite_store, "a", study="aa")
    (tmp_path / "scratch").mkdir()
    with restored(tmp_path / "scratch", "0010", rows.items()) as again:
        assert schema_of(again) == migrations.NEWEST
        assert (
            following(again, TableQuery("aa")).rows
            == following(sqlite_store, TableQuery("aa")).rows
        )


def test_pseudonyms_sort_by_number_and_names_can_be_kept(sqlite_store: Store) -> None:
    (name,) = make_run(sqlite_store, "a", 1)
    make_study(sqlite_store, "s", ["a"], annotators=11)
    for number in range(11):
        judge(sqlite_store, "s", name, f"p{number}", {"repeat": "yes"})
    called = pseudonyms(sqlite_store, ["a"], ["s"])
    assert list(called.values())[::10] == ["annotator 01", "annotator 11"]
    assert sorted(called.values()) == list(called.values())
    kept = rows_of(sqlite_store, "a", keep_names=True)["judges"]
    assert {row["name"] for row in kept} == called.keys()


def test_who_judged_a_former_text_alone_has_no_name(sqlite_store: Store) -> None:
    (name,) = make_run(sqlite_store, "a", 1)
    make_study(sqlite_store, "s", ["a"])
    judge(sqlite_store, "s", name, "Ann", {"repeat": "yes"})
    said = [{"judge": who, "judge_kind": "human", "judge_id": 9} for who in ("Ann", "Bob")]
    said.append({"judge": "gpt", "judge_kind": "llm", "judge_id": 3})
    with sqlite_store.write() as connection:
        row = {"run_id": 1, "prediction_id": name, "output": "x", "why": "thoughts"}
        row |= {"said": {"judgments": said}, "counts": {}, "changed_at": 0.0}
        connection.execute(insert(former_texts).values(row))
    (found,) = rows_of(sqlite_store, "a")["former_texts"]
    assert [one["judge"] for one in found["said"]["judgments"]] == [
        "annotator 1",
        "annotator",
        "gpt",
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"remarks": []}, "No excerpt has a table 'remarks'"),
        ({"alembic_version": []}, "No excerpt has a table"),
        ({"runs": [{"id": 1, "of": 2}]}, "no column 'of'"),
        ({"runs": [{"id": 1}]}, "The rows make no store"),
        ({"predictions": [{"id": "x", "run_id": 7}]}, "The rows make no store"),
    ],
    ids=str,
)
def test_rows_that_make_no_store_are_one_sentence(
    tmp_path: Path, rows: dict[str, list[dict]], said: str
) -> None:
    with pytest.raises(SitError, match=said), restored(tmp_path, migrations.NEWEST, rows.items()):
        pass
    with pytest.raises(SitError, match="schema 9999"), restored(tmp_path, "9999", []):
        pass


@given(
    user=st.text("abcXYZ0189_.-", min_size=1, max_size=30).filter(lambda u: u.strip(".")),
    rest=st.text("abc/._-", max_size=20),
    root=st.sampled_from(["/home/", "/Users/", "C:\\Users\\", "d:\\\\Users\\\\"]),
)
def test_no_home_folder_is_named(user: str, rest: str, root: str) -> None:
    found = _without_home({"a": [f"{root}{user}/{rest}", 3, f"x={root}{user}"]})
    assert found["a"][0] == f"~/{rest}"
    assert found["a"][1:] == [3, "x=~"]
