"""Train as a new user sees it: rows measured, a training watched, the app killed under it, Live."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from sit_core.embedded import shipped
from sit_core.jobs.process import kill
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from tests.browser.conftest import READY, go
from tests.browser.servers import AppServer
from tests.train.conftest import copies, rows_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shipped.BASE / "model.safetensors").is_file(), reason="no embedded model here"
    ),
]
PATIENCE_MS = 300_000


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    page.context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield page
    expect.set_options(timeout=5_000)


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    return app_server()


@pytest.fixture
def store(server: AppServer, store_at: Callable[..., Store]) -> Iterator[Store]:
    """The server's store; a job that a test leaves behind is ended by its own pid."""
    opened = store_at(server.home)
    yield opened
    for job in list_jobs(opened, active=True):
        if job.pid is not None:
            kill(job.pid, job.process)


def choose(page: Page, box: str, option: str) -> None:
    page.get_by_label(box, exact=True).click()
    page.get_by_role("option", name=option).click()
    page.wait_for_selector(READY)


def write(page: Page, role: str, name: str, text: str) -> None:
    page.get_by_role(role, name=name, exact=True).fill(text)  # type: ignore[arg-type]
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)


def test_from_a_file_to_live_through_a_killed_app(
    page: Page, server: AppServer, store: Store, tmp_path: Path
) -> None:
    rows = copies(60)
    rows.append({"instruction": "Say much.", "input": "", "output": "tree " * 700})
    go(page, f"{server.url}/train")
    choose(page, "Data", "A file")
    page.set_input_files("input[type=file]", rows_file(tmp_path / "rows.jsonl", rows))
    expect(page.get_by_text("the sign to stop would be cut off")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    choose(page, "Longer rows", "leave them out")
    write(page, "spinbutton", "Updates", "40")
    write(page, "textbox", "Name of the training", "mine")
    page.get_by_role("button", name="Start training").click()

    expect(page.get_by_text("Tokens per second")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["training"] == ["mine"]
    server.kill()
    server.start()  # the training is no child of the app

    go(page, f"{server.url}/train?training=mine")
    expect(page.get_by_text("40 of 40", exact=True)).to_be_visible()
    expect(page.get_by_text("were kept: held-out loss")).to_be_visible()
    (job,) = list_jobs(store)
    assert (job.state, job.attempt) == ("done", 1)
    adapter = server.home / "adapters" / "mine"
    assert (adapter / "adapter_model.safetensors").is_file()

    page.get_by_role("link", name="Try it in Live").click()
    page.wait_for_url("**/live?*")
    page.wait_for_selector(READY)
    assert parse_qs(urlsplit(page.url).query)["model"] == ["microlab", "home+mine"]
    expect(page.get_by_label("Model 2", exact=True)).to_have_value("mine (adapter)")
