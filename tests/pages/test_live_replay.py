"""Replays on the page Live: marked as such, verbatim, from a link, beside other runs."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from pages.live import step_marks as marks
from sit_core.embedded import shipped
from sit_core.live import Phase, StreamState
from sit_core.live.replay import Replay
from sit_core.live.step_marks import read_output
from sit_core.models import ModelSpec
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.schema import predictions, runs
from tests.factories import REPEAT_ANSWER, make_run
from tests.pages.test_live import HOSTILE, MAIN, address, columns, field, press, said, seen


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """The store behind the page; no starter study, no embedded model, no model at all."""
    monkeypatch.setenv("SIT_STARTER", "0")
    for name in ("FOLDER", "BASE", "HELD_OUT"):
        monkeypatch.setattr(shipped, name, tmp_path / "nothing" / name)
    monkeypatch.setattr("pages.live.outputs.Streams", None)
    return sqlite_store


def page(**params: Any) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    app.switch_page("live/page.py")
    for name, values in ({"pace": ["at once"]} | params).items():
        app.query_params[name] = values
    return seen(app.run())


def shown(column: str) -> str:
    """The text of a column's output."""
    found = re.search(r'class="live-text".*?>(.*?)</div>', column, re.DOTALL)
    assert found
    return html.unescape(re.sub("</?mark[^>]*>", "", found[1]))


def test_without_runs_nothing_is_offered(store: Store) -> None:
    assert "Replay" not in [b.label for b in page().button]


def test_a_link_plays_stored_outputs_side_by_side_and_says_what_they_are(store: Store) -> None:
    mine = make_run(store, "mine", ["Question 0?\nanswer 0", "x"])
    yours = make_run(store, "<b>yours</b>", [HOSTILE, "y"])
    app = page(replay=[mine[0], yours[0]])
    first, second = columns(app)
    assert shown(first) == "Question 0?\nanswer 0"
    assert shown(second) == HOSTILE
    assert "<img" not in second
    assert "<b>yours" not in second
    for column, run in ((first, "mine"), (second, "<b>yours</b>")):
        assert ">Replay</span>" in column
        assert html.escape(run) in column
        assert "in the store since 1970-01-01 00:00 UTC" in column
        assert "tokens" not in column  # nothing is said of how fast a model was
    assert any("no model runs" in c.value for c in app.caption)
    assert "Question 0?" in said(app)
    assert address(app)["replay"] == [mine[0], yours[0]]


def test_the_button_opens_the_newest_run_beside_others_and_leads_back(store: Store) -> None:
    mine, yours = make_run(store, "a", 2), make_run(store, "b", 2)
    app = page()
    app = press(app, "Replay")
    assert sorted(address(app)["replay"]) == sorted([yours[0], mine[0]])
    app = press(app, "Ask models")
    assert "replay" not in address(app)
    assert field(app, "text_area", "Instruction").value


def test_the_next_question_and_another_run_are_written_into_the_address(store: Store) -> None:
    mine, yours = make_run(store, "a", 3), make_run(store, "b", 2)
    make_run(store, "c", 1, inputs=["Else?"])
    app = page(replay=[mine[0], yours[0]])
    app = press(app, "Next")
    assert address(app)["replay"] == [mine[1], yours[1]]
    app = press(app, "Next")  # of this one the other run has no output
    assert address(app)["replay"] == [mine[2]]
    app = press(app, "Next")
    assert address(app)["replay"] == [mine[0]]
    assert address(app)["pace"] == ["at once"]
    field(app, "selectbox", "Run 2").select("b")
    seen(app.run())
    assert address(app)["replay"] == [mine[0], yours[0]]
    assert field(app, "selectbox", "Run 1").options == ["a", "b", "c"]
    field(app, "selectbox", "Run 1").select("c")
    seen(app.run())
    assert "Else?" in said(app)
    assert len(columns(app)) == 1


def test_how_an_output_ended_is_named_at_its_end(store: Store) -> None:
    cut, refused, empty = make_run(store, "a", ["half", "No.", ""])
    with store.write() as connection:
        for made, values in ((cut, {"outcome": "cut"}), (refused, {"outcome": "refused"})):
            connection.execute(update(predictions).where(predictions.c.id == made).values(**values))
    assert "CUT by the limit" in columns(page(replay=[cut]))[0]
    assert "REFUSED: the model declined" in columns(page(replay=[refused]))[0]
    (nothing,) = columns(page(replay=[empty]))
    assert "(the model wrote nothing)" in nothing
    assert shown(nothing) == ""


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"replay": ["gone"]}, "no output with the id 'gone'"),
        ({"replay": ["a", "b", "c", "d"]}, "at most 3 outputs"),
        ({"replay": ["a"], "pace": ["warp"]}, "no pace 'warp'"),
        ({"replay": [""]}, "no output with the id ''"),
    ],
)
def test_a_broken_link_is_one_sentence_with_a_way_back(store: Store, params, sentence) -> None:
    app = page(**params)
    assert sentence in said(app)
    app = press(app, "Ask models")
    assert field(app, "text_area", "Instruction").value


def test_a_replay_of_the_embedded_model_says_what_it_can_t_know(store: Store) -> None:
    made = make_run(store, "a", 1, inputs=["Question: Who wrote Hamlet?"])
    with store.write() as connection:
        connection.execute(update(runs).values(model="microlab"))
    app = page(replay=made)
    (notice,) = [h.value for h in app.html if 'role="status"' in h.value]
    assert "<code>Hamlet</code>" in notice
    with store.write() as connection:
        connection.execute(update(runs).values(model="org/model"))
    assert not any('role="status"' in h.value for h in page(replay=made).html)


def test_in_presentation_there_are_texts_and_keys_alone(store: Store) -> None:
    made = make_run(store, "a", 2)
    app = page(replay=[made[0]], present=["1"])
    assert {b.label for b in app.button} == {"Play", "Previous", "Next", "Leave"}
    assert not app.selectbox
    app = press(app, "Next")
    assert address(app) == {"replay": [made[1]], "pace": ["at once"], "present": ["1"]}
    app = press(app, "Leave")
    assert address(app) == {"replay": [made[1]], "pace": ["at once"]}


def test_playing_again_begins_anew_and_another_press_does_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    class Counted(Replay):
        def __init__(self, *given: Any) -> None:
            begun.append(given)
            super().__init__(*given)

    monkeypatch.setattr("pages.live.replay.Replay", Counted)
    app = page(replay=make_run(store, "a", 1))
    assert len(begun) == 1
    app = press(app, "Stop")
    assert len(begun) == 1
    press(app, "Play")
    assert len(begun) == 2


def test_an_answer_that_is_compared_with_nothing_has_no_tick() -> None:
    question = "Question: Where?\nChoices: A:hive, B:sea"
    for gold, ticks, says in ((None, 1, "some answer"), ("B", 1, "some answer"), ("A", 3, "done")):
        example = Example("…", question, steps=REPEAT_ANSWER, reference=gold)
        text = f"{question}\nA"
        state = StreamState(ModelSpec("m"), Phase.DONE, text)
        drawn = marks.column(state, "m", example.steps, read_output(text, example), 1.0)
        _, _, rows = drawn.partition('class="live-estimates"')
        assert rows.count('data-sign="done"') == ticks
        assert f'data-row="A" data-kind="A" data-says="{says}"' in rows
        assert ("there is some answer: it answers A" in rows) == (gold != "A")
        assert ('data-sign="done"' in drawn.partition('class="live-box"')[0]) == (gold == "A")


def test_while_it_grows_what_is_missing_is_not_called_missing() -> None:
    example = Example("…", "Where?\nChoices: A:hive, B:sea", steps=REPEAT_ANSWER)
    for phase, says in ((Phase.WRITING, "not yet"), (Phase.DONE, "not"), (Phase.STOPPED, "not")):
        state = StreamState(ModelSpec("m"), phase, "Whe")
        drawn = marks.column(state, "m", example.steps, read_output("Whe", example), 1.0)
        assert f'data-row="A" data-kind="A" data-says="{says}"' in drawn
