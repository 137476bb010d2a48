"""The Results page: the table of the store, one click between readings, empty states, no markup."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store, open_store
from sit_core.store.browse import count_hits
from tests.factories import judge, make_run, make_study

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
HOSTILE = "<img src=x onerror=alert(1)> **ann** $x$"


@pytest.fixture
def store():
    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture
def judged(store: Store) -> Store:
    """Two runs of four samples, two annotators, one of them with a hostile name."""
    a, b = make_run(store, "m1", 4), make_run(store, "m2", 4)
    make_study(store, "s", ["m1", "m2"], annotators=2)
    for prediction, verdict in zip(a, ("yes", "yes", "partly", "no"), strict=True):
        for who in (HOSTILE, "bob"):
            judge(store, "s", prediction, who, {"repeat": verdict, "answer": "yes"})
    for prediction in b[:3]:
        judge(store, "s", prediction, "bob", {"repeat": "no", "answer": "unsure"})
    return store


def open_page(**query: str) -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=30)
    at.run()
    at.query_params.update(query)
    at.switch_page("results/page.py").run()
    assert not at.exception
    return at


def tables(at: AppTest) -> list[pd.DataFrame]:
    return [element.value for element in at.dataframe]


def texts(at: AppTest) -> str:
    return " ".join(e.value for e in at.text) + " ".join(e.proto.body for e in at.get("html"))


def test_the_table_shows_the_rates_of_the_store(judged: Store) -> None:
    shown = tables(open_page(study="s"))[0]
    assert list(shown.columns) == ["run", "R", "A", "R+A", "not judged"]
    assert shown.to_dict("records") == following(judged, TableQuery("s")).wide()
    assert shown["R"][0] == "75 % [20–99] n=4"
    assert shown["A"][1] == "–, 3 unsure"
    assert shown["not judged"][1] == "1"


def test_partly_is_one_click_away(judged: Store) -> None:
    at = open_page(study="s")
    at.toggle(key="partly counts").set_value(False).run()
    assert tables(at)[0]["R"][0] == "50 % [9–91] n=4"


def test_one_annotator_can_be_read_alone(judged: Store) -> None:
    at = open_page(study="s")
    at.selectbox(key="annotators human").select(("one", HOSTILE)).run()
    assert tables(at)[0]["not judged"].to_list() == ["0", "4"]


def test_a_new_judgment_is_in_the_table_at_once(judged: Store) -> None:
    at = open_page(study="s")
    with judged.read() as connection:
        from sqlalchemy import text

        left = connection.scalar(
            text(
                "select p.id from predictions p join runs r on r.id = p.run_id where "
                "r.name = 'm2' and p.id not in (select prediction_id from judgments)"
            )
        )
    judge(judged, "s", left, "bob", {"repeat": "yes", "answer": "yes"})
    at.run()
    assert tables(at)[0]["not judged"].to_list() == ["0", "0"]
    assert tables(at)[0]["R"][1].startswith("25 %")


def test_every_count_links_to_its_samples(judged: Store) -> None:
    counts = tables(open_page(study="s"))[1]
    row = counts.iloc[0]
    assert row["done"] == "inspect?study=s&run=m1&step=repeat&verdict=done&by=human#3"
    assert row["not-done"] == "inspect?study=s&run=m1&step=repeat&verdict=not-done&by=human#1"
    assert counts.iloc[4]["unsure"].endswith("run=m2&step=answer&verdict=unsure&by=human#3")


def test_the_runs_are_compared_and_each_difference_leads_to_both_texts(judged: Store) -> None:
    at = open_page(study="s")
    at.selectbox(key="differ at").select("repeat").run()
    pairs, differences = tables(at)[2:4]
    assert pairs[["step", "both", "only A", "only B", "n", "McNemar"]].iloc[0].to_list() == [
        "R",
        0,
        3,
        0,
        3,
        0.25,
    ]
    assert len(differences) == 3
    with judged.read() as connection:
        from sqlalchemy import text

        of_run = dict(
            connection.execute(
                text("select p.id, r.name from predictions p join runs r on r.id = p.run_id")
            ).all()
        )
    for run, column in (("m1", "output of A"), ("m2", "output of B")):
        for link in differences[column]:
            assert of_run[link.split("sample=")[1].split("#")[0]] == run


def test_agreement_is_shown_where_there_are_two_annotators(judged: Store) -> None:
    last = tables(open_page(study="s"))[-1]
    assert last["samples"].to_list() == [4, 4, 4]
    assert last["agree"].to_list() == [1.0, 1.0, 1.0]


def test_agreement_has_intervals(store: Store) -> None:
    ids = make_run(store, "m", 12)
    make_study(store, "s", ["m"], annotators=2)
    for i, prediction in enumerate(ids):
        judge(store, "s", prediction, "ann", {"repeat": "yes" if i % 2 else "no", "answer": "yes"})
        judge(store, "s", prediction, "bob", {"repeat": "yes" if i % 3 else "no", "answer": "yes"})
    last = tables(open_page(study="s"))[-1]
    low, high = map(float, last["95 % of κ"][0].split(" – "))
    assert low < last["Cohen's κ"][0] < high
    assert last["95 % of κ"][1] == ""


def by_rules(store: Store) -> AppTest:
    """People judged four samples of m1, rules all eight; they differ on one at the first step."""
    judge_rules = {"repeat": "yes", "answer": "yes"}
    with store.read() as connection:
        from sqlalchemy import text

        for one in connection.scalars(text("select id from predictions")).all():
            judge(store, None, one, "rules-1", judge_rules, kind="rule")
    at = open_page(study="s")
    at.button_group(key="verdicts of").select("rule").run()
    assert not at.exception
    return at


def test_rates_by_rules_are_an_estimate_beside_its_agreement_with_people(judged: Store) -> None:
    at = by_rules(judged)
    assert "estimate by rules" in texts(at)
    figures = next(t for t in tables(at) if "κ" in t)
    assert figures["step"].to_list() == ["R", "A", "R+A"]
    assert figures["n"].to_list() == [7, 7, 7]
    assert figures["agree"].to_list() == [3 / 7, 4 / 7, 3 / 7]
    for link in [*figures["differ"], *cells(at)]:
        of = filter_from(parse_qs(urlsplit(link).query))
        assert str(count_hits(judged, of)) == link.split("#")[1], link


def test_the_agreement_with_rules_follows_what_is_chosen(judged: Store) -> None:
    by_rules(judged)
    at = open_page(study="s")
    at.toggle(key="partly counts").set_value(False)
    at.selectbox(key="annotators human").select(("one", HOSTILE)).run()
    figures = next(t for t in tables(at) if "κ" in t)
    assert figures["n"].to_list() == [4, 4, 4]
    assert figures["agree"].to_list() == [0.5, 1.0, 0.5]
    for link in [*figures["differ"], *cells(at)]:
        of = filter_from(parse_qs(urlsplit(link).query))
        assert str(count_hits(judged, of)) == link.split("#")[1], link


def cells(at: AppTest) -> list[str]:
    confusion = next(t for t in tables(at) if "people" in t)
    return [link for name in ("done", "not-done", "unsure") for link in confusion[name]]


def test_without_rules_nothing_is_said_of_them(judged: Store) -> None:
    at = open_page(study="s")
    assert not any("κ" in t for t in tables(at))
    assert "estimate" not in texts(at)


def test_judgments_by_themselves_say_that_samples_may_be_fewer(judged: Store) -> None:
    at = open_page(study="s")
    captions = [c.value for c in at.caption]
    assert not any("numbers of judgments" in c for c in captions)
    at.selectbox(key="annotators human").select(("each", None)).run()
    assert any("numbers of judgments" in c.value for c in at.caption)


def test_the_chart_has_the_table_s_rates(judged: Store) -> None:
    [chart] = open_page(study="s").get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    assert [trace["name"] for trace in spec["data"]] == ["R", "A", "R+A"]
    assert spec["data"][0]["x"] == [0.75, 0.0]


def tiles(at: AppTest) -> list[dict[str, Any]]:
    """What the component of the tiles is given."""
    [component] = at.get("bidi_component")
    return json.loads(component.proto.json)["tiles"]


def test_the_tiles_say_rates_with_intervals_and_whose_they_are(judged: Store) -> None:
    most, following_run, *_ = tiles(open_page(study="s"))
    assert (most["label"], most["value"]) == ("Follows all steps most", "75 %")
    assert [run["name"] for run in most["runs"]] == ["m1"]
    assert most["words"] == "95 %: 20–99 · n=4"
    assert (following_run["label"], following_run["value"]) == ("Next", "0 %")
    for tile, run in ((most, "m1"), (following_run, "m2")):
        query = parse_qs(urlsplit(tile["href"]).query)
        assert query["run"] == [run]
        n = int(tile["words"].rsplit("n=", 1)[1])
        assert count_hits(judged, filter_from(query)) == n


def test_runs_with_the_same_rate_stand_in_one_tile(store: Store) -> None:
    names = ["m1", "m2", "m3", "m4"]
    made = {name: make_run(store, name, 2) for name in names}
    make_study(store, "s", names)
    for ids in made.values():
        for prediction in ids:
            judge(store, "s", prediction, "bob", {"repeat": "yes", "answer": "yes"})
    judge(store, "s", made["m4"][0], "bob", {"repeat": "no"})
    most, other, *_ = tiles(open_page(study="s"))
    assert most["label"] == "Follow all steps most"
    assert [run["name"] for run in most["runs"]] == ["m1", "m2"]
    assert most["words"] == "and 1 more with the same rate"
    assert most["href"] is None
    assert [run["name"] for run in other["runs"]] == ["m4"]


def test_progress_counts_samples_and_judgments(judged: Store) -> None:
    progress = tiles(open_page(study="s"))[2]
    assert progress["value"] == "7 of 8"
    assert progress["words"].startswith("11 of 16 judgments given · ")
    assert progress["share"] == 11 / 16
    assert progress["href"] == "annotate?study=s"


def test_unsure_samples_are_counted_apart_and_found(judged: Store) -> None:
    assert tiles(open_page(study="s"))[3]["value"] == "0"
    with judged.read() as connection:
        from sqlalchemy import text

        one = connection.scalar(
            text("select p.id from predictions p join runs r on r.id = p.run_id "
                 "where r.name = 'm2' order by p.row")
        )  # fmt: skip
    judge(judged, "s", one, "bob", {"repeat": "yes"})  # answered: unsure
    unsure = tiles(open_page(study="s"))[3]
    assert unsure["value"] == "1"
    assert count_hits(judged, filter_from(parse_qs(urlsplit(unsure["href"]).query))) == 1


def test_names_are_shown_as_plain_text_only(judged: Store) -> None:
    at = open_page(study="s")
    assert HOSTILE in tiles(at)[2]["words"]  # set by textContent
    rendered = [e.value for kind in ("markdown", "caption") for e in at.get(kind)]
    rendered += [e.proto.body for e in at.get("html")]
    assert not [text for text in rendered if "<img" in text or "**ann**" in text]


def test_without_a_study_or_a_judgment_the_page_says_what_to_do(store: Store) -> None:
    make_run(store, "m", 1)
    make_study(store, "fresh", ["m"])
    at = open_page(study="fresh")
    assert "No person has judged in this study yet" in texts(at)
    assert not at.dataframe


def test_an_unknown_study_in_the_address_is_a_sentence(judged: Store) -> None:
    assert "There is no study &#x27;S&#x27;" in texts(open_page(study="S"))
