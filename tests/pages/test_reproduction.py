"""The Reproduction page: the paper's tables, ours above; a button for the outputs behind them."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
import streamlit as st

from sit_core.reproduction.claims import claims_report
from sit_core.reproduction.outputs import FOLDER, INDEX
from sit_core.reproduction.plan import MODELS
from sit_core.reproduction.report import kept_reproduction
from sit_core.results.claims import REPRODUCED, figure_said
from sit_core.store import Store
from sit_core.store.browse import run_names
from tests.pages.test_runs import labels, page, press, said, shown
from tests.reproduction.test_claims import COUNT, write_seed

if not (FOLDER / INDEX).is_file():
    pytest.skip("no outputs ship yet; `sit microlab build` makes them", allow_module_level=True)

PUT = "Put the outputs into the store"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the starter study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def test_it_shows_every_table_with_our_rows_and_the_papers(store: Store) -> None:
    app, found = page("reproduction/page.py"), kept_reproduction()
    frames = [frame.value.to_dict("records") for frame in app.dataframe]
    (overlaps,) = [rows for rows in frames if "same input" in rows[0]]
    assert {row["same input"] for row in overlaps} == {0}
    frames = [rows for rows in frames if {"expected", "model"} & set(rows[0])]
    assert len(frames) == 1 + len(found.tables)
    assert [row["expected"] for row in frames[0]] == [one.text for one in found.directions]
    assert {row["holds"] for row in frames[0]} <= {"yes", "no"}
    for table, rows in zip(found.tables, frames[1:], strict=True):
        assert [row["model"] for row in rows] == [
            *(title for title, _ in table.rows),
            *(f"paper: {row.model}" for row in table.paper),
        ]
        for (_, cells), row in zip(table.rows, rows, strict=False):
            shown_cells = [row[name] for name in table.columns]
            assert shown_cells == ["" if cell is None else cell.shown for cell in cells]
    first = {row["model"]: row for row in frames[1]}
    assert first["paper: LLaMA-7B-Alpaca, SIT (ours)"]["R+A"] == "85"
    fifth = {row["model"]: row for row in frames[5]}["paper: Mistral-7B, SIT+Repeat"]
    assert [fifth[name] for name in found.tables[4].columns] == [
        "56",
        "not given",
        "64",
        "99",
        "64",
        "96",
    ]
    assert "BERTScore" in shown(app), "why there is none"
    assert any("demonstration" in c.value for c in app.caption), "what these models are"


@pytest.mark.slow
def test_the_outputs_go_into_the_store_once(store: Store) -> None:
    app = page("reproduction/page.py")
    assert PUT in labels(app)
    app = press(app, PUT)
    assert PUT not in labels(app)
    runs = {model.run(test) for model in MODELS.values() for test in ("A", "R+A", "P+R+P+A")}
    assert runs <= set(run_names(store))
    assert PUT not in labels(page("reproduction/page.py"))


def test_without_its_data_there_is_one_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sit_core.reproduction.outputs.FOLDER", tmp_path)
    assert "sit microlab build" in said(page("reproduction/page.py"))


@pytest.fixture
def seeds(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two seeds with known outputs in place of those that ship."""
    for seed in (1, 2):
        write_seed(tmp_path, seed)
    monkeypatch.setattr("sit_core.reproduction.claims.SEEDS", tmp_path)
    st.cache_data.clear()
    yield tmp_path
    st.cache_data.clear()


def test_every_claim_stands_there_with_its_verdict_and_figure(seeds: Path) -> None:
    app = page("reproduction/page.py")
    drawn = "".join(html.proto.body for html in app.get("html"))
    for result in claims_report(seeds).results:
        assert escape(result.claim.text) in drawn
        assert escape(result.why) in drawn
        if result.figure is not None:
            assert escape(figure_said(result).split(" · ")[0]) in drawn
    assert drawn.count("class='seed'") == 2 * sum(
        r.figure is not None for r in claims_report(seeds).results
    )
    assert "2 of 5 training seeds are there" in shown(app)


def test_a_verdict_can_be_chosen_and_a_claims_outputs_open(seeds: Path) -> None:
    app = page("reproduction/page.py")
    app.segmented_control(key="verdict of claims").set_value(REPRODUCED).run()
    drawn = "".join(html.proto.body for html in app.get("html"))
    kept = [r for r in claims_report(seeds).results if r.verdict == REPRODUCED]
    assert drawn.count("<td class='verdict") == len(kept) > 0
    frames = [frame.value for frame in app.dataframe if "question" in frame.value.columns]
    assert len(frames) == 1
    assert len(frames[0]) == COUNT
