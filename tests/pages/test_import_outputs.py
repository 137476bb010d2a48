"""The Import page: dropped files are looked at, corrected, imported once, and lead onwards."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.store import Store
from sit_core.store.runs import list_runs

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")
ROW = {"instruction": "First repeat the input, then answer.", "input": "1?", "output": "one"}


def jsonl(*rows: Any) -> bytes:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows).encode()


@pytest.fixture
def app(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("SIT_STARTER", "0")
    at = AppTest.from_file(MAIN, default_timeout=30).run()
    return at.switch_page("import_outputs/page.py").run()


def drop(app: AppTest, **files: bytes) -> AppTest:
    for name, data in files.items():
        app.file_uploader[0].upload(name.replace("_DOT_", "."), data)
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label.startswith(label)).click()
    return settle(app.run())


def settle(app: AppTest) -> AppTest:
    """Wait for the import's thread, then draw what came of it."""
    if "import_job" in app.session_state:
        app.session_state["import_job"].wait()
        app.run()
    return seen(app)


def said(app: AppTest) -> str:
    return " ".join(h.value for h in app.html)


def figures(app: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


def test_an_empty_page_shows_what_a_file_may_look_like(app: AppTest) -> None:
    assert not app.exception
    example = app.code[0].value
    rows = [json.loads(line) for line in example.splitlines()]
    assert all({"instruction", "output"} <= set(row) for row in rows)
    assert not app.dataframe


def test_a_dropped_file_is_shown_with_all_that_was_guessed(app: AppTest) -> None:
    drop(app, model_DOT_jsonl=jsonl({**ROW, "target": "B"}))
    assert "model.jsonl" in [t.value for t in app.text]
    boxes = {b.label: b.value for b in app.selectbox}
    assert boxes["Format"] == "auto"
    assert (boxes["Output"], boxes["Reference"], boxes["Image"]) == ("output", "target", None)
    _, run, steps = app.text_input
    assert (run.value, steps.placeholder) == ("model", "repeat, answer")
    assert [c.value for c in app.code] == [ROW["instruction"], "1?\n\nGold: B", "one"]


def test_two_files_are_imported_by_one_click_and_a_study_is_next(
    app: AppTest, sqlite_store: Store
) -> None:
    drop(app, a_DOT_jsonl=jsonl(ROW), b_DOT_jsonl=jsonl(ROW, {**ROW, "input": "2?", "output": ""}))
    press(app, "Import 2 files")
    assert figures(app)["Imported"] == "3"
    assert figures(app)["Empty outputs among the new"] == "1"
    assert {r.name: r.outputs for r in list_runs(sqlite_store)} == {"a": 1, "b": 2}
    assert set(app.dataframe[-1].value["run"]) == {"a", "b"}
    next(b for b in app.button if b.label == "Make a study of these runs").click()
    app.run()
    boxes = [box.value for box in app.multiselect]  # the Studies page takes the names over
    assert ["a", "b"] in (*boxes, app.session_state.get("new_study_runs"))
    assert "import_plans" not in app.session_state


def test_after_the_import_the_page_lets_go_of_the_files(app: AppTest) -> None:
    drop(app, a_DOT_jsonl=jsonl(ROW))
    press(app, "Import 1 file")
    press(app, "Import more")
    assert app.file_uploader[0].value in (None, [])
    for name in ("import_job", "import_plans", "import_looks"):
        assert name not in app.session_state


def test_the_same_file_again_is_known(app: AppTest) -> None:
    for expected in ("1", "0"):
        drop(app, a_DOT_jsonl=jsonl(ROW))
        press(app, "Import 1 file")
        assert figures(app)["Imported"] == expected
        press(app, "Import more")


def test_problems_are_listed_and_the_good_rows_can_be_imported(
    app: AppTest, sqlite_store: Store
) -> None:
    drop(app, a_DOT_jsonl=jsonl(ROW, '{"broken', {**ROW, "input": "2?"}))
    press(app, "Import 1 file")
    assert figures(app)["Refused"] == "1"
    assert "nothing was stored" in said(app)
    problems = app.dataframe[0].value
    assert (problems["file"][0], problems["line"][0]) == ("a.jsonl", 2)
    assert "broken JSON" in problems["reason"][0]
    assert list_runs(sqlite_store) == []
    press(app, "Import the good rows (2)")
    assert figures(app)["Imported"] == "2"
    assert list_runs(sqlite_store)[0].outputs == 2


def test_run_columns_and_steps_can_be_corrected(app: AppTest, sqlite_store: Store) -> None:
    drop(app, a_DOT_csv=b"ask,wrote\nDo it.,done\n")
    assert "recognised" in said(app)
    next(b for b in app.selectbox if b.label == "Instruction").set_value("ask")
    next(b for b in app.selectbox if b.label == "Output").set_value("wrote")
    app.text_input[1].set_value("my run")
    app.text_input[2].set_value("summarise=S, answer")
    seen(app.run())
    press(app, "Import 1 file")
    (run,) = list_runs(sqlite_store)
    assert (run.name, run.chains) == ("my run", ("S+A",))


def test_steps_or_names_that_cannot_be_keep_the_button_shut(app: AppTest) -> None:
    drop(app, a_DOT_jsonl=jsonl(ROW), b_DOT_jsonl=jsonl(ROW))
    app.text_input[2].set_value("repaet")
    seen(app.run())
    assert "did you mean" in said(app)
    assert next(b for b in app.button if b.label.startswith("Import")).disabled
    app.text_input[2].set_value("")
    app.text_input[3].set_value("a")
    seen(app.run())
    assert "Two files have the run name" in said(app)
    assert next(b for b in app.button if b.label.startswith("Import")).disabled


def test_a_file_of_another_kind_is_told_on_its_line(app: AppTest) -> None:
    drop(app, a_DOT_png=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert "none of JSONL" in said(app)


def test_hostile_names_and_texts_are_shown_as_text(app: AppTest) -> None:
    evil = "<img src=x onerror=alert(1)>![x](http://127.0.0.1/x)"
    app.file_uploader[0].upload(
        f"{evil.replace('/', '')}.jsonl", jsonl({**ROW, "output": evil, evil: 1})
    )
    seen(app.run())
    assert evil in [c.value for c in app.code]
    press(app, "Import 1 file")
    assert "<img src=x" not in said(app)
    assert "![x]" not in " ".join(m.value for m in app.markdown)


def test_a_stopped_import_says_so_and_the_files_are_still_there(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, sqlite_store: Store
) -> None:
    import threading

    from pages.import_outputs import job

    asked = threading.Event()
    real = job.import_predictions

    def slow(*args: Any, cancelled: Any, **options: Any) -> Any:
        assert asked.wait(30)
        return real(*args, cancelled=cancelled, **options)

    monkeypatch.setattr(job, "import_predictions", slow)
    drop(app, a_DOT_jsonl=jsonl(ROW))
    app.text_input[1].set_value("my run")
    seen(app.run())
    next(b for b in app.button if b.label == "Import 1 file").click()
    seen(app.run())
    assert next(b for b in app.button if b.label == "Import 1 file").disabled
    next(b for b in app.button if b.label == "Stop").click()
    seen(app.run())
    asked.set()
    settle(app)
    assert "nothing was stored" in said(app)
    assert list_runs(sqlite_store) == []
    assert not next(b for b in app.button if b.label == "Import 1 file").disabled
    assert app.text_input[1].value == "my run"


def test_a_place_inside_a_column_can_be_chosen_whatever_tool_wrote_the_file(
    app: AppTest, sqlite_store: Store
) -> None:
    row = {"question_id": 7, "model_id": "m", "choices": [{"index": 0, "turns": ["one", "two"]}]}
    drop(app, answers_DOT_jsonl=jsonl(row))
    boxes = {b.label: b for b in app.selectbox}
    assert "choices.0.turns.1" in boxes["Output"].options
    assert "--questions" in said(app)
    boxes["Output"].select("choices.0.turns.1")
    seen(app.run())
    {b.label: b for b in app.selectbox}["Instruction"].select("choices.0.turns.0")
    seen(app.run())
    press(app, "Import 1 file")
    assert figures(app)["Imported"] == "1"
    assert [run.name for run in list_runs(sqlite_store)] == ["answers"]


def test_outputs_are_joined_with_an_uploaded_file_of_questions(app: AppTest) -> None:
    row = {"question_id": 7, "model_id": "m", "choices": [{"index": 0, "turns": ["one", "two"]}]}
    drop(app, answers_DOT_jsonl=jsonl(row))
    asked = jsonl({"question_id": 7, "turns": ["First?", "Second?"]})
    next(u for u in app.file_uploader if u.label.startswith("Questions")).upload("q.jsonl", asked)
    seen(app.run())
    assert "First?" in [c.value for c in app.code]
    press(app, "Import 1 file")
    assert figures(app)["Imported"] == "1"
    assert "later turns: 1" in said(app)


def test_expected_texts_of_an_uploaded_file_are_told(app: AppTest) -> None:
    asked = "First translate the input into English, then answer."
    row = {"instruction": asked, "input": "uno", "output": "one"}
    drop(app, model_DOT_jsonl=jsonl(row, {**row, "input": "dos"}))
    texts = jsonl({"input": "uno", "expected": "one"})
    box = next(u for u in app.file_uploader if u.label.startswith("Expected texts"))
    box.upload("en.jsonl", texts)
    seen(app.run())
    press(app, "Import 1 file")
    assert "1 matched, 1 unmatched (line 2: dos)" in said(app)


def test_columns_and_values_as_they_were_read_are_shown(app: AppTest) -> None:
    row = {"prompt": "How many?", "response": "3", "label": 3.0, "score": 1}
    drop(app, m_DOT_jsonl=jsonl(row))
    press(app, "Import 1 file")
    said = next(t.value for t in app.text if t.value.startswith("m.jsonl\n"))
    assert said.split("\n")[1:] == [
        "    columns: instruction ← prompt, output ← response, reference ← label",
        "    not used, kept with the output: score",
        "    reference: a whole number without its .0, 1 time (3.0 → 3)",
    ]


def test_a_column_that_comes_after_the_first_rows_is_used(
    app: AppTest, sqlite_store: Store
) -> None:
    rows = [{**ROW, "input": f"{n}?"} for n in range(60)]
    drop(app, m_DOT_jsonl=jsonl(*rows, {**ROW, "input": "61?", "run": "late"}))
    press(app, "Import 1 file")
    assert {run.name: run.outputs for run in list_runs(sqlite_store)} == {"m": 60, "late": 1}


def test_several_models_in_one_run_are_told_in_the_open(app: AppTest) -> None:
    drop(app, mixed_DOT_jsonl=jsonl({**ROW, "model": "a"}, {**ROW, "input": "2?", "model": "b"}))
    press(app, "Import 1 file")
    (told,) = [h.value for h in app.html if "models in the one run" in h.value]
    assert 'data-kind="warning"' in told
    assert "2 models in the one run" in told
