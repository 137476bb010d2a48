"""Plugins: looked for late, broken ones named, taken names refused, the folder off by default."""

import html
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sit_core import plugins
from sit_core.errors import SitError
from sit_core.judge.judge_types import KINDS, JudgeInput
from sit_core.metrics.following import following
from sit_core.metrics.registry import METRICS, is_share, score_predictions
from sit_core.records import Example, Prediction, Unparsed, chain
from sit_core.registry import Registry
from sit_core.results.analyses import ANALYSES
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.filters import GATES, FilterInput, refused_by
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import State
from sit_core.sources import EXAMPLE_SOURCES, FORMATS, BadRow, SourceFile, look_at, read_rows
from sit_core.store import Store
from sit_core.tasks import TASKS, steps_named
from tests.plugin_site import REGISTRIES, install, look_anew, write_plugin

ROOT = Path(__file__).parents[1]
TASK = """
from sit_core.tasks import Task
def task(name="shout", letter="S", question="Did it?", patterns=(r"shout\\b",), **more):
    return Task(name, letter, question, "Rule.", patterns, **more)
"""


def add(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, group: str, name: str, code: str
) -> list[str]:
    """Install a plugin whose module gives ``THING``, load its group; the sentences that came."""
    site = write_plugin(tmp_path / "site", {"sit_one.py": code}, {group: {name: "sit_one:THING"}})
    install(monkeypatch, site)
    for registry in REGISTRIES:
        if registry.group == group:
            list(registry)
    return plugins.faults()


@pytest.mark.parametrize(
    ("group", "name", "code", "says"),
    [
        ("sit.tasks", "shout", "1/0", "it can't be loaded (ZeroDivisionError: division by zero)"),
        ("sit.tasks", "shout", "import nowhere_at_all", "ModuleNotFoundError"),
        ("sit.tasks", "shout", "x = 1", "AttributeError"),
        ("sit.tasks", "shout", "raise SystemExit(3)", "SystemExit: 3"),
        ("sit.tasks", "shout", "this is no python", "SyntaxError"),
        ("sit.tasks", "shout", "THING = 7", "it is a int, not a Task"),
        ("sit.tasks", "repeat", TASK + "THING = task('repeat')", "of that name already"),
        ("sit.tasks", "shout", TASK + "THING = task(letter='R')", "R stands for 'repeat' already"),
        ("sit.tasks", "shout", TASK + "THING = task('cry')", "it calls itself 'cry'"),
        ("sit.tasks", "shout", TASK + "THING = task(patterns=['('])", "can't be read"),
        ("sit.tasks", "shout", TASK + "THING = task(question='Did it')", "question mark"),
        ("sit.tasks", "shout", TASK + "THING = task(letter='S/T')", "letters or digits"),
        ("sit.metrics", "accuracy", "THING = print", "of that name already"),
        ("sit.metrics", "mine", "THING = 'text'", "neither a Metric nor a function"),
        ("sit.metrics", "a/b", "THING = print", "without a slash"),
        ("sit.formats", "jsonl", "THING = 1", "of that name already"),
        ("sit.formats", "mine", "THING = 1", "neither a FileFormat nor a RowFormat"),
        (
            "sit.formats",
            "mine",
            "from sit_core.sources import FileFormat\n"
            "THING = FileFormat('mine', '', lambda *_: [], ('.csv',))",
            "files that end with .csv are read as csv already",
        ),
        ("sit.judges", "pairwise", "THING = 1", "of that name already"),
        (
            "sit.judges",
            "mine",
            "from sit_core.judge.judge_types import JudgeType\n"
            "THING = JudgeType('', '', set(), set(), print, print, steps=('repeat',))",
            "its step 'repeat' needs a name",
        ),
        ("sit.gates", "duplicate", "THING = print", "of that name already"),
        ("sit.sources", "gsm8k", "THING = 1", "of that name already"),
        ("sit.analyses", "mine", "THING = 1", "not an Analysis"),
        ("sit.pages", "mine", "THING = 1", "not a PluginPage"),
        (
            "sit.pages",
            "annotate",
            "from sit_core.plugins import PluginPage\nTHING = PluginPage('', 'home', '', __file__)",
            "a page at that address already",
        ),
        (
            "sit.pages",
            "mine",
            "from sit_core.plugins import PluginPage\n"
            "THING = PluginPage('', 'home', '', '/nowhere/page.py')",
            "its script /nowhere/page.py is not there",
        ),
    ],
)
def test_what_cant_be_used_is_one_named_sentence_and_the_rest_is_there(
    group: str, name: str, code: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = {registry: registry.shipped() for registry in REGISTRIES}
    (sentence,) = add(monkeypatch, tmp_path, group, name, code)
    assert sentence.startswith(f"The {plugins.GROUPS[group]} {name!r} of sit-example 1.0 is left")
    assert says in sentence
    assert "\n" not in sentence
    for registry in REGISTRIES:
        assert tuple(registry) == before[registry]


def test_of_two_plugins_with_one_name_the_second_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site, entries = tmp_path / "site", {"sit.analyses": {"mine": "one_mod:THING"}}
    code = (
        "from sit_core.results.analyses import Analysis\nTHING = Analysis('{}', '', lambda *_: 0)"
    )
    write_plugin(site, {"one_mod.py": code.format("first")}, entries, "sit-a")
    other = {"sit.analyses": {"mine": "two_mod:THING", "other": "two_mod:THING"}}
    write_plugin(site, {"two_mod.py": code.format("second")}, other, "sit-b")
    install(monkeypatch, site)
    assert [name for name in ANALYSES if name not in ANALYSES.shipped()] == ["mine", "other"]
    (fault,) = [plugin for plugin in plugins.plugins() if plugin.fault]
    kept = plugins.origin_of("sit.analyses", "mine")
    assert {kept, fault.origin} == {"sit-a 1.0", "sit-b 1.0"}
    assert ANALYSES.get("mine").title == ("first" if kept == "sit-a 1.0" else "second")


@pytest.mark.slow
def test_nothing_is_looked_for_until_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entries = {group: {"mine": "sit_two:THING"} for group in plugins.GROUPS}
    site = write_plugin(tmp_path / "site", {"sit_two.py": "print('LOADED')\nTHING = 1"}, entries)
    code = (
        "import pkgutil, importlib, sit_core\n"
        "for m in pkgutil.walk_packages(sit_core.__path__, 'sit_core.'):\n"
        "    if '__main__' not in m.name and '.migrations.' not in m.name:\n"
        "        importlib.import_module(m.name)\n"
        "from sit_core.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "from sit_core.metrics.registry import METRICS\n"
        "METRICS.get('accuracy'); print('now'); print('mine' in METRICS)\n"
    )
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "SIT_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.split("now\n")
    assert "LOADED" not in before
    assert after.split() == ["LOADED", "False"]


def test_a_plugin_that_asks_its_own_registry_while_it_loads_gets_what_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = TASK + "from sit_core.tasks import TASKS\nTHING = task(guidelines=','.join(TASKS))"
    assert add(monkeypatch, tmp_path, "sit.tasks", "shout", code) == []
    assert TASKS.get("shout").guidelines.split(",") == list(TASKS.shipped())
    assert steps_named(["shout"])[0].letter == "S"


def test_a_second_thread_waits_for_all_plugins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started, go = threading.Event(), threading.Event()
    monkeypatch.setattr(plugins, "WAITED", (started, go), raising=False)
    code = (
        "from sit_core import plugins\nstarted, go = plugins.WAITED\n"
        "started.set()\nassert go.wait(20)\ndef THING(c): return None\n"
    )
    entries = {"sit.gates": {"mine": "sit_slow:THING"}}
    install(monkeypatch, write_plugin(tmp_path / "site", {"sit_slow.py": code}, entries))
    seen: dict[str, bool] = {}
    first = threading.Thread(target=lambda: seen.update(first="mine" in GATES))
    second = threading.Thread(target=lambda: seen.update(second="mine" in GATES))
    first.start()
    assert started.wait(20)
    second.start()
    go.set()
    first.join(20)
    second.join(20)
    assert seen == {"first": True, "second": True}


FOLDER_FILE = (
    "from sit_core.results.analyses import Analysis\n"
    "PLUGINS = {'sit.analyses': {'mine': Analysis('Mine', '', lambda *_: 0)}}\n"
)


@pytest.mark.parametrize(
    ("switch", "there"), [(None, False), ("", False), ("0", False), ("1", True)]
)
def test_the_folder_is_read_only_where_it_is_switched_on(
    switch: str | None, there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "plugins"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text(FOLDER_FILE)
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    if switch is None:
        monkeypatch.delenv("SIT_PLUGINS", raising=False)
    else:
        monkeypatch.setenv("SIT_PLUGINS", switch)
    look_anew(monkeypatch)
    assert ("mine" in ANALYSES) is there


def test_a_broken_file_of_the_folder_is_a_sentence_and_the_others_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "plugins"
    folder.mkdir(parents=True)
    (folder / "a_broken.py").write_text("1/0")
    (folder / "b_empty.py").write_text("x = 1")
    (folder / "c_wrong.py").write_text("PLUGINS = {'sit.nothing': {}}")
    (folder / "d_list.py").write_text("PLUGINS = {'sit.tasks': ['a']}")
    asking = "from sit_core.results.analyses import ANALYSES\nlist(ANALYSES)\n"
    (folder / "mine.py").write_text(asking + FOLDER_FILE)
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIT_PLUGINS", "1")
    look_anew(monkeypatch)
    assert [*ANALYSES][-1:] == ["mine"]
    assert [sentence.split(" is left out: ")[0] for sentence in plugins.faults()] == [
        f"plugins/{name}.py" for name in ("a_broken", "b_empty", "c_wrong", "d_list")
    ]
    assert plugins.origin_of("sit.analyses", "mine") == "plugins/mine.py"


def test_no_plugins_at_all_where_they_are_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIT_PLUGINS", "0")
    assert add(monkeypatch, tmp_path, "sit.tasks", "shout", "1/0") == []
    assert plugins.plugins() == []


def test_a_rule_that_raises_is_no_verdict_and_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = TASK + "THING = task(judged_by=lambda case: 1/0)"
    assert add(monkeypatch, tmp_path, "sit.tasks", "shout", code) == []
    example = Example("…", "hi", steps=chain(steps_named(["shout", "repeat"])))
    found = following("HI hi", example)
    assert isinstance(found["shout"], Unparsed)
    assert "ZeroDivisionError" in found["shout"].reason
    assert not isinstance(found["repeat"], Unparsed)
    assert "in_order" not in found
    (sentence,) = plugins.faults()
    assert sentence.startswith("The task 'shout' of sit-example 1.0 failed: its automatic verdict")


METRIC = """
from sit_core.metrics.registry import Metric, Score
def of(values, name="mine"):
    return lambda predictions, options: [
        Score(p.id, name, v) for p, v in zip(predictions, values)
    ]
"""


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        ("Metric(of([0.5, 1]), share=True)", "its values are 0 or 1"),
        ("Metric(of([0.5]))", "one Score for each prediction"),
        ("of([2, 1])", "numbers from 0 to 1"),
        ("of([float('nan'), 1])", "numbers from 0 to 1"),
        ("of([1, 1], 'other')", "called 'other'"),
        ("lambda p, o: 1/0", "ZeroDivisionError"),
    ],
)
def test_scores_that_no_table_could_use_are_refused(
    thing: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert add(monkeypatch, tmp_path, "sit.metrics", "mine", f"{METRIC}THING = {thing}") == []
    outputs = [Prediction("run", Example("a", str(i)), "x") for i in range(2)]
    with pytest.raises(SitError, match="The metric 'mine'") as raised:
        list(score_predictions(outputs, ["mine"]))
    assert says in str(raised.value)


def test_a_metric_says_itself_what_its_values_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = f"{METRIC}THING = Metric(of([0, 1]), share=True)"
    assert add(monkeypatch, tmp_path, "sit.metrics", "mine", code) == []
    assert is_share("mine")
    assert not is_share("rouge-l")
    outputs = [Prediction("run", Example("a", str(i)), "x") for i in range(2)]
    assert [s.value for s in score_predictions(outputs, ["mine"])] == [0, 1]
    assert [*METRICS][-1] == "mine"


def test_a_format_that_raises_breaks_no_import(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = (
        "from sit_core.sources import FileFormat\n"
        "def read(*_):\n    yield from ()\n    raise KeyError('oh')\n"
        "THING = FileFormat('mine', '', read, ('.mine',), lambda head: 1/0)\n"
    )
    assert add(monkeypatch, tmp_path, "sit.formats", "mine", code) == []
    lines = tmp_path / "x.jsonl"
    lines.write_text(json.dumps({"instruction": "a", "output": "b"}) + "\n")
    source = SourceFile.at(lines)
    assert look_at(source).format == "jsonl"
    assert len(plugins.faults()) == 1
    (row,) = read_rows(source, "mine")
    assert isinstance(row, BadRow)
    assert "KeyError" in row.reason
    assert list(FORMATS)[-1] == "mine"


def test_a_source_that_raises_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = (
        "from sit_core.sources import DataSource\n"
        "THING = DataSource('mine', '', lambda *_: iter(()), lambda row: row['nothing'])\n"
    )
    assert add(monkeypatch, tmp_path, "sit.sources", "mine", code) == []
    assert EXAMPLE_SOURCES.get("mine").fits({"a": 1}) is False
    assert len(plugins.faults()) == 1


def test_gates_of_plugins_are_asked_only_where_they_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert add(monkeypatch, tmp_path, "sit.gates", "mine", "THING = lambda c: 1/0") == []
    assert "mine" in GATES
    assert "mine" not in SeqInstructConfig(sources=("x",)).gates
    before = Record(place=0, iteration=0, state=State.SEED, instruction="Name a fruit.")
    new = FilterInput(before, "Name a fruit, then spell it.", input="")
    gate, why = refused_by(new, ("mine",)) or ("", "")
    assert gate == "mine"
    assert "ZeroDivisionError" in why


def test_a_kind_of_judge_that_raises_gives_reasons(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = (
        "from sit_core.judge.judge_types import JudgeType\n"
        "fail = lambda *_: 1/0\n"
        "THING = JudgeType('', '', frozenset(), frozenset(), fail, fail)"
    )
    assert add(monkeypatch, tmp_path, "sit.judges", "mine", code) == []
    kind = KINDS.get("mine")
    case = JudgeInput("id", "run", Example("a"), "b")
    for found in (kind.asks(case, None), kind.read("reply", False, None)):
        assert isinstance(found, Unparsed)
        assert "ZeroDivisionError" in found.reason


def test_an_analysis_that_raises_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_store: Store
) -> None:
    code = (
        "from sit_core.results.analyses import Analysis\n"
        "THING = Analysis('Mine', '', lambda store, runs: runs[7])"
    )
    assert add(monkeypatch, tmp_path, "sit.analyses", "mine", code) == []
    with pytest.raises(SitError, match="The analysis 'mine' failed: IndexError"):
        ANALYSES.get("mine").run(sqlite_store, [])


def test_the_command_line_lists_them_and_says_what_is_left_out(tmp_path: Path) -> None:
    entries = {"sit.metrics": {"mine": "sit_three:THING", "bad": "sit_three:MISSING"}}
    site = write_plugin(tmp_path / "site", {"sit_three.py": "THING = print"}, entries)
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "SIT_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "sit_core", "plugins", "--json"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    found = {p["name"]: p for p in json.loads(done.stdout)["plugins"]}
    assert found["mine"]["ok"]
    assert not found["bad"]["ok"]
    assert found["bad"]["fault"] in done.stderr
    assert done.stderr.count("is left out") == 1


def test_home_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_store: Store
) -> None:
    (sentence,) = add(monkeypatch, tmp_path, "sit.pages", "mine", "1/0 # <b>")
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setenv("SIT_WARM", "0")
    monkeypatch.setattr("pages.shared.store.open_store", lambda *_: sqlite_store)
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    assert not app.exception
    assert any(html.escape(sentence) in block.proto.body for block in app.get("html"))


def test_a_registry_without_a_group_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "offers", lambda group: pytest.fail("asked"))
    plain: Registry[int] = Registry("number")
    plain.add("one", 1)
    assert list(plain) == ["one"]
    assert "two" not in plain
    assert len(plain) == 1
