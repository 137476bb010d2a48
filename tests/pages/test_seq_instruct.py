"""The page Seq-Instruct: what became of a set, its instructions one click away, sets made."""

import html
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.seq_instruct import files, new_set
from sit_core.embedded import shipped
from sit_core.jobs import JobState, current_jobs
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.instruction_set import instruction_sets, open_set
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.user_prompts import (
    changed,
    keep_texts,
    own_texts,
    reset_texts,
    shipped_texts,
)
from sit_core.store import Store
from tests.instruction_sets import HOSTILE, reply, seeds, small_set, went_on, write_set
from tests.jobs.conftest import ended

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
ESCAPED = HOSTILE.partition(" ")[0].replace("<", "&lt;")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def page(**params: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    app.switch_page("seq_instruct/page.py")
    for key, value in params.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join([*(h.value for h in app.html), *(t.value for t in app.text)])


def with_tab(app: AppTest, name: str) -> AppTest:
    """Open a tab; AppTest has no way of its own to press one."""
    app.session_state["seq-instruct tab"] = name
    return seen(app.run())


def labelled(widgets: Any, label: str) -> Any:
    """The widget of this kind with this label."""
    (found,) = [widget for widget in widgets if widget.label == label]
    return found


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
    assert list(table["B · prefix"]) == ["1 · 20 % [1–62]", "0"]
    assert list(table["held before"]) == ["0", "1 · 20 % [1–62]"]
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
    labelled(app.selectbox, "Outcome").select("failed")
    app = seen(app.run())
    assert address(app) == {"set": "small", "iteration": "1", "outcome": "failed"}
    assert listed(app) == [4]
    labelled(app.text_input, "Text").input("nothing has this")
    app = seen(app.run())
    assert "0 instructions" in said(app)
    app.button(key="seq-instruct all").click()
    app = seen(app.run())
    assert address(app) == {"set": "small", "iteration": "1"}
    labelled(app.selectbox, "Iteration").select(0)
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
    app = with_tab(page(set="small", iteration="1"), "Kinds")
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
    assert words in html.unescape(said(page(**params)))


def opened_form() -> AppTest:
    """The form, with the micro lab's questions as its examples."""
    app = page()
    app.selectbox(key="new set kind").select("Micro lab")
    app = seen(app.run())
    app.number_input(key="new set count").set_value(12)
    return seen(app.run())


def test_nothing_is_there_and_nothing_can_be_made_yet(store: Store) -> None:
    app = page()
    assert "There are no sets of instructions yet" in said(app)
    assert app.button(key="new set start").disabled


def test_by_rules_it_costs_nothing_and_the_yaml_is_what_runs(store: Store) -> None:
    app = opened_form()
    app.number_input(key="new set iterations").set_value(3)
    app.text_input(key="new set name").input("mine")
    app = seen(app.run())
    assert "12 instructions, 3 iterations by rules: no model is called" in said(app)
    shown = [code.value for code in app.code]
    assert any("iterations: 3" in text and "microlab:answer:12" in text for text in shown)
    assert any(text.startswith("sit seq-instruct --name=mine") for text in shown)


def as_endpoint(app: AppTest) -> AppTest:
    app.selectbox(key="new set writer kind").select("OpenAI-compatible endpoint")
    app = seen(app.run())
    app.text_input(key="new set writer url").input("http://127.0.0.1:9/v1")
    app.text_input(key="new set writer served").input("big")
    return seen(app.run())


def test_the_estimate_says_calls_tokens_and_cost_and_warns_of_the_budget(store: Store) -> None:
    app = as_endpoint(opened_form())
    assert "at most 96 calls" in said(app)
    assert "without prices no cost can be said" in said(app)
    app.number_input(key="new set output price").set_value(1000.0)
    app.number_input(key="new set budget").set_value(0.5)
    app = seen(app.run())
    assert "That is more than the budget of 0.5" in said(app)
    table = next(d.value for d in app.dataframe if "Stage" in d.value.columns)
    assert list(table["Calls"]) == [24, 24, 24, 24]
    assert all(table["Cost"] > 0)


def test_a_stage_may_have_another_writer(store: Store) -> None:
    app = as_endpoint(opened_form())
    app.selectbox(key="new set respond kind").select("Rules, without a model")
    app = seen(app.run())
    assert any("respond: rules" in code.value for code in app.code)
    table = next(d.value for d in app.dataframe if "Stage" in d.value.columns)
    assert list(table["Calls"]) == [24, 24, 24, 0]


def test_what_is_missing_or_may_not_be_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened_form()
    app.selectbox(key="new set writer kind").select("Model by hub id or folder")
    app = seen(app.run())
    assert "Name the generator model." in said(app)
    app = as_endpoint(opened_form())
    app.text_input(key="new set writer variable").input("PATH")
    app.text_input(key="new set name").input("mine")
    app.button(key="new set start").click()
    app = seen(app.run())
    assert "may not be used as a key" in said(app)
    app.text_input(key="new set name").input(" \u200b")
    app.text_input(key="new set writer variable").input("")
    app.button(key="new set start").click()
    assert "A set of instructions needs a name" in said(seen(app.run()))
    assert current_jobs(store) == []


@pytest.mark.slow
def test_a_set_is_made_as_a_job_opened_gone_on_with_and_deleted(store: Store) -> None:
    app = opened_form()
    app.text_input(key="new set name").input("mine")
    app.button(key="new set start").click()
    app = seen(app.run())
    assert address(app) == {"set": "mine"}
    (job,) = current_jobs(store)
    assert ended(store, job).state == JobState.DONE
    app = page(set="mine")
    assert listed(app) == list(range(12))
    table = next(
        d.value for d in app.dataframe if "n" in d.value.columns and "Iteration" in d.value
    )
    assert list(table["n"]) == [12, 12]
    app = with_tab(app, "Files and configuration")
    app.number_input(key="go on iterations mine").set_value(3)
    app.button(key="go on mine").click()
    app = seen(app.run())
    assert ended(store, current_jobs(store)[0]).state == JobState.DONE
    assert open_set("mine").iterations == [1, 2, 3]
    app = with_tab(page(set="mine"), "Files and configuration")
    app.button(key="delete set mine").click()
    app = seen(app.run())
    assert "The set mine is gone." in said(app)
    assert instruction_sets() == []


def prompts_page() -> AppTest:
    return page(view="prompts")


def box(app: AppTest, name: str) -> Any:
    return labelled(app.text_area, name)


def test_a_prompt_is_changed_in_a_copy_and_can_be_reset(store: Store, tmp_path: Path) -> None:
    app = prompts_page()
    assert "As the program has it." in said(app)
    shipped = box(app, "classify.txt").value
    box(app, "classify.txt").set_value(f"{shipped}\nBe brief.")
    app = seen(app.run())
    assert "Not kept yet" in said(app)
    app.button(key="prompts keep").click()
    app = seen(app.run())
    assert changed() == ["classify"]
    assert own_texts()["classify"].endswith("Be brief.")
    assert shipped_texts()["classify"] == shipped
    app = prompts_page()
    assert box(app, "classify.txt").value.endswith("Be brief.")
    app.button(key="prompts reset button").click()
    app = seen(app.run())
    assert changed() == []
    assert box(app, "classify.txt").value == shipped


def test_a_prompt_without_its_places_is_refused_with_the_reason(store: Store) -> None:
    app = prompts_page()
    box(app, "classify.txt").set_value("Choose. {instruction} {instruction} {proposed}")
    app.run()
    app.button(key="prompts keep").click()
    app = seen(app.run())
    assert "Expected {instruction} once, but found it 2 times" in said(app)
    assert "There is nothing to put into {proposed}" in said(app)
    assert changed() == []
    app.button(key="try one").click()
    assert "Expected {instruction} once" in said(seen(app.run()))


def tried(app: AppTest) -> AppTest:
    """Wait for the writer, and draw what it wrote."""
    app.session_state["try run"].work.wait()
    return seen(app.run())


def test_one_instruction_goes_through_one_stage_with_prompt_reply_and_what_it_says(
    store: Store,
) -> None:
    app = prompts_page()
    area = box(app, "classify.txt")
    area.set_value(f"{area.value}\nMy own words.")
    app.text_area(key="try instruction").input(f"Describe it: {HOSTILE}")
    app.text_area(key="try input").input("a plum, ripe and round")
    app.button(key="try one").click()
    app = tried(seen(app.run()))
    text = said(app)
    assert "My own words." in text
    assert text.count("a plum, ripe and round") == 1
    assert "Option: B" in text
    assert "It says: option B, prefix." in text
    assert ESCAPED in text
    assert "<img" not in text


def test_a_later_stage_is_tried_alone_on_what_is_given(store: Store) -> None:
    app = prompts_page()
    app.radio(key="prompts name").set_value("refine")
    app = seen(app.run())
    app.text_area(key="try instruction").input("Add 12 and 7.")
    app.text_area(key="try proposed").input("Add them up, then say it twice.")
    app.button(key="try one").click()
    app = tried(seen(app.run()))
    assert "Complete: no" in said(app)
    assert "something was missing; better is" in said(app)
    assert "refine: by rules" in said(app)
    assert "classify: by" not in said(app)


def test_all_stages_end_with_what_becomes_of_it(store: Store) -> None:
    app = prompts_page()
    app.text_area(key="try instruction").input("Name its colour.")
    app.text_area(key="try input").input("a plum")
    app.text_input(key="try reference").input("Purple.")
    app.button(key="try all").click()
    app = tried(seen(app.run()))
    for stage in ("classify", "generate", "refine", "respond"):
        assert f"{stage}: by rules" in said(app)
    assert "What becomes of it: made" in said(app)


def test_a_writer_that_can_not_be_reached_is_one_sentence(store: Store) -> None:
    app = prompts_page()
    app.selectbox(key="try writer kind").select("Model by hub id or folder")
    app = seen(app.run())
    app.button(key="try one").click()
    app = seen(app.run())
    assert "Name the generator model." in said(app)
    app.text_input(key="try writer model").input("/nowhere/at/all")
    app.button(key="try one").click()
    app = tried(seen(app.run()))
    assert "/nowhere/at/all" in said(app)


def test_a_set_gets_its_own_copy_of_changed_prompts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_texts({"suffix": shipped_texts()["suffix"] + "\nBriefly."})
    started = []
    monkeypatch.setattr(new_set, "start_set", lambda _, name, config: started.append(config))
    app = opened_form()
    app.text_input(key="new set name").input("mine")
    app = seen(app.run())
    assert "Changed: suffix" in said(app)
    app.button(key="new set start").click()
    seen(app.run())
    (config,) = started
    copy = Path(str(config.prompts)) / "suffix.txt"
    reset_texts(["suffix"])
    assert copy.read_text().endswith("Briefly.")
    assert copy.parent.parent.name == "mine"


def test_a_large_training_file_is_written_where_the_set_lies(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGE", 0)
    one = small_set()
    app = with_tab(page(set="small"), "Files and configuration")
    app.button(key="export write").click()
    app = seen(app.run())
    assert "3 rows are in" in said(app)
    assert len(one.folder.export(2).read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.slow
@pytest.mark.skipif(
    not (shipped.BASE / "model.safetensors").is_file(), reason="no embedded model here"
)
def test_the_embedded_model_is_tried_and_what_it_can_not_do_is_said(store: Store) -> None:
    app = prompts_page()
    app.selectbox(key="try writer kind").select("Embedded model")
    app = seen(app.run())
    assert "was never taught to write instructions" in said(app)
    app.number_input(key="try writer tokens").set_value(8)
    app.button(key="try one").click()
    app = tried(seen(app.run()))
    assert "classify: by microlab" in said(app)
    assert "Of no use" in said(app)


def test_what_was_read_of_the_source_stands_with_the_files(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "own.jsonl"
    source.write_text('{"instruction": "Name it.", "input": 7, "output": "seven", "mood": "x"}\n')
    run_set("read", SeqInstructConfig(sources=(str(source),)))
    app = with_tab(page(set="read"), "Files and configuration")
    text = "\n".join(t.value for t in app.text)
    assert "own.jsonl: not used: mood" in text
    assert "own.jsonl: input: a number as text, 1 time (7)" in text


def test_what_a_writer_thought_stands_folded_beside_its_reply(store: Store) -> None:
    (seed,) = seeds("Name a plum.")
    said_so = reply("classify", "Option: D", thoughts=HOSTILE)
    write_set("thinks", [[seed], [went_on(seed, "held", option="D", replies=(said_so,))]])
    app = page(set="thinks", instruction="0")
    assert ESCAPED in said(app)
    assert "<img src=x" not in said(app)
