"""A file is dropped, looked at before and after, made into a training file and downloaded."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import READY
from tests.browser.servers import AppServer

EVIL = '<img src="/leak.png" onerror="fetch(\'/leak\')">![x](/leak.png) $x^2$'
ROWS = [
    {"instruction": "Name ITS colour.", "input": f"a plum\n{EVIL}", "output": "Purple."},
    {"instruction": "Name a fruit.", "input": "", "output": "A fig."},
    {"instruction": "Count.", "input": "one, two", "output": "2"},
]


def test_from_a_dropped_file_to_a_training_file(
    app_server: Callable[..., AppServer], page: Page, tmp_path: Path
) -> None:
    server = app_server()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/augment")
    page.wait_for_selector(READY)
    page.set_input_files(
        "input[type=file]",
        {
            "name": "my data.json",
            "mimeType": "application/json",
            "buffer": json.dumps(ROWS).encode(),
        },
    )
    marked = page.locator("mark")
    expect(marked).to_have_count(2)
    expect(marked.nth(1)).to_have_text(f"a plum\n{EVIL}\n", use_inner_text=True)
    box = page.get_by_label("Name of the mixture")
    box.fill(" ")
    box.press("Enter")
    make = page.get_by_role("button", name="Make the mixture")
    make.click()
    expect(page.get_by_text("A mixture needs a name")).to_be_visible()
    box.fill("mine")
    box.press("Enter")
    expect(page.get_by_text("mine.jsonl")).to_have_count(1)
    make.click()
    expect(page.get_by_text("2 of 3")).to_be_visible(timeout=60_000)
    assert "mixture=mine" in page.url
    for name, inside in (("Download (Alpaca)", "instruction"), ("chat messages", "messages")):
        with page.expect_download() as caught:
            page.get_by_role("button", name=name).click()
        text = Path(caught.value.path()).read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        assert len(rows) == 3
        assert all(inside in row for row in rows)
    page.reload()
    expect(page.get_by_text("2 of 3")).to_be_visible(timeout=60_000)
    assert not [url for url in asked if "leak" in url]
