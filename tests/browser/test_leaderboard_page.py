"""The board on the screen shows what a recount of the rows gives, and leads to them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from pages.inspect_outputs.address import filter_from
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.models.config import ModelConfig
from sit_core.results.leaderboard.build import value_shown
from sit_core.store import Store
from sit_core.store.browse import count_hits
from sit_core.store.schema import examples, predictions, runs
from sit_core.store.systems import System, get_system, put_reported, set_system
from tests.browser.conftest import PATIENCE_MS, READY, go
from tests.browser.servers import AppServer
from tests.factories import make_run
from tests.judge.conftest import JudgeServer
from tests.results.test_leaderboard import FOLLOW, grow

EVIL = "<img src=x onerror=\"document.title='hacked'\"> ![x](http://x/y.png) $x$"


@pytest.fixture
def endpoint() -> Iterator[JudgeServer]:
    made = JudgeServer()
    yield made
    made.end()


def verdict_of(output: str) -> tuple[bool, float] | None:
    """The scripted judge's opinion: a rule on the output alone, so that it can be recounted."""
    size = len(output)
    if size % 41 == 7:
        return None
    return size % 5 != 0 and size > 40, 1 + size % 9 / 2


def says(texts: Mapping[str, str]) -> str:
    if "second" in texts:
        ours, theirs = len(texts["first"]), len(texts["second"])
        return "[[1]]" if ours > theirs else "[[2]]" if ours < theirs else "[[Tie]]"
    found = verdict_of(texts["output"])
    return "hard to say" if found is None else f"[[{'Yes' if found[0] else 'No'}, {found[1]:g}]]"


def judge_all(store: Store, url: str, names: Sequence[str], reference: str) -> None:
    """The five-step way of a user at a terminal: judge all, compare all with the reference."""
    model = ModelConfig("scripted", backend="openai", base_url=url, in_flight=16)
    judge_runs(store, JudgeConfig(tuple(names), model=model), report=lambda *_: None)
    others = tuple(name for name in names if name != reference)
    duels = JudgeConfig(others, model=model, judge="pairwise", against=reference)
    judge_runs(store, duels, report=lambda *_: None)


Count = tuple[float, int, int]
"""Value, n, and how many have none."""
DIGITS = {"following (LLM)": "share", "quality": "quality", "characters": "length"}


def board(page: Page) -> Locator:
    """The table, drawn."""
    table = page.get_by_role("region", name="Leaderboard").get_by_role("table")
    expect(table).to_be_visible(timeout=PATIENCE_MS)
    return table


def systems_shown(page: Page) -> list[str]:
    """The names, from above."""
    return board(page).locator("tbody th .name").all_text_contents()


def cell(page: Page, column: str, system: str) -> Locator:
    """A figure of the table, by what its column is called and whose it is."""
    table = board(page)
    heads = [re.sub(r"(, (%|1–5))?[↑↓]?$", "", head) for head in _heads(table)]
    row = table.locator("tbody tr").nth(systems_shown(page).index(system))
    return row.locator("> *").nth(heads.index(column))


def _heads(table: Locator) -> list[str]:
    return table.locator("thead th").all_text_contents()


def value(page: Page, column: str, system: str) -> str:
    """What the cell says in large letters."""
    return (cell(page, column, system).locator("b").text_content() or "").strip()


def recounted(
    outputs: Mapping[str, Mapping[str, str]], reference: str
) -> dict[str, dict[str, Count]]:
    """System → column → what it must say, from the outputs alone."""
    found: dict[str, dict[str, Count]] = {}
    for system, of in outputs.items():
        said = [verdict_of(text) for text in of.values()]
        usable = [one for one in said if one is not None]
        counts = (len(usable), len(said) - len(usable))
        cells = {
            "following (LLM)": (sum(yes for yes, _ in usable) / len(usable), *counts),
            "quality": (sum(value for _, value in usable) / len(usable), *counts),
            "characters": (sum(map(len, of.values())) / len(of), len(of), 0),
        }
        if system != reference:
            theirs = outputs[reference]
            worth = [
                0.5 if len(mine) == len(theirs[asked]) else float(len(mine) > len(theirs[asked]))
                for asked, mine in of.items()
            ]
            cells[f"wins vs {reference}"] = (sum(worth) / len(worth), len(worth), 0)
        found[system] = cells
    return found


def check_board(page: Page, known: Mapping[str, Mapping[str, Count]]) -> None:
    """Every cell on the screen is what was recounted: the board's, and n in the list of figures."""
    assert set(systems_shown(page)) == set(known)
    for system, of in known.items():
        for column, (expected, n, without) in of.items():
            kind = DIGITS.get(column, "share")
            assert value(page, column, system) == value_shown(expected, kind), (system, column)
            beside = cell(page, column, system).locator(".note").text_content() or ""
            assert f"n={n:,}" in beside
            assert (f"{without} without" in beside) == bool(without), (system, column, beside)
    page.get_by_role("tab", name="Every figure").click()
    opened = page.get_by_role("tabpanel").filter(has=page.get_by_test_id("stDataFrame"))
    figures = opened.get_by_test_id("stDataFrame").first
    expect(figures).to_be_visible()
    figures.locator("table [role=gridcell]").first.wait_for(state="attached")
    heads = figures.locator("table [role=columnheader]").all_text_contents()
    rows = figures.locator("table [role=row]:has([role=gridcell])")
    checked = 0
    for row in range(rows.count()):
        texts = rows.nth(row).locator("[role=gridcell]").all_text_contents()
        said = dict(zip(heads, texts, strict=True))
        if said["figure"] not in known[said["system"]]:
            continue
        _, n, _ = known[said["system"]][said["figure"]]
        checked += 1
        assert said["n"].endswith(f"#{n}") or said["n"] == str(n), said
    assert checked >= 8  # a long list is drawn in part
    page.get_by_role("tab", name="Two systems").click()


def outputs_of(store: Store) -> dict[str, dict[str, str]]:
    """Run → instruction → output, read past all counting code."""
    found: dict[str, dict[str, str]] = {}
    query = (
        select(runs.c.name, examples.c.id, predictions.c.output)
        .join(predictions, predictions.c.run_id == runs.c.id)
        .join(examples, examples.c.id == predictions.c.example_id)
    )
    with store.read() as connection:
        for run, asked, output in connection.execute(query):
            found.setdefault(run, {})[asked] = output
    return found


def test_own_rows_judged_shown_filtered_edited_and_compared(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
    endpoint: JudgeServer,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    endpoint.says = says
    for place, name in enumerate(("base", "tuned", EVIL)):
        texts = [f"{name} {'word ' * (7 * place + 5 * i)}" for i in range(12)]
        make_run(store, name, texts, steps=FOLLOW)
    grow(store, [1 + i % 4 for i in range(12)])
    judge_all(store, endpoint.url, ["base", "tuned", EVIL], "base")
    known = recounted(outputs_of(store), "base")
    server = app_server(home)
    go(page, f"{server.url}/leaderboard")
    expect(page.get_by_text("A click on a cell opens its samples")).to_be_visible()
    check_board(page, known)
    expect(
        page.get_by_text("Prompts by iterations: 3 of 1, 3 of 2, 3 of 3, 3 of 4")
    ).to_be_visible()

    # A press on a head sorts in the browser: the address knows, the app is not asked.
    asked_before = page.evaluate("performance.getEntriesByType('resource').length")
    for head, column, way in (
        ("quality", "quality", "descending"),
        ("quality", "quality", "ascending"),
        ("characters", "characters", "descending"),
    ):
        button = board(page).get_by_role("button", name=re.compile(f"^{head}"))
        button.press("Enter")
        expect(board(page).locator(f"th[aria-sort={way}]")).to_contain_text(head)
        values = [known[system][column][0] for system in systems_shown(page)]
        assert values == sorted(values, reverse=way == "descending")
    assert parse_qs(urlsplit(page.url).query) == {"sort": ["characters"]}
    assert page.evaluate("performance.getEntriesByType('resource').length") == asked_before

    # A figure leads to exactly its samples, by hand, by key, and as a link of its own.
    system = systems_shown(page)[1]
    first = board(page).get_by_role("rowheader").nth(1).get_by_role("link")
    first.focus()
    page.keyboard.press("ArrowRight")
    link = cell(page, "following (LLM)", system).get_by_role("link")
    expect(link).to_be_focused()
    address = link.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/inspect\?"))
    page.wait_for_selector(READY)
    asked = filter_from(parse_qs(urlsplit(page.url).query))
    assert parse_qs(urlsplit(page.url).query) == parse_qs(urlsplit(address).query)
    n = known[system]["following (LLM)"][1]
    assert asked.runs == (system,)
    assert count_hits(store, asked) == n
    expect(page.get_by_text(f"{n} outputs", exact=True)).to_be_visible()
    page.go_back()
    page.wait_for_url(re.compile(r"/leaderboard"))
    expect(page.get_by_text("A click on a cell opens its samples")).to_be_visible()
    assert board(page).locator("th[aria-sort]").text_content() == "characters↓"  # as it was left

    page.get_by_role("textbox", name="Find").fill("tuned")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 systems are shown.")).to_be_visible()
    expect(board(page).locator("tbody tr")).to_have_count(1)
    assert systems_shown(page) == ["tuned"]
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("find") == ["tuned"])

    set_system(store, "tuned", base_model=EVIL, training_data="SIT")
    go(page, f"{server.url}/leaderboard?first=tuned&second=base&by=duels&outcome=won")
    about = board(page).get_by_role("row").filter(has_text="tuned").locator(".about")
    expect(about).to_have_text(f"{EVIL} · SIT")
    shown = page.locator("[data-verbatim=text]")
    expect(shown.filter(has_text="tuned word").first).to_be_visible()
    expect(shown.filter(has_text="base").first).to_be_visible()
    assert page.title() != "hacked"
    assert page.locator("img[src='x']").count() == 0
    assert get_system(store, "tuned").base_model == EVIL

    with page.expect_download() as caught:
        page.get_by_role("button", name="Export").click()
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    assert "following_llm" in Path(caught.value.path()).read_text()


def test_others_results_are_imported_and_marked(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    make_run(store, "a run", 1)
    server = app_server(home)
    go(page, f"{server.url}/leaderboard")
    expect(page.get_by_text("There is no system yet")).to_be_visible()
    page.get_by_role("tab", name="Others' results").click()
    file = tmp_path / "theirs.csv"
    file.write_text("system,following_llm,following_llm.n,quality\nTheirs,0.88,805,4.5\n")
    page.locator("input[type=file]").last.set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 new, 0 changed, 0 known, 0 refused.")).to_be_visible()
    assert systems_shown(page) == ["Theirs"]
    expect(board(page).locator("tbody th .mark")).to_have_text("reported by others")
    assert value(page, "following (LLM)", "Theirs") == "88.0"
    assert board(page).locator("tbody a").count() == 0  # it came without outputs

    page.get_by_role("tab", name="Benchmarks").click()
    results = tmp_path / "results_1.json"
    results.write_text(
        json.dumps({"results": {"mmlu": {"acc,none": 0.625}}, "n-shot": {"mmlu": 5}})
    )
    page.get_by_role("combobox", name="System").click()
    page.get_by_role("option", name="Theirs").click()
    page.get_by_role("tabpanel").filter(has_text="Read results of lm-eval").locator(
        "input[type=file]"
    ).set_input_files(results)
    page.get_by_role("button", name="Read them").click()
    expect(page.get_by_text("1 figure of Theirs.")).to_be_visible()
    assert value(page, "mmlu · acc (5-shot)", "Theirs") == "0.625"


def test_many_systems_scroll_below_their_head_and_fit_a_phone(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    figures = [{"following_llm": {"value": (i // 2) / 30, "n": 30}} for i in range(45)]
    put_reported(
        store_at(home),
        [System(f"system-{i:02}", None, "B", None, f, {}) for i, f in enumerate(figures)],
    )
    server = app_server(home)
    go(page, f"{server.url}/leaderboard")
    assert len(systems_shown(page)) == 45
    ranks = [int(text) for text in board(page).locator("td.rank").all_text_contents()]
    assert ranks[:5] == [1, 2, 2, 4, 4]  # 44 alone, then by twos
    frame = page.get_by_role("region", name="Leaderboard")
    frame.evaluate("(at) => at.scrollTo(0, 900)")
    top = frame.bounding_box()
    head = board(page).locator("thead th").first.bounding_box()
    assert top is not None
    assert head is not None
    assert frame.evaluate("(at) => at.scrollTop") > 500
    assert abs(head["y"] - top["y"]) < 3
    page.set_viewport_size({"width": 390, "height": 844})
    frame.evaluate("(at) => at.scrollTo(0, 0)")
    figure = board(page).locator("tbody td.scaled").first
    expect(figure).to_be_in_viewport()
    box = figure.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_the_released_systems_judged_by_a_local_server_stand_in_one_board(
    real_data: Path,
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
    endpoint: JudgeServer,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    endpoint.says = says
    released = sorted((real_data / "seqeval").glob("*.jsonl"))
    (graded,) = (real_data / "seqeval_judged").glob("*.json")
    assert len(released) == 5
    environ = {**os.environ, "SIT_HOME": str(home)}
    for file in (*released, graded):
        command = [sys.executable, "-m", "sit_core.cli", "import", str(file)]
        subprocess.run(command, env=environ, check=True, capture_output=True)
    names = list(outputs_of(store))
    reference = next(name for name in names if name.startswith("gpt-3.5"))
    judge_all(store, endpoint.url, names, reference)
    known = recounted(outputs_of(store), reference)
    assert all(len(of) == 805 for of in outputs_of(store).values())
    server = app_server(home)
    scripted = "seqeval · scripted · " + _hash(store)
    go(page, f"{server.url}/leaderboard?judge={scripted}&reference={reference}")
    expect(page.get_by_text("A click on a cell opens its samples")).to_be_visible(timeout=60_000)
    check_board(page, known)
    expect(page.get_by_text("81 of 1, 161 of 2, 242 of 3, 321 of 4")).to_be_visible()

    # The verdicts that came with the file are another judge's: 708 yes, 95 no, 2 unusable.
    go(page, f"{server.url}/leaderboard?judge=gpt-4-turbo (imported)")
    assert value(page, "following (LLM)", reference) == value_shown(708 / 803, "share")


def _hash(store: Store) -> str:
    from sit_core.store.llm_judgments import llm_judges

    (name,) = (j.name for j in llm_judges(store) if j.name.startswith("seqeval · scripted"))
    return name.rsplit(" ", 1)[1]
