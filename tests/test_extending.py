"""The examples of docs/extending.md run."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.judge import KINDS
from sit_core.metrics.registry import METRICS
from sit_core.seq_instruct import GATES
from sit_core.sources import EXAMPLE_SOURCES, FORMATS
from sit_core.store import Store
from sit_core.tasks import TASKS
from tests.annotation.conftest import fill

TEXT = (Path(__file__).parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = [
    (title, code)
    for title, section in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.M)
    for code in re.findall(r"```python\n(.*?)```", section, re.DOTALL)
]


def test_there_are_examples_for_all_that_is_promised() -> None:
    titles = [title for title, _ in BLOCKS]
    assert titles == [
        "An action",
        "A task",
        "A task",
        "A file format",
        "A file format",
        "A metric",
        "A quality gate",
        "An LLM judge",
        "An LLM judge",
        "A source",
        "A question asked of the store",
        "A page",
    ]


@pytest.mark.parametrize(("title", "code"), BLOCKS, ids=[t for t, _ in BLOCKS])
def test_the_example_runs(
    title: str, code: str, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(TASKS, "_things", dict(TASKS._things))
    monkeypatch.setattr(EXAMPLE_SOURCES, "_things", dict(EXAMPLE_SOURCES._things))
    monkeypatch.setattr(METRICS, "_things", dict(METRICS._things))
    monkeypatch.setattr(GATES, "_things", dict(GATES._things))
    monkeypatch.setattr(KINDS, "_things", dict(KINDS._things))
    monkeypatch.setattr(FORMATS, "_things", dict(FORMATS._things))
    fill(sqlite_store, "model", 1)
    with sqlite_store.write() as connection:
        connection.exec_driver_sql("update predictions set output = '12345', length = 5")
    if title == "A page":
        page = AppTest.from_string(code).run()
        assert not page.exception
        assert [text.value for text in page.text] == ["model: 1 outputs"]
        return
    exec(compile(code, "docs/extending.md", "exec"), {"store": sqlite_store, "folder": tmp_path})
