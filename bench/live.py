"""``make bench-live``: from pressing Run to the first words on the screen, embedded model.

In Chromium; times are taken in the page: from the click's own time stamp to the frame in which the
column's text is painted. In the same run, on the same machine: how fast a bare Streamlit button
gets one word onto the screen, which is what the framework takes. The first press after the app's
start is told apart: the page makes the model ready while it is read.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from bench.lines import Line, show
from sit_core.embedded.shipped import shipped_base
from tests.browser.conftest import FLAGS, READY
from tests.browser.install import chromium
from tests.browser.servers import ROOT, AppServer, free_port

TARGET = 500.0
READING = 20
"""Seconds that somebody reads the page before pressing Run for the first time."""
INSTRUCTION = "First repeat the input, then answer the question."
INPUT = "Question: What is a tuna?\nChoices: A:garment, B:fish, C:instrument, D:tool, E:toy"

# A click notes its time; each frame looks whether there is text of another run than before; the
# message after that frame's paint takes the time.
WATCH = """
(() => {
  window.benchTimes = []
  let pressed = null, before = null
  window.addEventListener("click", (event) => { pressed = event.timeStamp }, true)
  const frame = () => {
    const place = document.querySelector("%s")
    const text = place ? (place.querySelector(".live-text") ?? place).textContent : ""
    const run = place ? (place.dataset.run ?? text) : null
    if (text && run !== before) {
      before = run
      if (pressed !== null) {
        const from = pressed
        pressed = null
        const channel = new MessageChannel()
        channel.port1.onmessage = () => window.benchTimes.push(performance.now() - from)
        channel.port2.postMessage(0)
      }
    }
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})()
"""


def opened(browser: Browser, url: str, selector: str) -> Page:
    """A visitor of one's own, with the watch."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(WATCH % selector)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector(READY)
    return page


def press(page: Page, name: str, times: int) -> list[float]:
    """Milliseconds from press to text, time and again."""
    page.evaluate("window.benchTimes.length = 0")
    for i in range(times):
        page.get_by_role("button", name=name).click()
        page.wait_for_function(f"() => window.benchTimes.length > {i}")
        page.wait_for_selector(READY)
    return list(page.evaluate("window.benchTimes"))


def live(browser: Browser, url: str, times: int) -> dict[str, float]:
    """Figures of the Live page, one model and three, in milliseconds."""
    figures = {}
    for n in (1, 3):
        query = urlencode(
            {"instruction": INSTRUCTION, "input": INPUT, "model": ["microlab"] * n}, doseq=True
        )
        page = opened(browser, f"{url}/live?{query}", ".live-column")
        if n == 1:
            page.wait_for_timeout(READING * 1000)
            figures[f"first press after {READING} s of reading"] = press(page, "Run", 1)[0]
        found = press(page, "Run", times)
        names = "one model" if n == 1 else "three models"
        figures[f"{names}: median"] = statistics.median(found)
        figures[f"{names}: p95"] = statistics.quantiles(found, n=20)[-1]
        page.context.close()
    return figures


def bare(browser: Browser, times: int) -> float:
    """The median of a bare button."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "bench/bare_button.py",
         "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        server = AppServer(Path(tempfile.gettempdir()))
        server.process, server.port = process, port
        server.url = f"http://127.0.0.1:{port}"
        server.wait()
        page = opened(browser, server.url, "[data-testid=stText]")
        found = press(page, "Run", times)
        page.context.close()
        return statistics.median(found)
    finally:
        process.terminate()
        process.wait()


def measure(times: int) -> dict[str, float]:
    """All figures, in milliseconds."""
    shipped_base()  # says what to do when it is not here
    home = Path(tempfile.mkdtemp(prefix="sit-bench-"))
    server = AppServer(home).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            figures = live(browser, server.url, times)
            server.stop()
            figures["bare button: median"] = bare(browser, times)
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    return figures


def main() -> None:
    """Measure, print, and say whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="presses per measurement")
    parser.add_argument("--out", type=Path, help="write the figures as JSON, too")
    arguments = parser.parse_args()
    figures = measure(arguments.times)
    lines = [
        Line(name, value, "ms", None if name.startswith("bare") else TARGET, at_most=True)
        for name, value in figures.items()
    ]
    ratio = figures["one model: median"] / figures["bare button: median"]
    lines.append(Line("ratio to a bare button (median)", ratio, "x"))
    show("Run pressed → first words on the screen", lines)
    if arguments.out:
        arguments.out.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
