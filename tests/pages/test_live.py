"""The page Live: what is asked, what the models write, what is marked in it, kept and linked."""

import html
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.live import step_marks as marks
from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.live import LiveRequest, Phase, Streams, StreamState
from sit_core.live.link import params_of
from sit_core.live.sample_inputs import live_examples
from sit_core.live.step_marks import read_output
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.studies import list_studies
from tests.factories import REPEAT_ANSWER
from tests.live.fakes import FakeModel, loader

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
QUESTION = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
CHAIN = "First repeat the input, then answer the question."
ONE, TWO = ModelSpec("org/one"), ModelSpec("org/two")
HOSTILE = "<img src=x onerror='window.owned=1'> **bold** $x$ <script>1</script>\n# no heading"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """The store behind the page; no starter study, no embedded model."""
    monkeypatch.setenv("SIT_STARTER", "0")
    for name in ("FOLDER", "BASE", "HELD_OUT"):
        monkeypatch.setattr(shipped, name, tmp_path / "nothing" / name)
    return sqlite_store


def serve(monkeypatch: pytest.MonkeyPatch, *models: FakeModel) -> None:
    """Let the page find these models and no others."""
    streams = partial(Streams, load=loader(*models))
    monkeypatch.setattr("pages.live.outputs.Streams", streams)


def page(linked: LiveRequest | None = None, **params: Any) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    app.switch_page("live/page.py")
    for name, values in (params_of(linked) if linked else params).items():
        app.query_params[name] = values
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click()
    return seen(app.run())


def said(app: AppTest) -> str:
    return html.unescape(" ".join(h.value for h in app.html))


def columns(app: AppTest) -> list[str]:
    return [h.value for h in app.html if 'class="live-column"' in h.value]


def field(app: AppTest, kind: str, label: str) -> Any:
    return next(f for f in getattr(app, kind) if f.label == label)


def address(app: AppTest) -> dict[str, list[str]]:
    """The parameters of the page's address."""
    return {k: v if isinstance(v, list) else [v] for k, v in app.query_params.items()}


def asked(*models: ModelSpec, **changes: Any) -> LiveRequest:
    fields = {"instruction": CHAIN, "input": QUESTION, "models": models or (ONE,)}
    return LiveRequest(**(fields | changes))


def test_without_the_embedded_model_the_page_says_so_and_asks_for_one(store: Store) -> None:
    app = page()
    assert "embedded model is not here" in said(app)
    app = press(app, "Run")
    assert "Name a model" in said(app)
    assert columns(app) == []


def test_models_write_side_by_side_with_marks_and_estimates(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(
        monkeypatch,
        FakeModel(ONE, [QUESTION, "\n", "The answer is A"]),
        FakeModel(TWO, ["A bee lives in a hive."], cut=True),
    )
    app = press(page(asked(ONE, TWO)), "Run")
    first, second = columns(app)
    assert 'data-phase="done"' in first
    assert 'data-step="R"' in first
    assert 'data-step="A"' in first
    assert "Estimates by rule; people may judge otherwise" in " ".join(c.value for c in app.caption)
    assert "the question and all its choices are repeated" in first
    assert "3 tokens" in first
    assert "CUT" not in first
    assert "CUT by the limit" in second
    assert 'data-step="R"' not in second
    assert "org/two" in second


def test_a_visitor_can_t_have_any_variable_sent_as_a_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = ModelSpec("m", backend="openai", base_url="http://x.invalid/v1")
    monkeypatch.setenv("SIT_DATABASE_PASSWORD", "never said")
    started = []
    monkeypatch.setattr("pages.live.outputs.Streams", lambda *given: started.append(given))
    app = page(asked(served))
    field(app, "text_input", "Variable that holds the key").input("SIT_DATABASE_PASSWORD")
    app = press(app, "Run")
    assert "may not be used as a key" in said(app)
    assert "never said" not in said(app)
    assert started == []


def test_one_that_breaks_off_says_why_and_leaves_the_other_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = FakeModel(ONE, ["half "], fails=SitError("The endpoint <b>went</b> away."))
    serve(monkeypatch, broken, FakeModel(TWO, ["fine"]))
    app = press(page(asked(ONE, TWO)), "Run")
    first, second = columns(app)
    assert "The endpoint &lt;b&gt;went&lt;/b&gt; away." in first
    assert "half " in first
    assert 'data-phase="done"' in second


def test_a_model_that_is_not_there_is_one_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch)
    (only,) = columns(press(page(asked()), "Run"))
    assert 'role="alert"' in only
    assert "There is no model org/one." in only


def test_what_a_model_writes_is_never_markup(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, FakeModel(ONE, [HOSTILE]))
    app = press(page(asked(input=HOSTILE)), "Run")
    (only,) = columns(app)
    assert "<img" not in only
    assert "<script" not in only
    shown = re.search(r'class="live-text".*?>(.*?)</div>', only, re.DOTALL)
    assert html.unescape(re.sub("</?mark[^>]*>", "", shown[1])) == HOSTILE
    assert all(HOSTILE not in element.value for element in app.markdown)


def test_the_builder_and_the_text_are_two_views_of_one_thing(store: Store) -> None:
    app = page()
    text = field(app, "text_area", "Instruction")
    assert text.value == CHAIN
    app = press(press(app, "Paraphrase"), "Paraphrase")
    field(app, "selectbox", "Language of a step “translate”").select("German")
    app = press(app.run(), "Translate")
    text = field(app, "text_area", "Instruction")
    assert text.value == (
        "First repeat the input, then paraphrase the input, then paraphrase the input, then "
        "translate the input into German, then answer the question."
    )
    app.button(key="live out 1").click()
    app.run()
    app.button(key="live earlier 2").click()
    seen(app.run())
    assert field(app, "text_area", "Instruction").value == (
        "First repeat the input, then translate the input into German, then paraphrase the "
        "input, then answer the question."
    )
    field(app, "text_area", "Instruction").set_value("Copy the text, then sing.")
    seen(app.run())
    assert [t.value for t in app.text if t.value.startswith(("R  ", "A  "))] == [
        "R  Copy the text",
        "A  sing",
    ]
    field(app, "text_area", "Instruction").set_value("Sing.")
    seen(app.run())
    assert any("No steps recognised" in t.value for t in app.text)


def test_steps_named_by_hand_are_looked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, FakeModel(ONE, [QUESTION]))
    app = page(asked(instruction="Do as always."))
    field(app, "text_input", "Steps to look for").set_value("repeat, answer")
    (only,) = columns(press(app.run(), "Run"))
    assert 'data-step="R"' in only
    assert 'data-row="A"' in only


def test_a_link_fills_the_page_in_and_runs_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FakeModel(ONE, ["x"])
    serve(monkeypatch, model)
    ask = asked(ONE, settings=GenerationSettings(max_new_tokens=9, temperature=0.5, seed=4))
    app = page(ask)
    assert columns(app) == []
    assert model.closed == 0
    assert "models other than the embedded ones" in said(app)
    assert field(app, "text_area", "Input").value == QUESTION
    assert field(app, "text_input", "Hub id or folder").value == "org/one"
    assert field(app, "number_input", "Seed").value == 4
    app = press(app, "Run")
    assert "models other than" not in said(app)
    assert address(app) == params_of(ask)


def test_after_run_the_address_is_what_was_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, FakeModel(ONE, ["x"]))
    app = page(asked())
    field(app, "text_area", "Input").set_value("Other?")
    app = press(app.run(), "Run")
    assert address(app)["input"] == ["Other?"]
    shown = next(c.value for c in app.code if "instruction=" in c.value)
    assert parse_qs(urlsplit(shown).query) == address(app)
    # Changing a field afterwards is not undone by the address.
    field(app, "text_area", "Input").set_value("A third?")
    seen(app.run())
    assert field(app, "text_area", "Input").value == "A third?"
    assert "asked before" in said(app)


def test_a_link_to_a_presentation_names_the_models_of_others_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, FakeModel(ONE, ["x"]))
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    app.switch_page("live/page.py")
    for name, values in (params_of(asked()) | {"present": ["1"]}).items():
        app.query_params[name] = values
    app = seen(app.run())
    assert columns(app) == []
    assert "other than the embedded ones: org/one." in said(app)
    assert "other than the embedded ones" not in said(press(app, "Run"))


def test_examples_fill_both_texts_and_are_marked_while_they_stand_there(store: Store) -> None:
    app = page()
    pills = app.button_group(key="live examples")
    names = [option.content for option in pills.proto.options]
    assert [pills.options[i] for i in pills.indices] == names[:1]
    for name, example in zip(names[1:], live_examples()[1:], strict=True):
        app.button_group(key="live examples").select(name)
        seen(app.run())
        assert field(app, "text_area", "Instruction").value == example.instruction
        assert field(app, "text_area", "Input").value == example.input
    field(app, "text_area", "Input").set_value("My own?")
    seen(app.run())
    assert app.button_group(key="live examples").value in (None, [])


@pytest.mark.parametrize("present", [{}, {"present": ["1"]}])
def test_words_that_the_embedded_model_can_t_know_are_named_beside_the_outputs(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, present: dict[str, list[str]]
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setattr("pages.live.form.warm", lambda spec: None)
    if not (shipped.BASE / "model.safetensors").is_file():
        pytest.skip("the embedded model is not here")
    ours = ModelSpec(str(shipped.BASE))
    known = live_examples()[0].input

    def notices(text: str, *models: ModelSpec) -> list[str]:
        app = page(**params_of(LiveRequest(CHAIN, text, models=models)), **present)
        return [h.value for h in app.html if 'class="live-outside"' in h.value]

    (notice,) = notices(f"Who wrote <i>Hamlet</i>?\n{known}", ONE, ours)
    assert 'role="status"' in notice
    assert "<code>Who</code> <code>wrote</code> <code>i</code> <code>Hamlet</code>" in notice
    (many,) = notices(" ".join(f"foreign{i}" for i in range(9)), ours)
    assert "<code>foreign5</code> and 3 more" in many
    assert notices(known, ours) == []
    assert notices("Who wrote Hamlet?", ONE) == []  # of other models nobody knows


def test_in_presentation_the_keys_turn_round_and_round_the_examples(store: Store) -> None:
    app = press(page(), "Present")
    known = live_examples()
    for example in (*known[1:], known[0], known[1]):
        app = press(app, "Next")
        assert html.escape(example.instruction) in " ".join(h.value for h in app.html)
    app = press(press(app, "Previous"), "Previous")
    app = press(app, "Leave")
    assert field(app, "text_area", "Instruction").value == known[-1].instruction
    assert field(app, "text_area", "Input").value == known[-1].input


def test_a_broken_link_is_one_sentence_and_the_page_still_works(store: Store) -> None:
    app = page(ask=["nonsense"])
    assert "This link is broken" in said(app)
    seen(app.run())
    assert field(app, "text_area", "Instruction").value == CHAIN


def test_a_link_to_an_adapter_that_is_not_here_says_so(store: Store) -> None:
    app = page(instruction=[CHAIN], model=["microlab+gone"])
    assert "microlab+gone, which is not on this machine" in said(app)


def test_outputs_are_kept_as_samples_and_kept_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = FakeModel(TWO, ["half"], fails=SitError("Gone."))
    serve(monkeypatch, FakeModel(ONE, [QUESTION, "\nA"]), failed)
    app = press(page(asked(ONE, TWO)), "Run")
    app = press(app, "Keep")
    assert "1 kept as samples of the study 'live samples'" in said(app)
    (study,) = list_studies(store)
    assert (study.name, study.sample, study.chain) == ("live samples", 1, "R+A")
    assert study.runs[0].startswith("live: org/one ")
    app = press(app, "Keep")
    assert "there already" in said(app)
    assert list_studies(store)[0].sample == 1
    app.switch_page("runs/page.py")
    (row,) = seen(app.run()).dataframe[-1].value.to_dict("records")
    assert (row["State"], row["Outputs"], row["Model"]) == ("live", 1, "org/one")


def test_presentation_shows_texts_instead_of_fields_and_still_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, FakeModel(ONE, ["x"]))
    app = page(asked())
    app = press(app, "Present")
    assert address(app)["present"] == ["1"]
    assert not app.text_area
    assert not app.selectbox
    assert "Where do bees live?" in said(app)
    assert {b.label for b in app.button} == {"Run", "Previous", "Next", "Leave"}
    app = press(app, "Run")
    assert len(columns(app)) == 1
    assert address(app) == params_of(asked()) | {"present": ["1"]}
    app = press(app, "Leave")
    assert "present" not in address(app)
    assert field(app, "text_area", "Input").value == QUESTION
    field(app, "text_area", "Input").set_value("Typed since?")
    app = press(press(app.run(), "Present"), "Leave")  # not filled from the address once more
    assert field(app, "text_area", "Input").value == "Typed since?"


def test_every_phase_of_a_column_can_be_drawn() -> None:
    example = Example(CHAIN, QUESTION, steps=REPEAT_ANSWER)
    for phase in Phase:
        for text in ("", HOSTILE):
            shown = StreamState(ONE, phase, text, pieces=3, loaded=0.1, first=0.2)
            drawn = marks.column(shown, HOSTILE, example.steps, read_output(text, example), 1.0)
            assert f'data-phase="{phase.value}"' in drawn
            assert "<img" not in drawn
