"""How calls ended and what models thought is shown, folded and never as part of an output."""

from urllib.parse import parse_qs

import pytest
from sqlalchemy import update

from pages.live import step_marks as marks
from sit_core.live import Phase, StreamState
from sit_core.live.step_marks import read_output
from sit_core.models.interface import ModelSpec
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.run_check import repair
from sit_core.store.schema import predictions
from tests.factories import REPEAT_ANSWER, judge, make_run, make_study
from tests.pages.test_inspect_outputs import drawn as drawn_by_inspect
from tests.pages.test_inspect_outputs import joined
from tests.pages.test_inspect_outputs import page as inspect
from tests.pages.test_runs import page, press, shown

EVIL = "<img src=x onerror=alert(1)> **b**"
THOUGHT = f"<think>\n{EVIL}\n</think>\n\nParis."


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def changed(store: Store, prediction_id: str, **values: object) -> None:
    with store.write() as connection:
        connection.execute(
            update(predictions).where(predictions.c.id == prediction_id).values(**values)
        )


def test_runs_counts_and_splits_and_says_what_is_set_aside(store: Store) -> None:
    made = make_run(store, "a", [THOUGHT, "Rome.", "Oslo."])
    make_study(store, "s", ["a"])
    judge(store, "s", made[0], "ann", {"repeat": "yes"})
    changed(store, made[1], outcome="cut")
    changed(store, made[2], outcome="refused")
    app = page("runs/page.py", run="a")
    assert "Of 3 outputs: 1 cut by a limit, 1 refused by the model or a filter." in shown(app)
    links = {link.proto.label: parse_qs(link.proto.query_string) for link in app.get("page_link")}
    assert links["Open the 1 cut by a limit"] == {"run": ["a"], "outcome": ["cut"]}
    assert links["Open the 1 refused by the model or a filter"]["outcome"] == ["refused"]
    app = press(app, "Look through them")
    assert "3 outputs: 1 hold thoughts, 0 are none." in shown(app)
    app = press(app, "Split the thoughts off")
    said = "\n".join(h.value for h in app.html)
    assert "Split: 1 outputs; freed: 0. Set aside with their former texts: 1 judgments." in said
    app = page("runs/page.py", run="a")
    assert "1 with thoughts apart" in shown(app)
    assert "1 verdicts were made on texts that these outputs had before" in "\n".join(
        h.value for h in app.html
    )


def test_inspect_shows_outcome_thoughts_and_former_text(store: Store) -> None:
    (made,) = make_run(store, "a", [THOUGHT])
    make_study(store, "s", ["a"])
    judge(store, "s", made, "ann", {"repeat": "yes"})
    repair(store, split=True)
    changed(store, made, outcome="cut", meta={"reason": EVIL})
    app = inspect(sample=made)
    opened = drawn_by_inspect(app)["open"]
    assert opened["ended"] == f"Cut: a limit ended it. {EVIL}"
    assert EVIL in joined(opened["thoughts"])
    assert joined(opened["text"]) == "Paris."
    (former,) = opened["former"]
    assert former["why"] == "its thoughts were split off"
    assert joined(former["text"]) == THOUGHT
    assert former["said"] == ["ann: repeat yes"]
    assert not any(EVIL in h.value for h in (*app.html, *app.markdown, *app.caption))


def test_live_folds_thoughts_and_says_why_there_is_no_answer() -> None:
    example = Example("Repeat it.", "x", steps=REPEAT_ANSWER)

    def drawn(text: str, **more: object) -> str:
        one = StreamState(ModelSpec("m"), Phase.DONE, text, **more)  # type: ignore[arg-type]
        return marks.column(one, "m", example.steps, read_output(text, example), 1.0)

    html = drawn("Paris.", thoughts=EVIL)
    before, _, after = html.partition('class="live-text"')
    assert "<details" in before
    assert "Thoughts (" in before
    assert "&lt;img" in before
    assert "img" not in after
    assert "<img" not in html
    assert "<details" not in drawn("Paris.")
    only = drawn("", thoughts="Hm.", reason="it is nothing but thoughts")
    assert "(no answer: it is nothing but thoughts)" in only
    assert "REFUSED: the model declined" in drawn("No.", refused=True)
