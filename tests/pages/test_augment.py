"""The page Augment: choose, look at what changes, make it as a job, and open what was made."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.augment.config import MixtureConfig
from sit_core.augment.mixture import write_mixture
from sit_core.augment.mixtures import lay_down, mixtures, name_of, words_for
from sit_core.jobs import JobState, current_jobs
from sit_core.store import Store
from tests.augment.conftest import ROWS, written
from tests.jobs.conftest import ended

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return sqlite_store


@pytest.fixture
def source(tmp_path: Path) -> str:
    rows = [*ROWS, {"instruction": "*b* <b>", "input": "$x$ <i>", "output": "**y** </div>"}]
    return str(written(tmp_path / "d.json", rows))


def page(**params: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    app.switch_page("augment/page.py")
    for key, value in params.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(h.value for h in app.html)


def chosen(source: str) -> AppTest:
    app = page()
    app.selectbox(key="new mixture kind").select("A path, or a data set by name")
    seen(app.run())
    app.text_input(key="new mixture path").input(source)
    return seen(app.run())


def test_nothing_is_chosen_and_nothing_can_be_made(store: Store) -> None:
    app = page()
    assert app.button(key="new mixture start").disabled
    assert not app.dataframe


def test_a_change_is_shown_before_and_after_with_what_was_added_marked(
    store: Store, source: str
) -> None:
    app = chosen(source)
    assert "<mark" in said(app)
    assert "a plum: ripe&#10;and round&#10;</mark>Purple." in said(app)
    assert "Name ITS colour." in said(app)
    app.number_input(key="new example").set_value(3)
    app = seen(app.run())
    for hostile in ("<b>", "<i>", "</div>"):
        assert hostile.replace("<", "&lt;").replace(">", "&gt;") in said(app)
    assert "*b* &lt;b&gt;" in said(app)


def test_the_yaml_and_the_command_are_those_that_run(store: Store, source: str) -> None:
    app = chosen(source)
    app.text_input(key="new mixture name").input("mine")
    app.number_input(key="new mixture seed").set_value(7)
    app = seen(app.run())
    shown = [code.value for code in app.code]
    assert any("seed: 7" in text and source in text for text in shown)
    assert any(" ".join(words_for("mine")) in text for text in shown)


def test_what_can_not_be_is_said(store: Store, source: str) -> None:
    app = chosen(source)
    app.multiselect(key="new mixture chains").set_value(["P+A"])
    app = seen(app.run())
    assert "None of the first 5 rows becomes a sequence" in said(app)
    assert "no text for the step &#x27;paraphrase&#x27;" in said(app)
    app.multiselect(key="new mixture chains").set_value(["R+A"])
    app.text_area(key="new mixture wordings repeat").input("copy the text of the input")
    app = seen(app.run())
    assert "must not be trained on" in said(app)
    assert app.button(key="new mixture start").disabled


def test_a_name_that_can_not_be_used_starts_nothing(store: Store, source: str) -> None:
    app = chosen(source)
    app.text_input(key="new mixture name").input(" \u200b")
    app.button(key="new mixture start").click()
    assert "A mixture needs a name" in said(seen(app.run()))
    assert current_jobs(store) == []


@pytest.mark.slow
def test_a_mixture_is_made_as_a_job_and_opened(store: Store, source: str) -> None:
    app = chosen(source)
    app.text_input(key="new mixture name").input("mine")
    app.button(key="new mixture start").click()
    app = seen(app.run())
    (job,) = current_jobs(store)
    assert name_of(job.command) == "mine"
    assert ended(store, job).state == JobState.DONE
    app = page(mixture="mine")
    assert "mine" in said(app)
    assert [m.value for m in app.metric] == ["5", "0", "3 of 5", "5"]
    (made,) = mixtures()
    assert made.made["chains"] == {"A": 2, "R+A": 3}


def test_what_was_made_is_listed_counted_and_handed_out(store: Store, source: str) -> None:
    config = MixtureConfig(sources=(source,), chains=("R+A",), held_out=1)
    folder = lay_down("mine", config).parent
    write_mixture(config, folder / "mine.jsonl")
    app = page(mixture="mine")
    table = app.dataframe[-1].value.to_dict("records")
    assert [(row["Mixture"], row["Sequential"], row["Held out"]) for row in table] == [
        ("mine", 3, 1)
    ]
    counts = app.dataframe[0].value.to_dict("records")
    assert {"": "Chain", "what": "R+A", "n": 3} in counts
    assert {"": "Stayed unchanged", "what": "it has no input", "n": 2} in counts
    assert "No token is set" in " ".join(text.value for text in app.text)


def test_a_mixture_that_is_not_there_gets_the_nearest_suggested(store: Store, source: str) -> None:
    config = MixtureConfig(sources=(source,), chains=("R+A",))
    write_mixture(config, lay_down("mine", config).parent / "mine.jsonl")
    app = page(mixture="mien")
    assert any("did you mean 'mine'" in text.value for text in app.text)


def test_the_token_is_used_and_shown_nowhere(
    store: Store, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    calls = []

    class Api:
        def __init__(self, token: str) -> None:
            self.token = token

        def create_repo(self, repo: str, **how: object) -> None:
            calls.append((repo, how["private"]))

        def upload_file(self, **how: object) -> None:
            calls.append((how["path_in_repo"], self.token))
            if how["path_in_repo"] == "README.md":
                raise OSError(f"401: {self.token} is not allowed")

    monkeypatch.setenv("HF_TOKEN", "hf_very_secret")
    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    config = MixtureConfig(sources=(source,), chains=("R+A",))
    write_mixture(config, lay_down("mine", config).parent / "mine.jsonl")
    app = page(mixture="mine")
    app.text_input(key="push repository").input("me/set")
    app.button(key="push mixture").click()
    app = seen(app.run())
    assert calls[0] == ("me/set", True)
    assert ("train.jsonl", "hf_very_secret") in calls
    assert "The hub did not take me/set: 401: (the token) is not allowed" in said(app)
    everything = said(app) + json.dumps([t.value for t in app.text] + [c.value for c in app.code])
    assert "hf_very_secret" not in everything


def test_what_was_read_of_the_source_stands_with_the_mixture(store: Store, tmp_path: Path) -> None:
    rows = [{"instruction": "Say it.", "input": 7, "output": "seven, 7", "mood": "x"}]
    source = str(written(tmp_path / "own.json", rows))
    config = MixtureConfig(sources=(source,), chains=("R+A",))
    write_mixture(config, lay_down("mine", config).parent / "mine.jsonl")
    text = "\n".join(t.value for t in page(mixture="mine").text)
    assert "own.json: not used: mood" in text
    assert "own.json: input: a number as text, 1 time (7)" in text
