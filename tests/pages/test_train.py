"""The page Train: rows are looked at first, a job is exactly the command shown, curves compared."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.files import write_json, write_text
from sit_core.jobs import current_jobs
from sit_core.store import Store
from sit_core.store.jobs import JobState, add_job, end_job
from sit_core.train.config import config_from, load_config
from sit_core.train.curves import CurveWriter
from sit_core.train.folder import TrainingFolder
from tests.jobs.conftest import until
from tests.models.conftest import save_tiny
from tests.train.conftest import copies, rows_file

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setenv("SIT_WARM", "0")
    return sqlite_store


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, store: Store) -> list[list[str]]:
    """Commands that would have been started; the job stays queued."""
    commands: list[list[str]] = []

    def note(of: Store, command: list[str], *, title: str, **_: Any) -> Any:
        commands.append(list(command))
        return add_job(of, command, title=title, folder="/", host="elsewhere")

    monkeypatch.setattr("sit_core.train.jobs.start_job", note)
    return commands


def page(**params: Any) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    app.switch_page("train/page.py")
    for key, value in params.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(h.value for h in app.html)


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click()
    return seen(app.run())


def filled(tmp_path: Path, tiny: Path, name: str = "mine") -> AppTest:
    """The form for a training of the tiny model, its rows measured."""
    rows = rows_file(tmp_path / "rows.jsonl", copies(40))
    app = page()
    if "New training" in [b.label for b in app.button]:
        app = press(app, "New training")
    app.selectbox(key="new training data").select("A path, or a data set by name").run()
    app.selectbox(key="new training kind").select("Model by hub id or folder").run()
    app.text_input(key="new training path").input(str(rows))
    app.text_input(key="new training base").input(str(tiny))
    app.text_input(key="new training name").input(name)
    return measured(seen(app.run()))


def measured(app: AppTest) -> AppTest:
    works = app.session_state["training measuring"]
    until(lambda: not any(work.running for work in works.values()), 120)
    return seen(app.run())


def laid_down(name: str, tiny: Path, rows: str = "rows.jsonl") -> TrainingFolder:
    """A training that has been made some time."""
    folder = TrainingFolder.of(name)
    config = config_from({"name": name, "model": {"base": str(tiny)}, "data": {"train": rows}})
    folder.claim(config, {"same": {}, "used": 40, "train": "rows.jsonl"})
    writer = CurveWriter(folder.curves)
    writer.add(begins_at=0, of=4)
    writer.add(step=0, held_out=3.0)
    for step in (1, 2):
        writer.add(
            step=step, loss=2.5 - step / 8, learning_rate=1e-3, tokens=9, tokens_per_second=1234.5
        )
    writer.add(step=2, held_out=2.0)
    writer.close()
    return folder


def finish(folder: TrainingFolder) -> None:
    config = load_config(folder.config)
    report = {
        "name": folder.name,
        "result": str(folder.result(config)),
        "steps": 4,
        "best_step": 2,
        "held_out": 2.0,
        "train_loss": 2.2,
        "ended_early": False,
        "stopped": False,
    }
    write_json(folder.report, report)
    folder.result(config).mkdir(parents=True)
    write_json(folder.result(config) / "training.json", {"name": folder.name})


def test_without_trainings_the_form_is_open_and_nothing_can_be_started(store: Store) -> None:
    app = page()
    assert button(app, "Start training").disabled
    assert not app.dataframe


def test_a_training_is_exactly_the_command_and_the_file_that_are_shown(
    store: Store, started: list[list[str]], tmp_path: Path, tiny: Path
) -> None:
    app = filled(tmp_path, tiny)
    app.selectbox(key="new training preset False").select("it").run()
    app.number_input(key="new training it method.rank").set_value(4)
    app = seen(app.run())
    yaml, command = (c.value for c in app.code[:2])
    app = press(app, "Start training")
    assert shlex.split(command)[1:] == started[0]
    folder = TrainingFolder.of("mine")
    assert folder.config.read_text(encoding="utf-8").strip() == yaml
    config = load_config(folder.config)
    assert (config.name, config.method.rank, config.schedule.batch) == ("mine", 4, 128)
    assert config.model.base == str(tiny)
    assert app.query_params["training"] in ("mine", ["mine"])
    (job,) = current_jobs(store)
    assert f"Job {job.id} · queued" in "\n".join(t.value for t in app.text)


def test_rows_that_would_be_cut_are_shown_and_refused(
    store: Store, started: list[list[str]], tmp_path: Path, tiny: Path
) -> None:
    def trained_on() -> int:
        return int(next(m for m in app.metric if m.label == "Rows to train on").value)

    app = filled(tmp_path, tiny)
    assert not button(app, "Start training").disabled
    before = trained_on()
    app.number_input(key="new training it data.max_length").set_value(70)
    app = seen(app.run())
    assert trained_on() == 0
    assert "the sign to stop would be cut off" in said(app)
    assert button(app, "Start training").disabled
    cut = next(m for m in app.metric if m.label == "Would lose their end").value
    assert 0 < int(cut.split(" ")[0]) < 38
    app.selectbox(key="new training it data.too_long").select("drop")
    app = seen(app.run())
    assert "are left out" in said(app)
    assert trained_on() == before - int(cut.split(" ")[0])
    app = press(app, "Start training")
    assert load_config(TrainingFolder.of("mine").config).data.too_long == "drop"


def test_rows_whose_system_message_the_model_would_not_see_are_told(
    store: Store, tmp_path: Path, tiny: Path
) -> None:
    app = filled(tmp_path, tiny)
    rows = [{**row, "system": "Be brief."} for row in copies(4)] + copies(30)[4:]
    path = rows_file(tmp_path / "system.jsonl", rows)
    app.text_input(key="new training path").input(str(path))
    app = measured(seen(app.run()))
    shown = "\n".join(text.value for text in app.text)
    assert "system message" in shown


def test_data_that_can_not_be_read_is_one_sentence(
    store: Store, tmp_path: Path, tiny: Path
) -> None:
    app = filled(tmp_path, tiny)
    app.text_input(key="new training path").input(str(tmp_path / "gone.jsonl"))
    app = measured(seen(app.run()))
    assert "no such file" in said(app)
    assert button(app, "Start training").disabled
    rows_file(tmp_path / "gone.jsonl", copies(40))
    app = seen(app.run())
    assert "no such file" in said(app), "the sentence stays until somebody measures again"
    app = measured(press(app, "Measure again"))
    assert "no such file" not in said(app)
    assert not button(app, "Start training").disabled


def test_a_name_is_checked_and_not_used_twice(
    store: Store, started: list[list[str]], tmp_path: Path, tiny: Path
) -> None:
    laid_down("mine", tiny)
    app = filled(tmp_path, tiny, "mine")
    assert "There is a training mine already" in said(press(app, "Start training"))
    app.text_input(key="new training name").input("\u200b")
    app = press(seen(app.run()), "Start training")
    assert "Expected a name" in said(app)
    assert started == []


def test_one_that_is_done_leads_to_live(store: Store, tiny: Path) -> None:
    finish(laid_down("mine", tiny))
    app = page(training="mine")
    assert "The weights of update 2 were kept: held-out loss 2.0000" in said(app)
    (link,) = [e for e in app.get("page_link") if e.proto.label == "Try it in Live"]
    assert "home%2Bmine" in link.proto.query_string or "home+mine" in link.proto.query_string
    values = {m.label: m.value for m in app.metric}
    assert values["Update"] == "2 of 4"
    assert values["Learning rate"] == "1.00e-03"
    assert values["Tokens per second"] == "1,234"
    assert values["Lowest held-out loss, after update 2"] == "2.000"
    assert any(c.value.startswith("# sit train --config") for c in app.code)
    assert app.dataframe[0].value.to_dict("records")[0]["State"] == "done"


def test_only_new_points_are_read(store: Store, tiny: Path) -> None:
    folder = laid_down("mine", tiny)
    app = page(training="mine")
    curves = app.session_state["training curves"][str(folder.curves)]
    size = folder.curves.stat().st_size
    assert curves.offset == size
    writer = CurveWriter(folder.curves)
    writer.add(step=3, loss=1.0, learning_rate=1e-3, tokens=9, tokens_per_second=1.0)
    app = seen(app.run())
    again = app.session_state["training curves"][str(folder.curves)]
    assert again.offset == folder.curves.stat().st_size > size
    assert len(again.loss) == 3
    assert next(m for m in app.metric if m.label == "Update").value == "3 of 4"


def test_curves_of_several_are_compared(store: Store, tiny: Path) -> None:
    for name in ("one", "other"):
        laid_down(name, tiny)
    app = page(training=["one", "other"])
    assert "2 trainings compared" in said(app)
    (chart,) = app.get("plotly_chart")
    traces = json.loads(chart.proto.spec)["data"]
    assert [t["name"] for t in traces] == [
        "one, training",
        "one, held out",
        "other, training",
        "other, held out",
    ]
    assert len({t["line"]["color"] for t in traces}) == 2


def test_a_dead_one_can_be_resumed_and_deleted(store: Store, tiny: Path) -> None:
    folder = laid_down("mine", tiny)
    job = add_job(store, ["train", "--config=x"], title="t", folder="/", host="elsewhere")
    end_job(store, job, JobState.DEAD, "It was killed.")
    write_text(folder.job, f"{job.id}\n")
    app = page(training="mine")
    assert "It was killed." in said(app)
    assert "Resume" in [b.label for b in app.button]
    app = press(app, "Delete it")
    assert "The training mine is gone." in said(app)
    assert not folder.path.exists()


def test_a_name_that_is_unknown_gets_suggestions(store: Store, tiny: Path) -> None:
    laid_down("mine", tiny)
    app = page(training="mien")
    assert any("did you mean 'mine'" in t.value for t in app.text)
