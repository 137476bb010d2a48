"""A report from the page Results: a job writes it, then it is there as a ZIP that verifies."""

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.report_button import _placed, report_popover
from sit_core.actions import Context
from sit_core.jobs import current_jobs
from sit_core.report.config import ReportConfig
from sit_core.report.verify import verify
from sit_core.report.write import write_report
from sit_core.report.zipped import is_report, zipped
from sit_core.store import Store, open_store
from tests.factories import judge, make_run, make_study

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


@pytest.fixture
def store():
    opened = open_store()
    made = [make_run(opened, run, 3) for run in ("a", "b")]
    make_study(opened, "s", ["a", "b"])
    for ids in made:
        for name in ids:
            judge(opened, "s", name, "ann", {"repeat": "yes", "answer": "no"})
    yield opened
    opened.close()


def results_page() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=30)
    at.run()
    at.query_params["study"] = "s"
    at.switch_page("results/page.py").run()
    assert not at.exception
    return at


def test_the_button_starts_a_job_that_writes_into_the_home_folder(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(
        "sit_core.actions.Action.start", lambda self, config, store: started.append(config)
    )
    at = results_page()
    at.toggle(key="report names").set_value(True).run()
    at.button(key="report start").click().run()
    (config,) = started
    assert config.names
    assert config.study == "s"
    assert Path(config.out).parent.name == "reports"
    assert not list(current_jobs(store))


def test_a_report_that_is_there_is_a_zip_that_verifies(store: Store, tmp_path: Path) -> None:
    config = _placed(ReportConfig(out="", study="s"))
    assert not is_report(Path(config.out))
    assert not results_page().get("download_button")[1:]  # that of Export alone
    write_report(config, Context(store))
    assert is_report(Path(config.out))
    found = results_page()
    assert len(found.get("download_button")) == 2
    content = zipped(Path(config.out))
    assert content == zipped(Path(config.out))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    assert verify(tmp_path / Path(config.out).name).passed


def test_other_questions_have_other_folders() -> None:
    asked = [
        ReportConfig(out="", study="s"),
        ReportConfig(out="", study="s", names=True),
        ReportConfig(out="", study="s", partly="not-done"),
        ReportConfig(out="", study="../s"),
        ReportConfig(out="", experiment="s", runs=("a",)),
    ]
    folders = {_placed(one).out for one in asked}
    assert len(folders) == len(asked)
    assert {Path(one).parent.name for one in folders} == {"reports"}
    assert callable(report_popover)


def test_scores_and_results_lead_to_the_comparison(store: Store) -> None:
    labels = [link.label for link in results_page().page_link]
    assert "Compare further" in labels
