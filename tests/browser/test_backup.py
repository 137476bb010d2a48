"""A backup is made while people judge; it is put back once the app has ended, and not before."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from sit_core.store import Store
from sit_core.store.studies import StudyPlan, create_study
from tests.annotation.conftest import STEPS, fill
from tests.browser.conftest import all_saved, sign_in
from tests.browser.servers import ROOT, AppServer
from tests.browser.test_annotate import judged


def sit(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SIT_")}
    return subprocess.run(
        [sys.executable, "-m", "sit_core.cli", *words],
        cwd=ROOT,
        env=environ | {"SIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_backed_up_under_an_annotator_and_restored_after_the_app(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
) -> None:
    server = app_server()
    store = store_at(server.home)
    fill(store, "model", 5)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1))
    store.close()
    sign_in(page, f"{server.url}/annotate", "Ann")
    for _ in range(2):
        page.keyboard.press("1")
        page.keyboard.press("e")
        all_saved(page)
    file = tmp_path / "b.zip"
    assert sit(server.home, "backup", str(file)).returncode == 0
    page.keyboard.press("1")
    page.keyboard.press("e")
    all_saved(page)
    refused = sit(server.home, "restore", str(file))
    assert refused.returncode == 1
    assert "An app, a job or a command is using this store" in refused.stderr
    server.stop()
    done = sit(server.home, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert len(judged(store_at(server.home))) == 4  # two samples of two steps, as backed up
