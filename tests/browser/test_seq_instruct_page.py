"""Seq-Instruct as a new user sees it: rows dropped, two iterations by rules, numbers clicked."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from sit_core.jobs.process import kill
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from tests.browser.conftest import PATIENCE_MS, READY, go
from tests.browser.servers import AppServer
from tests.instruction_sets import HOSTILE, small_set

EVIL = f"{HOSTILE}\n<img src='/leak.png'>![x](/leak.png)"
ROWS = [
    {"instruction": "Name its colour.", "input": "a plum: ripe and round", "output": "Purple."},
    {"instruction": f"Describe the thing. {EVIL}", "input": EVIL, "output": EVIL},
    {"instruction": "Name a fruit.", "input": "", "output": "A fig."},
    {"instruction": "List two rivers and name a lake.", "input": "", "output": "Rhine, Po; Como"},
    {"instruction": "Why does it rain?", "input": "", "output": "Air cools, and water falls."},
]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    expect.set_options(timeout=60_000)
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


@pytest.fixture
def asked(page: Page) -> list[str]:
    """All addresses that the page asks for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def address(page: Page) -> dict[str, str]:
    return {k: v[-1] for k, v in parse_qs(urlsplit(page.url).query).items()}


def ready(page: Page) -> None:
    page.wait_for_selector(READY)


def click_middle(page: Page, place: Locator) -> None:
    """A click of the mouse where this is; figures catch clicks on a layer above their parts."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def choose_row(page: Page, alt: str, row: int) -> None:
    """Tick a row of a table, once nothing is drawn any more."""
    ready(page)
    canvas = page.get_by_label(alt).locator("canvas").first
    canvas.wait_for()
    canvas.locator("tr").nth(row + 1).wait_for(state="attached")  # its rows for screen readers
    canvas.evaluate("table => table.scrollIntoView({block: 'center'})")
    ready(page)
    box = page.get_by_label(alt).locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 36 + 30 * row + 15)


def in_address(page: Page, **wanted: str) -> None:
    """Wait until the address has these."""
    page.wait_for_function(
        "wanted => { const p = new URLSearchParams(location.search);"
        " return Object.entries(wanted).every(([k, v]) => p.get(k) === v) }",
        arg=wanted,
    )
    ready(page)


def make(page: Page, name: str) -> None:
    """Give the set a name and wait until both iterations are there."""
    box = page.get_by_label("Name of the set")
    box.fill(name)
    box.press("Enter")
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_role("tab", name="What became of them")).to_be_visible(timeout=PATIENCE_MS)
    bars = page.get_by_label("What became of the instructions in each iteration")
    expect(bars.get_by_text("iteration 2")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    ready(page)
    assert address(page) == {"set": name}


@pytest.mark.slow
def test_the_micro_lab_in_two_iterations_with_shares_and_kinds(
    server: AppServer, store: Store, page: Page
) -> None:
    go(page, f"{server.url}/seq_instruct")
    page.get_by_label("Examples", exact=True).click()
    page.get_by_role("option", name="Micro lab").click()
    count = page.get_by_label("How many")
    count.fill("20")
    count.press("Enter")
    expect(page.get_by_text("20 instructions, 2 iterations by rules")).to_be_visible()
    make(page, "lab")
    expect(page.get_by_text("20 instructions", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Kinds").click()
    expect(page.locator(".sunburstlayer .slice")).not_to_have_count(0)
    page.get_by_role("tab", name="Files and configuration").click()
    expect(page.get_by_text("sit seq-instruct --name=lab", exact=True)).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download the training file").click()
    lines = Path(caught.value.path()).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line)["seq_instruct"] for line in lines]
    assert len(rows) > 10
    assert {row["iteration"] for row in rows} == {2}
    assert any(len(row["options"]) == 2 for row in rows)


@pytest.mark.slow
def test_from_dropped_rows_to_the_tree_of_one_of_them(
    server: AppServer, store: Store, page: Page, asked: list[str]
) -> None:
    go(page, f"{server.url}/seq_instruct")
    page.set_input_files(
        "input[type=file]",
        {
            "name": "rows.json",
            "mimeType": "application/json",
            "buffer": json.dumps(ROWS).encode(),
        },
    )
    expect(page.get_by_text("5 instructions, 2 iterations by rules")).to_be_visible()
    make(page, "mine")

    bar = page.locator(".barlayer .point path").first
    click_middle(page, bar)
    page.wait_for_function("() => new URLSearchParams(location.search).has('outcome')")
    ready(page)
    said = address(page)
    assert said["iteration"] in ("1", "2")
    assert said["outcome"] in ("A", "B", "C", "D")
    expect(page.get_by_role("button", name="All of them")).to_be_visible()

    page.get_by_role("button", name="All of them").click()
    in_address(page, iteration=said["iteration"])
    choose_row(page, "The instructions found", 1)
    in_address(page, instruction="1")
    expect(page.locator("[data-iteration='0']")).to_have_text("Seed")
    expect(page.locator("[data-iteration='2']")).to_be_visible()
    assert EVIL in page.locator("[data-verbatim=text]").first.inner_text()
    page.get_by_text("replies of the writer").first.click()
    expect(page.get_by_text("Option: ").first).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    ready(page)
    expect(page.locator("[data-iteration='2']")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    in_address(page, instruction="0")

    assert page.evaluate("window.owned") is None
    assert not [url for url in asked if "leak" in url]


def test_a_piece_of_the_sunburst_opens_its_instructions(
    server: AppServer, store: Store, page: Page
) -> None:
    small_set(home=server.home)
    go(page, f"{server.url}/seq_instruct?set=small&iteration=1")
    page.get_by_role("tab", name="Kinds").click()
    expect(page.get_by_text("Found by a simple rule")).to_be_visible()
    piece = page.locator(".sunburstlayer text.slicetext", has_text="plum")
    click_middle(page, piece)
    in_address(page, set="small", iteration="1", verb="name", noun="plum")
    expect(page.get_by_text("1 instruction", exact=True)).to_be_visible()
    expect(page.get_by_text("Kind: name → plum")).to_be_visible()


def test_a_cell_and_a_reason_open_their_instructions(
    server: AppServer, store: Store, page: Page
) -> None:
    small_set(home=server.home)
    go(page, f"{server.url}/seq_instruct?set=small")
    choose_row(page, "Why instructions were refused", 0)
    in_address(page, iteration="1", outcome="gated", reason="lost numbers")
    expect(page.get_by_text("1 instruction", exact=True)).to_be_visible()
    choose_row(page, "The instructions found", 0)
    in_address(page, instruction="3")
    expect(page.get_by_text("lost numbers: 12 is not in it")).to_be_visible()


def test_a_prompt_is_changed_tried_on_one_and_reset(
    server: AppServer, store: Store, page: Page, asked: list[str]
) -> None:
    go(page, f"{server.url}/seq_instruct?view=prompts")
    text = page.get_by_label("classify.txt", exact=True)
    expect(text).to_have_value(re.compile("version: "))
    shipped = text.input_value()
    text.fill(f"{shipped}\nMy own last line.")
    text.press("Control+Enter")
    expect(page.get_by_text("Not kept yet")).to_be_visible()
    instruction = page.get_by_role("textbox", name="Instruction", exact=True)
    instruction.fill(f"Name its colour. {EVIL}")
    instruction.press("Control+Enter")
    ready(page)
    page.get_by_role("button", name="Try classify on it").click()
    expect(page.get_by_text("It says: option")).to_be_visible()
    sent = page.locator("[data-verbatim=text]").first.inner_text()
    assert sent.endswith("My own last line.")
    assert EVIL in sent
    page.get_by_role("button", name="Keep the changes").click()
    expect(page.get_by_text("Kept. New sets may use it")).to_be_visible()
    kept = server.home / "prompts" / "seq_instruct" / "classify.txt"
    assert kept.read_text(encoding="utf-8").endswith("My own last line.")
    page.get_by_role("button", name="Back to the program's").click()
    expect(page.get_by_text("is the program's again")).to_be_visible()
    assert not kept.exists()
    assert page.evaluate("window.owned") is None
    assert not [url for url in asked if "leak" in url]


def test_the_training_file_is_downloaded(server: AppServer, store: Store, page: Page) -> None:
    small_set(home=server.home)
    go(page, f"{server.url}/seq_instruct?set=small")
    page.get_by_role("tab", name="Files and configuration").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download the training file").click()
    lines = Path(caught.value.path()).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["seq_instruct"]["place"] for row in rows] == [0, 1, 2]
    assert rows[1]["output"] == HOSTILE
