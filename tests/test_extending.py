"""The plugin of docs/extending.md, installed as pip leaves it: its examples, verbs and page."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core import plugins
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.plugins import GROUPS
from sit_core.records import JudgeKind, Step, chain
from sit_core.results.following import following
from sit_core.results.judged import judged
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.browse import page_of_hits
from sit_core.store.browse_filter import Filter
from sit_core.store.llm_judgments import llm_judges
from sit_core.tasks import wording
from tests.annotation.conftest import fill
from tests.factories import make_run
from tests.judge.conftest import JudgeServer, by, quiet, server
from tests.plugin_site import REGISTRIES, install, write_plugin

__all__ = ["by", "server"]  # fixtures
ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = [
    (title, code)
    for title, section in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.M)
    for code in re.findall(r"```python\n(.*?)```", section, re.DOTALL)
]
FILE = re.compile(r"# (sit_example/\w+\.py)\n")
MODULES = {m[1]: code for _, code in BLOCKS if (m := FILE.match(code))}
EXAMPLES = [(title, code) for title, code in BLOCKS if not FILE.match(code)]
(PROJECT,) = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
ENTRIES: dict[str, dict[str, str]] = PROJECT["project"]["entry-points"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_plugin(tmp_path / "site", {"sit_example/__init__.py": "", **MODULES}, ENTRIES)


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    install(monkeypatch, site)
    yield site
    wording._remembered.cache_clear()


def test_there_are_examples_for_all_that_is_promised() -> None:
    titles = [title for title, _ in EXAMPLES]
    assert titles == [
        "An action",
        "A task",
        "A task",
        "A file format",
        "A metric",
        "A quality gate",
        "An LLM judge",
        "An LLM judge",
        "A source",
        "An analysis",
        "A question asked of the store",
    ]
    assert set(ENTRIES) == set(GROUPS)


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=[t for t, _ in EXAMPLES])
def test_the_example_runs(
    title: str, code: str, sqlite_store: Store, installed: Path, tmp_path: Path
) -> None:
    fill(sqlite_store, "model", 1)
    with sqlite_store.write() as connection:
        connection.exec_driver_sql("update predictions set output = '12345', length = 5")
    exec(compile(code, "docs/extending.md", "exec"), {"store": sqlite_store, "folder": tmp_path})
    assert plugins.faults() == []


def test_everything_that_the_plugin_offers_is_taken(installed: Path) -> None:
    for registry in REGISTRIES:
        list(registry)
    taken = {(p.group, p.name) for p in plugins.plugins() if not p.fault}
    assert taken == {(group, name) for group, of in ENTRIES.items() for name in of}
    assert {p.origin for p in plugins.plugins()} == {"sit-example 1.0"}


def test_the_page_and_the_analysis_stand_in_the_app(
    installed: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_store, "model", 3)
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setenv("SIT_WARM", "0")
    monkeypatch.setattr("pages.shared.store.open_store", lambda *_: sqlite_store)
    main = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    assert not main.exception
    from pages.shared.page_list import all_pages, page_info

    assert [page.address for page in all_pages()][-1] == "longest"
    main.switch_page(page_info("longest").file).run()
    assert not main.exception
    assert "model: 3 outputs" in [text.value for text in main.text]
    main.query_params["analysis"] = "lengths"
    main.switch_page(page_info("analyses").file).run()
    assert not main.exception
    (drawn,) = main.get("bidi_component")
    table = json.loads(drawn.proto.json)
    assert table["columns"][:2] == ["run", "n"]
    assert [[cell["text"] for cell in row[:2]] for row in table["rows"]] == [["model", "3"]]


def test_the_tables_show_the_step_that_a_kind_of_judge_asks_about(
    installed: Path,
    sqlite_store: Store,
    server: JudgeServer,
    by: Callable[..., JudgeConfig],
    tmp_path: Path,
) -> None:
    """A row of its own beside the chain's, which says nothing new by it; in the filter, too."""
    own = tmp_path / "kind"
    own.mkdir()
    (own / "judge.yaml").write_text("kind: polite\n")
    (own / "prompt.txt").write_text("Is it polite? [[Yes]] or [[No]]\n{output}\n")
    steps = chain([Step("repeat", "R"), Step("answer", "A")])
    ids = make_run(sqlite_store, "mine", ["Please.", "Thanks!", "What?", "Please?"], steps=steps)
    says = {"Please.": "[[Yes]]", "Thanks!": "[[Yes]]", "What?": "[[No]]", "Please?": "Perhaps."}
    server.says = lambda texts: says[texts["output"]]
    judge_runs(sqlite_store, by("mine", judge=str(own)), report=quiet)
    server.says = lambda texts: "[[Yes, 5]]"
    judge_runs(sqlite_store, by("mine"), report=quiet)

    table = following(sqlite_store, TableQuery(runs=("mine",), by=JudgeKind.LLM))
    rows = {row.step: row for row in table.rows}
    assert list(rows) == ["repeat", "answer", "chain", "polite"]
    polite = rows["polite"]
    assert (polite.followed, polite.n, polite.missing, polite.letter) == (2, 3, 1, "polite")
    assert (rows["chain"].followed, rows["chain"].n) == (4, 4)
    assert (rows["repeat"].n, rows["answer"].n) == (0, 0)
    assert "polite" in table.wide()[0]
    kind = next(j.name for j in llm_judges(sqlite_store) if j.name.startswith("kind"))
    assert [r.step for r in judged(sqlite_store, judge=kind).rows] == ["polite"]
    asked = Filter(runs=("mine",), step="polite", llm=kind, says="not-done")
    (hit,) = page_of_hits(sqlite_store, asked)
    assert hit.id == ids[2]


def sit(home: Path, site: Path, *words: str) -> Any:
    """What ``sit … --json`` prints with the plugin installed, in a process of its own."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SIT_")}
    paths = [str(site), str(ROOT), environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "sit_core", *words, "--json"],
        env=environ | {"SIT_HOME": str(home), "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_the_command_line_knows_all_of_it(site: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = tmp_path / "answers.txt"
    ask = "First shout the input, then answer the question."
    file.write_text(f"%pairs\n{ask}|HI\nno bar here\n{ask}|hi there\n")
    listed = sit(home, site, "plugins")
    assert all(plugin["ok"] for plugin in listed["plugins"])
    assert len(listed["plugins"]) == sum(map(len, ENTRIES.values()))
    sit(home, site, "import", str(file), "--run", "mine", "--keep-good")
    scored = sit(home, site, "score", "--run", "mine", "--metrics", "one-line,shorter,following")
    by_metric = {(row["metric"], row["step"]): row for row in scored["rows"]}
    assert by_metric["one-line", None]["ones"] == 2
    assert by_metric["one-line", None]["method"].startswith("wilson-open")
    assert by_metric["shorter", None]["reasons"] == {"there is no input": 2}
    assert by_metric["following", "shout"]["ones"] == 0
    table = sit(home, site, "results", "following", "--runs", "mine", "--by", "rule")
    assert [row["letter"] for row in table["rows"]][:3] == ["S", "A", "S+A"]
    lengths = sit(home, site, "results", "analysis", "lengths")
    assert lengths["rows"] == [{"run": "mine", "n": 2, "mean length": 5.0}]
