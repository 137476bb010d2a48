"""The published copy of the board in a real browser: sorted by a press, nothing loaded."""

from pathlib import Path

from playwright.sync_api import BrowserContext

from sit_core.export.leaderboard import leaderboard_bytes
from sit_core.results.leaderboard.build import leaderboard
from sit_core.store import Store
from sit_core.store.systems import set_system
from tests.factories import make_run
from tests.results.test_leaderboard import FOLLOW, grow, say

HOSTILE = "</td><img src=x onerror=alert(1)><script>alert(2)</script>"


def test_it_sorts_and_loads_nothing(
    context: BrowserContext, sqlite_store: Store, tmp_path: Path
) -> None:
    for name, verdicts, ratings in (
        ("a", ["yes", "yes", "no", "no"], [1, 1, 2, 1]),
        ("b", ["yes", "no", "no", "no"], [5, 5, 4, 5]),
        ("c", ["?", "?", "?", "?"], []),
    ):
        say(sqlite_store, make_run(sqlite_store, name, 4, steps=FOLLOW), verdicts, ratings)
    grow(sqlite_store, [1, 2, 3, 4])
    set_system(sqlite_store, "b", rename=HOSTILE)
    path = tmp_path / "board.html"
    path.write_bytes(leaderboard_bytes(leaderboard(sqlite_store), "html"))
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    table = page.locator("table").first

    def order() -> list[str]:
        cells = table.locator("tbody tr td:first-child")
        return [text.splitlines()[0] for text in cells.all_inner_texts()]

    assert order() == ["a", HOSTILE, "c"]
    quality = table.get_by_role("button", name="quality")
    quality.click()
    assert order() == [HOSTILE, "a", "c"]
    quality.press("Enter")
    assert order() == ["a", HOSTILE, "c"]  # what has no value stays at the end
    assert table.locator("th[aria-sort=ascending]").inner_text().startswith("quality")
    assert said == []
    assert asked == [path.as_uri()]
