"""``make bench-annotate``: from the last key to the next sample on the screen, in Chromium.

A store with 100,000 samples; one annotator, then six at 1.5 s think time; two steps, two keys. In
the same run, on the same machine: a bare Streamlit fragment with one key (`bare_fragment.py`).
Times are taken in the page, from the key event's own time stamp to the frame in which the new text
is painted. Prints a table and, with ``--out``, writes JSON.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Page, async_playwright
from sqlalchemy import insert

from bench.lines import Line, show
from sit_core.annotation.session import exchange
from sit_core.records import Example, Prediction, Step, chain, steps_to_json
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.schema import examples, predictions, runs
from sit_core.store.studies import Study, StudyPlan, create_study
from tests.browser.conftest import FLAGS, READY
from tests.browser.install import chromium
from tests.browser.servers import ROOT, AppServer, free_port

STEPS = chain([Step("repeat", "R"), Step("answer", "A")])
THINK_SECONDS = 1.5
TARGETS = {
    "one annotator: median": 50.0,
    "one annotator: p95": 90.0,
    "six annotators: p95": 120.0,
    "server time per judgment": 15.0,
}

# Two frames after a key the text on the screen is compared; `seen` reads what identifies it.
WATCH = """
(() => {
  window.benchTimes = []
  window.benchSaved = []
  let pressed = null, before = null
  const deep = (selector, root = document) => {
    const found = root.querySelector(selector)
    if (found) return found
    for (const host of root.querySelectorAll("*"))
      if (host.shadowRoot) {
        const inner = deep(selector, host.shadowRoot)
        if (inner) return inner
      }
    return null
  }
  let place = null
  const seen = () => {
    if (!place || !place.isConnected) place = deep("%s")
    return place ? (place.dataset.sample ?? place.textContent) : null
  }
  window.addEventListener("keydown", (event) => {
    if (event.repeat) return
    pressed = event.timeStamp
  }, true)
  const frame = () => {
    const now = seen()
    if (now !== null && now !== before) {
      if (before !== null && pressed !== null) {
        const from = pressed
        const channel = new MessageChannel() // its message comes right after this frame's paint
        channel.port1.onmessage = () => window.benchTimes.push(performance.now() - from)
        channel.port2.postMessage(0)
      }
      before = now
    }
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})()
"""


def fill(store: Store, count: int) -> Study:
    """One run of ``count`` outputs of about 200 to 900 characters, and a study of all of them."""
    rng = random.Random(1)
    words = [f"word{i}" for i in range(800)]
    with store.write() as connection:
        run_id = connection.execute(
            insert(runs).values(name="bench", settings={}, provenance={}, created_at=0.0)
        ).inserted_primary_key[0]
        for start in range(0, count, 5000):
            some = []
            for i in range(start, min(start + 5000, count)):
                question = f"Question {i}: {' '.join(rng.choices(words, k=25))}?"
                example = Example("First repeat the input, then answer.", question)
                output = f"{question}\n{' '.join(rng.choices(words, k=rng.randint(5, 100)))}"
                some.append((i, example, Prediction("bench", example, output)))
            connection.execute(
                insert(examples),
                [
                    {"id": e.id, "instruction": e.instruction, "input": e.input, "variant": 0,
                     "steps": steps_to_json([Step("repeat", "R", "repeat", e.input), STEPS[1]]),
                     "meta": {}}
                    for _, e, _ in some
                ],
            )  # fmt: skip
            connection.execute(
                insert(predictions),
                [
                    {"id": p.id, "run_id": run_id, "example_id": e.id, "ordinal": 0, "row": i,
                     "output": p.output, "length": len(p.output), "meta": {}}
                    for i, e, p in some
                ],
            )  # fmt: skip
    return create_study(store, StudyPlan("bench", ["bench"], steps=STEPS, seed=1))


async def open_desk(browser: Any, url: str, name: str) -> Page:
    """A browser of its own with an annotator at the desk."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900})
    await context.add_init_script(WATCH % ".desk")
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_selector(READY)
    await page.get_by_role("textbox", name="Your name").fill(name)
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_selector(".desk[data-state=working]")
    await page.wait_for_timeout(1000)
    return page


async def judge(page: Page, times: int, think: float, rng: random.Random) -> list[float]:
    """Judge ``times`` samples with two keys each; milliseconds from last key to next sample."""
    await page.evaluate("window.benchTimes.length = 0")
    for i in range(times):
        if think:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * think)
        await page.keyboard.press(rng.choice("1234"))
        await page.keyboard.press(rng.choice("qwer"))
        await page.wait_for_function(f"() => window.benchTimes.length > {i}")
        if not think:
            await page.wait_for_timeout(150)
    return list(await page.evaluate("window.benchTimes"))


async def bare(browser: Any, database: Path, times: int) -> list[float]:
    """The bare fragment: one key, one row further."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "bench/bare_fragment.py",
         "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=ROOT, env=os.environ | {"BENCH_DB": str(database)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        context = await browser.new_context(viewport={"width": 1400, "height": 900})
        await context.add_init_script(WATCH % "[data-testid=stText]")
        page = await context.new_page()
        for _ in range(200):
            try:
                await page.goto(f"http://127.0.0.1:{port}")
                break
            except Exception:  # noqa: BLE001 - not up yet
                await asyncio.sleep(0.1)
        await page.wait_for_selector(READY)
        await page.wait_for_selector("[data-testid=stText]")
        await page.wait_for_timeout(1500)
        await page.keyboard.press("1")
        await page.wait_for_timeout(1000)
        await page.evaluate("window.benchTimes.length = 0")
        for i in range(times):
            await page.keyboard.press("1")
            await page.wait_for_function(f"() => window.benchTimes.length > {i}")
            await page.wait_for_timeout(150)
        found = list(await page.evaluate("window.benchTimes"))
        await context.close()
        return found
    finally:
        process.terminate()
        process.wait()


def in_process(store: Store, study: Study, times: int) -> list[float]:
    """One turn (submit, claim, load the next, commit) without the page around it, in ms."""
    reply = exchange(store, study, "in process")
    have: list[str] = []
    taken = []
    for _ in range(times):
        have = (have + [s["id"] for s in reply["samples"]])[-40:]
        p = reply["hand"][0]
        item = {"id": p, "prediction": p, "verdicts": {"repeat": "yes", "answer": "no"}}
        start = time.perf_counter()
        reply = exchange(store, study, "in process", {"submissions": [item], "have": have})
        taken.append((time.perf_counter() - start) * 1000)
    return taken


class ServerTimes:
    """Per turn: from the frame that the browser sends to the last one that answers it, in ms."""

    def __init__(self) -> None:
        self.sent: float | None = None
        self.last: float | None = None
        self.turns: list[float] = []

    async def watch(self, page: Page) -> None:
        """Read the browser's own time stamps of WebSocket frames from now on."""
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        session.on("Network.webSocketFrameSent", lambda event: self.on_sent(event["timestamp"]))
        session.on("Network.webSocketFrameReceived", lambda e: self.on_received(e["timestamp"]))

    def on_sent(self, at: float) -> None:
        """A turn begins; the one before is over."""
        if self.sent is not None and self.last is not None:
            self.turns.append((self.last - self.sent) * 1000)
        self.sent, self.last = at, None

    def on_received(self, at: float) -> None:
        """The answer goes on."""
        self.last = at


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


async def measure(count: int, times: int) -> dict[str, float]:
    """All figures, in milliseconds."""
    home = Path(tempfile.mkdtemp(prefix="sit-bench-"))
    store = open_store(settings({"SIT_HOME": str(home)}))
    study = fill(store, count)
    figures: dict[str, float] = {}
    turns = in_process(store, study, times)
    store.close()
    server = AppServer(home).start()
    rng = random.Random(1)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=await asyncio.to_thread(chromium),
                args=FLAGS,
            )
            page = await open_desk(browser, f"{server.url}/annotate?study=bench", "one")
            await judge(page, 10, 0, rng)
            assert server.process is not None
            process = psutil.Process(server.process.pid)
            before = sum(process.cpu_times()[:2])
            server_times = ServerTimes()
            await server_times.watch(page)
            one = await judge(page, times, 0, rng)
            await page.wait_for_selector('.desk[data-unsaved="0"]')
            cpu = (sum(process.cpu_times()[:2]) - before) * 1000 / times
            await page.context.close()
            pages = [
                await open_desk(browser, f"{server.url}/annotate?study=bench", f"six {i}")
                for i in range(6)
            ]
            each = max(20, times // 4)
            six = await asyncio.gather(
                *(judge(p, each, THINK_SECONDS, random.Random(i)) for i, p in enumerate(pages))
            )
            for p in pages:
                await p.wait_for_selector('.desk[data-unsaved="0"]')
                await p.context.close()
            server.stop()
            fragment = await bare(browser, home / "sit.db", times)
            await browser.close()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    every = [t for some in six for t in some]
    figures["one annotator: median"] = statistics.median(one)
    figures["one annotator: p95"] = p95(one)
    figures["six annotators: median"] = statistics.median(every)
    figures["six annotators: p95"] = p95(every)
    figures["server time per judgment"] = statistics.median(server_times.turns)
    figures["server time per judgment: p95"] = p95(server_times.turns)
    figures["server CPU time per judgment"] = cpu
    figures["one turn without the page: median"] = statistics.median(turns)
    figures["one turn without the page: p95"] = p95(turns)
    figures["bare fragment, one key: median"] = statistics.median(fragment)
    figures["bare fragment, one key: p95"] = p95(fragment)
    return figures


def main() -> None:
    """Measure, print, and say which targets are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100_000, help="in the store")
    parser.add_argument("--times", type=int, default=100, help="judgments per measurement")
    parser.add_argument("--out", type=Path, help="write the figures as JSON, too")
    arguments = parser.parse_args()
    figures = asyncio.run(measure(arguments.samples, arguments.times))
    lines = [
        Line(name, value, "ms", TARGETS.get(name), at_most=True) for name, value in figures.items()
    ]
    ratio = figures["one annotator: median"] / figures["bare fragment, one key: median"]
    lines.append(Line("ratio to the bare fragment (median)", ratio, "x"))
    show(f"{arguments.samples:,} samples in the store", lines)
    if arguments.out:
        arguments.out.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
