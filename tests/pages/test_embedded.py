"""Every page that shows outputs of the embedded model says what it is; others don't."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from sit_core.embedded.shipped import MICROLAB, NAME
from sit_core.jobs.process import this_host
from sit_core.records import JudgeKind
from sit_core.store import Store
from sit_core.store.jobs import add_job
from sit_core.store.schema import runs
from tests.factories import judge, make_run, make_study
from tests.pages.test_runs import page

SHOWING: dict[str, Callable[[list[str]], dict[str, str]]] = {
    "annotate/page.py": lambda ids: {"study": "s"},
    "runs/page.py": lambda ids: {},
    "studies/page.py": lambda ids: {"study": "s"},
    "results/page.py": lambda ids: {"study": "s"},
    "scores/page.py": lambda ids: {"run": "mine"},
    "inspect_outputs/page.py": lambda ids: {"sample": ids[0]},
    "jobs/page.py": lambda ids: {},
}


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def filled(store: Store, model: str) -> list[str]:
    ids = make_run(store, "mine", 2)
    with store.write() as connection:
        connection.execute(update(runs).values(model=model))
    make_study(store, "s", ["mine"])
    judge(store, "s", ids[0], "ann", {"repeat": "yes", "answer": "yes"}, kind=JudgeKind.HUMAN)
    words = ["predict", f"--model={model}", "--run=mine", "--examples=microlab"]
    add_job(store, words, title="t", folder="/", host=this_host())
    return ids


def notes(app: AppTest) -> int:
    captions = [caption.value for caption in app.caption]
    captions += [one.proto.json for one in app.get("bidi_component")]
    return sum(NAME in text for text in captions)


@pytest.mark.parametrize("name", SHOWING)
def test_a_page_says_so_once(store: Store, name: str) -> None:
    ids = filled(store, MICROLAB)
    if name == "annotate/page.py":
        app = page(name, study="s")
        app.session_state["annotator"] = "ann"
        assert notes(app.run()) == 1
        return
    assert notes(page(name, **SHOWING[name](ids))) == 1


def test_a_run_that_is_open_says_so_and_the_list_not_again(store: Store) -> None:
    filled(store, MICROLAB)
    assert notes(page("runs/page.py", run="mine")) == 1
    assert notes(page("inspect_outputs/page.py")) == 1


@pytest.mark.parametrize("name", SHOWING)
def test_of_other_models_nothing_is_said(store: Store, name: str) -> None:
    ids = filled(store, "some-org/some-model")
    assert notes(page(name, **SHOWING[name](ids))) == 0
