"""The page Seq-Instruct: what became of a set, its instructions one click away, sets made."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.store import Store
from tests.instruction_sets import HOSTILE, seeds, small_set, write_set

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
ESCAPED = HOSTILE.partition(" ")[0].replace("<", "&lt;")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def page(**params: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    app.switch_page("seq_instruct.py")
    for key, value in params.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join([*(h.value for h in app.html), *(t.value for t in app.text)])


def listed(app: AppTest) -> list[int]:
    """The numbers of the instructions in the list."""
    (table,) = [d.value for d in app.dataframe if "Instruction" in d.value.columns]
    return list(table["No."])


def address(app: AppTest) -> dict[str, str]:
    found = {name: app.query_params[name] for name in app.query_params}
    return {name: v if isinstance(v, str) else v[-1] for name, v in found.items()}


def test_counts_have_n_and_an_interval_and_are_those_of_the_set(store: Store) -> None:
    small_set()
    app = page(set="small")
    table = next(d.value for d in app.dataframe if "D · hold" in d.value.columns)
    assert list(table["n"]) == [5, 5]
    assert list(table["B · prefix"]) == ["1 · 20 % [4–62]", "0"]
    assert list(table["held before"]) == ["0", "1 · 20 % [4–62]"]
    why = next(d.value for d in app.dataframe if "Reason" in d.value.columns and "%" in d.value)
    assert ("lost numbers", 1) in set(zip(why["Reason"], why["n"], strict=True))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"iteration": "1", "outcome": "B"}, [1]),
        ({"iteration": "1", "outcome": "gated", "reason": "lost numbers"}, [3]),
        ({"iteration": "2", "outcome": "held before"}, [2]),
        ({"iteration": "1", "text": "TASTE"}, [0]),
        ({"iteration": "1", "verb": "name", "noun": "plum"}, [0]),
        ({"iteration": "1", "verb": "repeat", "noun": ""}, [1]),
        ({"iteration": "1", "verb": "repeat", "noun": "no such noun"}, []),
        ({"iteration": "0", "verb": "name"}, [0]),
        ({"iteration": "0"}, [0, 1, 2, 3, 4]),
    ],
)
def test_an_address_lists_just_its_instructions(
    store: Store, params: dict[str, str], expected: list[int]
) -> None:
    small_set()
    app = page(set="small", **params)
    if expected:
        assert listed(app) == expected
    assert f"{len(expected)} instruction{'' if len(expected) == 1 else 's'}" in said(app)


def test_filters_change_the_address_and_close_the_open_instruction(store: Store) -> None:
    small_set()
    app = page(set="small", iteration="1", instruction="0")
    app.selectbox(key="seq-instruct outcome").select("failed")
    app = seen(app.run())
    assert address(app) == {"set": "small", "iteration": "1", "outcome": "failed"}
    assert listed(app) == [4]
    app.text_input(key="seq-instruct text").input("nothing has this")
    app = seen(app.run())
    assert "0 instructions" in said(app)
    app.button(key="seq-instruct all").click()
    app = seen(app.run())
    assert address(app) == {"set": "small", "iteration": "1"}
    app.selectbox(key="seq-instruct iteration").select(0)
    app = seen(app.run())
    assert address(app)["iteration"] == "0"


def test_the_tree_shows_every_iteration_with_option_text_and_raw_replies(store: Store) -> None:
    small_set()
    app = page(set="small", instruction="0")
    text = said(app)
    assert "seed → it. 1: C suffix → it. 2: A decompose" in text
    assert "Iteration 1 · C suffix · made" in text
    assert "describe its taste" in text
    assert "<mark" in text
    assert "Option: C" in text
    assert [e.label for e in app.expander if "repl" in e.label] == [
        "2 replies of the writer",
        "1 reply of the writer",
    ]


def test_why_something_came_to_nothing_is_said_with_what_was_proposed(store: Store) -> None:
    small_set()
    app = page(set="small", instruction="3", iteration="1")
    assert "lost numbers: 12 is not in it" in said(app)
    assert "What was proposed and not taken" in said(app)
    app = page(set="small", instruction="4", iteration="1")
    assert "classify: empty" in said(app)
    assert "(the writer wrote nothing)" in said(app)
    assert "1 reply of the writer, 1 of no use" in [e.label for e in app.expander]


def test_hostile_texts_are_text(store: Store) -> None:
    small_set()
    app = page(set="small", instruction="1")
    assert ESCAPED in said(app)
    assert "<img" not in said(app)
    for kind in (app.markdown, app.caption, app.error, app.warning):
        assert not [e for e in kind if "bold" in e.value]


def test_previous_and_next_stay_within_what_is_listed(store: Store) -> None:
    small_set()
    app = page(set="small", iteration="2", outcome="gated", instruction="3")
    assert app.button(key="seq-instruct Next of 3").disabled
    app = page(set="small", iteration="2", instruction="3")
    app.button(key="seq-instruct Previous of 3").click()
    app = seen(app.run())
    assert address(app)["instruction"] == "2"
    app.button(key="seq-instruct close").click()
    assert "instruction" not in address(seen(app.run()))


def test_long_lists_come_page_by_page(store: Store) -> None:
    write_set("long", [seeds(*(f"Name plum {n}." for n in range(120)))])
    app = page(set="long")
    assert "120 instructions · 1–50" in said(app)
    app.button(key="seq-instruct Later").click()
    app = seen(app.run())
    assert listed(app)[0] == 50
    assert listed(page(set="long", instruction="110"))[0] == 100


def test_kinds_say_who_found_them_and_how_to_have_a_parser(store: Store) -> None:
    small_set()
    app = page(set="small", iteration="1")
    assert "Of what iteration 1 made: 2 of 2 instructions have a kind" in said(app)
    captions = " ".join(c.value for c in app.caption)
    assert "simple rule" in captions
    assert "every clause" in captions


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"set": "smal"}, "did you mean 'small'"),
        ({"set": "small", "iteration": "9"}, "nothing of iteration 9"),
        ({"set": "small", "instruction": "99"}, "has no instruction 99"),
        ({"set": "small", "iteration": "x", "instruction": "-1"}, "5 instructions"),
        ({"set": "small", "outcome": "<b>"}, "0 instructions"),
    ],
)
def test_an_odd_address_is_answered(store: Store, params: dict[str, str], words: str) -> None:
    small_set()
    assert words in said(page(**params))
