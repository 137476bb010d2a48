"""Files are dropped and imported with the mouse alone, once however often one clicks."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from sit_core.store import Store
from sit_core.store.runs import list_runs
from tests.browser.conftest import READY
from tests.browser.servers import AppServer

ROW = {"instruction": "First repeat the input, then answer.", "input": "1?", "output": "one"}
EVIL = '<img src="/leak.png" onerror="fetch(\'/leak\')">![x](/leak.png) $x^2$ [a](javascript:1)'


def opened(page: Page, server: AppServer) -> None:
    page.goto(f"{server.url}/import")
    page.wait_for_selector(READY)


def test_ten_real_files_are_imported_at_once_by_the_mouse_alone(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    real_data: Path,
) -> None:
    server = app_server()
    opened(page, server)
    files = sorted((real_data / "csqa_repeat").glob("*.jsonl"))
    page.set_input_files("input[type=file]", files)
    page.get_by_role("button", name="Import 10 files").dblclick()
    expect(page.get_by_role("button", name="Make a study of these runs")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("850")
    found = list_runs(store_at(server.home))
    assert {r.name for r in found} == {f.stem for f in files}
    assert sum(r.outputs for r in found) == 850


def test_a_hostile_file_is_shown_as_text_and_nothing_is_fetched(
    app_server: Callable[..., AppServer], page: Page, tmp_path: Path
) -> None:
    server = app_server()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, server)
    row = {"instruction": EVIL, "input": EVIL, "output": EVIL, "target": EVIL, EVIL: EVIL}
    bad = {**row, "output": None}
    data = "".join(json.dumps(r) + "\n" for r in (row, bad))
    name = EVIL.replace("/", "") + ".jsonl"
    page.set_input_files(
        "input[type=file]",
        {"name": name, "mimeType": "application/json", "buffer": data.encode()},
    )
    page.get_by_text("Columns and first rows").click()
    expect(page.get_by_test_id("stCode").first).to_contain_text("<img src=")
    page.get_by_role("button", name="Import 1 file").click()
    good = page.get_by_role("button", name="Import the good rows (1)")
    expect(good).to_be_visible()
    good.click()
    expect(page.get_by_role("button", name="Make a study of these runs")).to_be_visible()
    assert page.locator("img[src*=leak]").count() == 0
    assert [url for url in asked if "leak" in url] == []
    assert all(url.startswith((server.url, "data:", "blob:")) for url in asked)
