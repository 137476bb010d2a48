"""A real Chromium on the real app."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from sit_core.settings import settings
from sit_core.store import Store, open_store
from tests.browser.install import chromium
from tests.browser.servers import AppServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
)
PATIENCE_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that $SIT_CHROMIUM names, the system's, else Playwright's own."""
    path = chromium()
    if path is None:
        pytest.fail("There is no Chromium; run `make browser`.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1400, "height": 900})
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def app_server(tmp_path: Path) -> Iterator[Callable[..., AppServer]]:
    """``app_server()`` starts the app with an empty store of its own; ended with the test."""
    servers: list[AppServer] = []

    def start(home: Path | None = None, **options: object) -> AppServer:
        server = AppServer(home or tmp_path / f"app{len(servers)}", **options)  # type: ignore[arg-type]
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def store_at() -> Iterator[Callable[..., Store]]:
    """``store_at(home)``: the store of a server, opened beside it; closed with the test."""
    opened: list[Store] = []

    def open_at(home: Path, database_url: str | None = None) -> Store:
        environ = {"SIT_HOME": str(home)}
        if database_url:
            environ["SIT_DATABASE_URL"] = database_url
        opened.append(open_store(settings(environ)))
        return opened[-1]

    yield open_at
    for store in opened:
        store.close()


def go(page: Page, url: str) -> None:
    """Open an address and wait until its script has run."""
    page.goto(url)
    page.wait_for_selector(READY)


def sign_in(page: Page, url: str, name: str) -> None:
    """Open the Annotate page and give a name."""
    go(page, url)
    page.get_by_role("textbox", name="Your name").fill(name)
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".desk:not([data-state=loading])")


def go_on(page: Page, url: str, name: str) -> None:
    """Open the Annotate page in a browser that knows the name, and go on."""
    go(page, f"{url}/annotate")
    expect(page.get_by_role("textbox", name="Your name")).to_have_value(name)
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".desk:not([data-state=loading])")


def sample_on_screen(page: Page) -> str | None:
    """The id of the sample that is shown."""
    return page.locator(".desk").get_attribute("data-sample")


def all_saved(page: Page) -> None:
    """Wait until the desk says that everything is stored."""
    page.wait_for_selector('.desk[data-unsaved="0"]')
