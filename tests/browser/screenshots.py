"""``make screenshots``: the README's pictures, of the real pages with the starter study."""

import random
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from sit_core.annotation.session import exchange
from sit_core.settings import settings
from sit_core.starter import STUDY
from sit_core.store import Store, open_store
from sit_core.store.studies import get_study
from tests.browser.conftest import FLAGS, READY, go, sign_in
from tests.browser.install import chromium
from tests.browser.servers import ROOT, AppServer, sit

FOLDER = ROOT / "docs" / "images"
ADAPTERS = ROOT / "data" / "microlab" / "adapters"
SIZE = {"width": 1400, "height": 900}


def judge_some(store: Store) -> None:
    """Two people's verdicts, so that there is something to show; decided by a seeded coin."""
    rng = random.Random(2)
    study = get_study(store, STUDY)
    reply = exchange(store, study, "Ann")
    for _ in range(31):
        sample = next(s for s in reply["samples"] if s["id"] == reply["hand"][0])
        said = sample["output"].strip()
        verdicts = {
            "repeat": "yes" if sample["input"] in said else "partly" if "A:" in said else "no",
            "answer": rng.choice(["yes", "yes", "yes", "partly"]) if answered(said) else "no",
        }
        item = {"id": sample["id"], "prediction": sample["id"], "verdicts": verdicts}
        reply = exchange(store, study, "Ann", {"submissions": [item]})


def answered(said: str) -> bool:
    """Whether there is something below the choices, or no choices at all."""
    return bool(said) and "Choices:" not in said.rpartition("\n")[2]


def fill_board(home: Path) -> None:
    """Three embedded systems on the SeqEval of the micro world, judged by rules, and a set."""
    for name in ("it", "sit-repeat", "sit-2"):
        adapter = f"--adapter={ADAPTERS / name}"
        sit(home, "seqeval", f"--name={name}", "--model=microlab", adapter, "--no-judge")
        sit(home, "score", f"--run={name}")
    sit(home, "seq-instruct", "--name=questions", "--source=microlab:answer")


def shoot(page: Page, name: str) -> None:
    """Take a picture once everything is drawn."""
    page.wait_for_timeout(2000)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Start the app with its starter study and photograph the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="sit-pictures-"))
    server = AppServer(home, starter=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]
            go(page, server.url)
            store = open_store(settings({"SIT_HOME": str(home)}))
            judge_some(store)
            go(page, server.url)
            shoot(page, "home")
            sign_in(page, f"{server.url}/annotate", "Ann")
            page.keyboard.press("1")
            page.keyboard.press("h")
            shoot(page, "annotate")
            go(page, f"{server.url}/results")
            shoot(page, "results")
            go(page, f"{server.url}/live")
            for number in (1, 2):  # the first loads the models
                page.get_by_role("button", name="Run").click()
                done = f".live-column[data-phase=done][data-run='{number}']"
                page.wait_for_selector(f":nth-match({done}, 3)", timeout=120_000)
                page.wait_for_selector(READY)
            page.mouse.move(0, 0)
            shoot(page, "live")
            go(page, f"{server.url}/scores")
            shoot(page, "scores")
            go(page, f"{server.url}/inspect")
            page.get_by_role("option").nth(1).click()
            page.wait_for_timeout(1500)
            shoot(page, "inspect")
            go(page, f"{server.url}/studies")
            page.get_by_role("button", name="New study").click()
            shoot(page, "new-study")
            fill_board(home)
            go(page, f"{server.url}/leaderboard")
            shoot(page, "leaderboard")
            go(page, f"{server.url}/seq_instruct?set=questions")
            shoot(page, "seq-instruct")
            dark = browser.new_context(viewport=SIZE, color_scheme="dark").new_page()  # type: ignore[arg-type]
            sign_in(dark, f"{server.url}/annotate", "Bob")
            shoot(dark, "annotate-dark")
            store.close()
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
