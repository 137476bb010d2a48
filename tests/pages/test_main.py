"""The app opens on Home with something to annotate, without loading what only other pages need."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared.page_list import HOME, PAGES, PageInfo

ROOT = Path(__file__).parents[2]
OPEN_THE_APP = """
import json, sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("pages/main.py", default_timeout=60).run()
print(json.dumps({
    "exceptions": [e.value for e in page.exception],
    "home": page.get("bidi_component")[0].proto.json,
    "loaded": sorted({m.split(".")[0] for m in sys.modules} & set(sys.argv[1:])),
}))
"""


@pytest.mark.slow
def test_a_fresh_store_opens_on_the_starter_study_and_loads_no_torch(tmp_path: Path) -> None:
    heavy = ["torch", "transformers", "datasets", "bert_score", "scipy", "peft"]
    done = subprocess.run(
        [sys.executable, "-c", OPEN_THE_APP, *heavy],
        cwd=ROOT,
        env={"SIT_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "SIT_WARM": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["exceptions"] == []
    assert "Try it" in found["home"]
    assert found["loaded"] == []


@pytest.mark.parametrize("setting", ["1", "0"])
def test_the_first_page_of_a_process_makes_the_embedded_model_ready_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    begun = []
    monkeypatch.setattr("sit_core.live.preload.warm_embedded", lambda: begun.append(1))
    monkeypatch.setenv("SIT_WARM", setting)
    monkeypatch.setenv("SIT_STARTER", "0")
    timers: list[threading.Timer] = []

    class Timer(threading.Timer):
        def __init__(self, seconds, function):
            super().__init__(0.0, function)
            timers.append(self)

    monkeypatch.setattr(threading, "Timer", Timer)
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    for name in (None, "scores/page.py"):  # where nothing is stored yet, its script ends early
        if name:
            app.switch_page(name)
        assert not app.run().exception
    for timer in timers:
        timer.join()
    assert begun == ([1] if setting == "1" else [])


@pytest.mark.parametrize("info", PAGES, ids=lambda info: info.title)
@pytest.mark.parametrize("starter", ["0", pytest.param("1", marks=pytest.mark.slow)])
def test_every_page_opens(info: PageInfo, starter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On an empty store, and on the one that a new user finds."""
    monkeypatch.setenv("SIT_STARTER", starter)
    monkeypatch.setenv("SIT_WARM", "0")
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    app.switch_page(info.file).run()
    assert not app.exception
    if info.address != HOME:  # it is really that page: its header stands there
        assert any(f">{info.title}</h1>" in drawn.value for drawn in app.html)
