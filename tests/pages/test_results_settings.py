"""Results: whose verdicts are shown is what was chosen, every setting is in the address."""

import html
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from
from sit_core.records import JudgeKind
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store, open_store
from sit_core.store.browse import Filter, count_hits, judge_names
from tests.factories import judge, make_run, make_study
from tests.pages.test_inspect_outputs import drawn as drawn_by_inspect
from tests.pages.test_results import open_page, tables, texts


@pytest.fixture
def store() -> Store:
    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture
def by_machines(store: Store) -> Store:
    """Two runs of five samples; an LLM judged nine of them, rules all; nobody else did."""
    a, b = make_run(store, "m1", 5), make_run(store, "m2", 5)
    make_study(store, "s", ["m1", "m2"])
    for i, output in enumerate([*a, *b]):
        if i:
            verdict = "unsure" if i == 9 else "yes" if i % 2 else "no"
            judge(store, None, output, "L", {"repeat": verdict, "answer": "yes"}, kind="llm")
        judge(store, None, output, "rules-3", {"repeat": "yes", "answer": "no"}, kind="rule")
    return store


def address_of(at: AppTest) -> dict[str, str]:
    """The address, whose values the test's browser gives as texts or as lists of one."""
    found = {name: at.query_params[name] for name in at.query_params}
    return {name: v if isinstance(v, str) else v[0] for name, v in found.items()}


def said(at: AppTest) -> str:
    return html.unescape(texts(at))


def with_people(store: Store) -> None:
    """A person judges the first run."""
    with store.read() as connection:
        from sqlalchemy import text

        mine = connection.scalars(
            text(
                "select p.id from predictions p join runs r on r.id = p.run_id "
                "where r.name = 'm1' order by p.row"
            )
        ).all()
    for output in mine:
        judge(store, "s", output, "Ann", {"repeat": "yes", "answer": "yes"})


def test_a_study_that_no_person_judged_says_so_and_offers_the_others(by_machines: Store) -> None:
    at = open_page(study="s")
    assert at.button_group(key="verdicts of").value == JudgeKind.HUMAN
    assert "No person has judged in this study yet." in said(at)
    assert not tables(at)
    at.button(key="instead llm").click().run()
    assert not at.exception
    assert at.button_group(key="verdicts of").value == JudgeKind.LLM
    assert tables(at)[0].to_dict("records") == (
        following(by_machines, TableQuery("s", by=JudgeKind.LLM)).wide()
    )
    assert "what LLM judges said, not people's verdicts" in said(at)


def test_whose_verdicts_are_shown_does_not_change_when_others_come(by_machines: Store) -> None:
    at = open_page(study="s", by="llm")
    before = tables(at)[0].to_dict("records")
    with_people(by_machines)
    at.run()
    assert at.button_group(key="verdicts of").value == JudgeKind.LLM
    assert tables(at)[0].to_dict("records") == before


def test_without_verdicts_of_a_kind_that_is_said_too(store: Store) -> None:
    make_run(store, "m1", 2)
    make_study(store, "s", ["m1"])
    for by, sentence in (("llm", "No LLM judge has judged"), ("rule", "not scored by rules")):
        at = open_page(study="s", by=by)
        assert sentence in said(at)
        assert not [b for b in at.button if str(b.key).startswith("instead")]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ({"by": "llm"}, TableQuery("s", by=JudgeKind.LLM)),
        ({"by": "llm", "judge": "L"}, TableQuery("s", by=JudgeKind.LLM, annotator="L")),
        ({"by": "rule"}, TableQuery("s", by=JudgeKind.RULE)),
        ({"each": "1"}, TableQuery("s", combine="each")),
        ({"judge": "Ann", "partly": "no"}, TableQuery("s", annotator="Ann", partly="not-done")),
    ],
)
def test_an_address_shows_what_it_says_and_stays_as_it_is(
    by_machines: Store, address: dict[str, str], shown: TableQuery
) -> None:
    with_people(by_machines)
    at = open_page(study="s", **address)
    assert tables(at)[0].to_dict("records") == following(by_machines, shown).wide()
    assert address_of(at) == {
        "study": "s",
        **address,
    }


def test_for_excel_is_in_the_address_where_csv_is(by_machines: Store) -> None:
    at = open_page(study="s", by="rule", format="csv", excel="1")
    assert at.checkbox(key="export bom").value
    assert address_of(at) == {"study": "s", "by": "rule", "format": "csv", "excel": "1"}
    at.checkbox(key="export bom").uncheck().run()
    assert address_of(at) == {"study": "s", "by": "rule", "format": "csv"}
    at.checkbox(key="export bom").check().run()
    assert address_of(at)["excel"] == "1"
    assert "excel" not in address_of(open_page(study="s", by="rule", excel="1"))


def test_every_setting_goes_into_the_address(by_machines: Store) -> None:
    with_people(by_machines)
    at = open_page(study="s")
    assert set(at.query_params) == {"study"}
    at.button_group(key="verdicts of").select(JudgeKind.RULE).run()
    at.toggle(key="partly counts").set_value(False).run()
    at.selectbox(key="compare A").select("m2").run()
    at.selectbox(key="differ at").select("answer").run()
    at.selectbox(key="export format").select("csv").run()
    assert not at.exception
    found = address_of(at)
    assert found == {
        "study": "s",
        "by": "rule",
        "partly": "no",
        "a": "m2",
        "at": "answer",
        "format": "csv",
    }
    again = open_page(**found)
    assert again.button_group(key="verdicts of").value == JudgeKind.RULE
    for key in ("compare A", "compare B", "differ at", "export format"):
        assert again.selectbox(key=key).value == at.selectbox(key=key).value
    assert [t.to_json() for t in tables(again)] == [t.to_json() for t in tables(at)]


def test_what_an_address_names_and_is_not_there_is_said(by_machines: Store) -> None:
    with_people(by_machines)
    at = open_page(study="s", by="robot", judge="Anne", a="m9", at="recite", format="xls")
    assert not at.exception
    named = said(at)
    for word in ("'robot'", "'Anne'", "'m9'", "'recite'", "'xls'"):
        assert word in named
    assert tables(at)[0].to_dict("records") == following(by_machines, TableQuery("s")).wide()


@pytest.mark.parametrize(
    "question",
    [
        TableQuery("s"),
        TableQuery("s", annotator="Ann"),
        TableQuery("s", by=JudgeKind.LLM),
        TableQuery("s", by=JudgeKind.LLM, annotator="L"),
        TableQuery("s", by=JudgeKind.RULE, partly="not-done"),
    ],
)
def test_a_figure_opens_just_the_samples_that_it_counts(
    by_machines: Store, question: TableQuery
) -> None:
    with_people(by_machines)
    for row in following(by_machines, question).rows:
        of = Filter(
            study="s",
            runs=(row.run,),
            step=row.step,
            verdict="decided",
            by=question.by.value,
            annotator=question.annotator,
            partly_done=question.partly == "done",
        )
        assert count_hits(by_machines, of) == row.n, row


def test_the_links_of_counts_find_as_many_for_every_judge(by_machines: Store) -> None:
    with_people(by_machines)
    for address in ({"by": "llm", "judge": "L"}, {"by": "rule"}, {"judge": "Ann"}, {}):
        counts = tables(open_page(study="s", **address))[1]
        for _, row in counts.iterrows():
            for verdict in ("done", "not-done", "unsure", "missing"):
                of = filter_from(parse_qs(urlsplit(row[verdict]).query))
                assert str(count_hits(by_machines, of)) == row[verdict].split("#")[1], row[verdict]


def test_the_machines_that_judged_a_study_can_be_chosen_in_inspect(by_machines: Store) -> None:
    with_people(by_machines)
    assert judge_names(by_machines, "s") == ["Ann", "L", "rules-3"]
    at = AppTest.from_file("../../pages/main.py", default_timeout=30)
    at.run()
    at.query_params.update(
        {"study": "s", "run": "m2", "step": "repeat", "verdict": "decided", "by": "llm"}
    )
    at.query_params["annotator"] = "L"
    at.switch_page("inspect_outputs/page.py").run()
    assert not at.exception
    assert drawn_by_inspect(at)["hits"]["total"] == 4


def test_rules_stand_against_readings_in_a_file(by_machines: Store) -> None:
    at = open_page(by="rule", study="s")
    assert not at.exception
    at.file_uploader(key="gold files").upload("m1.json", b'[{"row": 0, "R": "yes"}]')
    at.run()
    assert not at.exception
    assert "made anew from the outputs" in " ".join(c.value for c in at.caption)
    assert any({"file", "step", "κ"} <= set(table.columns) for table in tables(at))
