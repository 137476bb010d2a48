"""From each step of the work to the next with the choice carried over; forms remember."""

import html
import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.augment.config import MixtureConfig
from sit_core.augment.mixture import write_mixture
from sit_core.augment.mixtures import lay_down, mixtures
from sit_core.seq_instruct.instruction_set import open_set
from sit_core.settings import settings
from sit_core.store import Store
from tests.factories import make_run, make_study
from tests.instruction_sets import small_set

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    for name in ("a", "b", "c"):
        make_run(sqlite_store, name)
    return sqlite_store


def page(name: str, **params: Any) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    return go(app, name, **params)


def go(app: AppTest, name: str, **params: Any) -> AppTest:
    app.switch_page(f"{name}/page.py")
    app.query_params.clear()
    for key, value in params.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest, kind: str) -> str:
    return html.unescape(" ".join(e.value for e in app.html if f'data-kind="{kind}"' in e.value))


def adapter(name: str, base: str) -> Path:
    folder = settings().home / "adapters" / name
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    return folder


def test_a_link_opens_the_form_for_a_run_with_adapter_and_base(store: Store) -> None:
    folder = adapter("mine", "org/base")
    app = page("runs", new="1", model="home+mine")
    assert app.selectbox(key="new run kind").value == "Model by hub id or folder"
    assert app.text_input(key="new run model").value == "org/base"
    assert app.selectbox(key="new run adapter").value == str(folder)
    assert "mine (adapter)" in app.selectbox(key="new run adapter").options
    assert "new" not in app.query_params
    assert not app.warning


def test_an_adapter_of_the_list_brings_its_base_and_a_path_can_be_typed(store: Store) -> None:
    folder = adapter("mine", "org/base")
    app = page("runs", new="1", model="org/other")
    assert app.text_input(key="new run model").value == "org/other"
    assert app.selectbox(key="new run adapter").value is None
    app.selectbox(key="new run adapter").set_value(str(folder)).run()
    assert app.text_input(key="new run model").value == "org/base"
    assert any(f"--adapter={folder}" in code.value for code in app.code)
    assert app.selectbox(key="new run adapter").proto.accept_new_options


def test_runs_go_to_score_judge_and_study_with_themselves_chosen(store: Store) -> None:
    scores = page("scores", run=["a", "b"], new="1")
    assert scores.multiselect(key="scores runs").value == ["a", "b"]
    assert scores.button(key="score form start").label == "Score 2 runs"
    judged = page("judge", run=["b"], new="1")
    assert judged.multiselect(key="judge form runs").value == ["b"]
    study = page("studies", run=["b", "c"])
    assert study.multiselect(key="new study runs").value == ["b", "c"]
    wrong = page("studies", run=["b", "zz"])
    assert "zz" in said(wrong, "error")
    assert wrong.multiselect(key="new study runs").value == ["b"]


def test_a_mixture_is_trained_on(store: Store, tmp_path: Path) -> None:
    rows = [{"instruction": f"Say {i}.", "input": "", "output": str(i)} for i in range(9)]
    source = tmp_path / "rows.json"
    source.write_text(json.dumps(rows))
    for name in ("first", "mine"):
        config = MixtureConfig(sources=[str(source)])
        write_mixture(config, lay_down(name, config).parent / f"{name}.jsonl")
    made = page("augment", mixture="mine")
    assert "Train on this" in [link.label for link in made.page_link]
    app = page("train", mixture="mine")
    assert app.selectbox(key="new training data").value == "A mixture"
    assert app.selectbox(key="new training mixture").value == "mine"
    mine = next(one for one in mixtures() if one.name == "mine")
    assert any(str(mine.train) in code.value for code in app.code)
    assert "mien" in said(page("train", mixture="mien"), "error")


def test_a_set_of_seq_instruct_is_trained_on(store: Store) -> None:
    small_set()
    one = open_set("small")
    app = page("train", set="small", iteration="1")
    assert app.selectbox(key="new training data").value == "A set of Seq-Instruct"
    assert app.selectbox(key="new training set").value == "small"
    assert app.selectbox(key="new training iteration").value == 1
    assert one.folder.export(1).is_file()
    assert any(str(one.folder.export(1)) in code.value for code in app.code)


def test_forms_begin_with_what_was_said_in_them_last(store: Store) -> None:
    app = page("runs", new="1", model="org/base")
    app.number_input(key="new run model.max_new_tokens").set_value(77)
    app.text_input(key="new run run").input("not again")
    app.text_input(key="new run model").input("org/mine")
    app.run()
    go(app, "jobs")
    go(app, "runs", new="1")
    assert app.number_input(key="new run model.max_new_tokens").value == 77
    assert app.text_input(key="new run model").value == "org/mine"
    assert app.text_input(key="new run run").value == ""
    app.button(key="new run close").click().run()  # closed, and opened again
    go(app, "runs", new="1")
    assert app.number_input(key="new run model.max_new_tokens").value == 77
    assert not app.warning
    assert not app.exception
    other = page("runs", new="1")  # another visitor
    assert other.number_input(key="new run model.max_new_tokens").value == 256


def test_a_study_begins_with_the_numbers_of_the_last_one_but_its_own_runs(store: Store) -> None:
    make_study(store, "s", ["a"])
    app = page("studies", run=["a"])
    app.number_input(key="new study people").set_value(3)
    app.checkbox(key="new study blind").uncheck()
    app.run()
    app.button(key="cancel the study").click().run()
    go(app, "studies", run=["b"])
    assert app.number_input(key="new study people").value == 3
    assert not app.checkbox(key="new study blind").value
    assert app.multiselect(key="new study runs").value == ["b"]


def test_an_address_with_a_password_is_not_remembered(store: Store) -> None:
    app = page("runs", new="1")
    app.selectbox(key="new run kind").set_value("OpenAI-compatible endpoint").run()
    app.text_input(key="new run url").input("http://me:hush@host/v1").run()
    app.text_input(key="new run url").input("http://host/v1").run()
    app.text_input(key="new run url").input("http://me:hush@host/v1").run()
    assert "hush" not in repr(app.session_state["said last in new run "])


def opened(app: AppTest, form: str) -> None:
    """Open the form where it isn't; an empty list of sets begins with it."""
    if not [one for one in app.text_input if one.key == f"{form} name"]:
        app.button(key=f"open {form}").click().run()


@pytest.mark.parametrize(
    ("where", "form"),
    [("train", "new training"), ("augment", "new mixture"), ("seq_instruct", "new set")],
)
def test_a_name_is_given_anew_though_the_form_remembers_the_rest(
    store: Store, where: str, form: str
) -> None:
    """With an earlier name the form would begin on work that is there already."""
    app = page(where)
    opened(app, form)
    app.text_input(key=f"{form} name").input("once")
    numbers = [one.key for one in app.number_input if str(one.key).endswith("seed")]
    app.number_input(key=numbers[0]).set_value(41)
    app.run()
    go(app, "jobs")
    go(app, where)
    opened(app, form)
    assert app.number_input(key=numbers[0]).value == 41
    assert app.text_input(key=f"{form} name").value == ""
    kept = app.session_state[f"said last in {form} "]
    assert "once" not in kept.values()
