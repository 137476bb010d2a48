"""Runs and Jobs as a new user sees them, in processes that outlive the browser and the app.

What is looked at in the middle of a run waits there: an endpoint holds its answers, or the job's
process is stopped (SIGSTOP, by its pid) until it has been looked at.
"""

import json
import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from sit_core.jobs import JobState, current_job
from sit_core.jobs.process import is_alive, kill
from sit_core.sources.microlab_items import made_questions
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from sit_core.store.schema import predictions, runs
from tests.browser.conftest import go
from tests.browser.servers import AppServer, sit
from tests.jobs.conftest import ended, until
from tests.predict.endpoint_process import Endpoint

pytestmark = pytest.mark.slow
ALL, HELD = 200, 5
MANY = 2000
"""Questions for the embedded model: so many that one can look on."""
PATIENCE_MS = 240_000


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


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    folder = tmp_path / "endpoint"
    folder.mkdir()
    made = Endpoint(folder)
    yield made
    made.kill()


def outputs(store: Store, name: str) -> dict[str, str]:
    """Id → output of a run."""
    with store.read() as connection:
        query = select(predictions.c.id, predictions.c.output)
        query = query.join(runs, runs.c.id == predictions.c.run_id).where(runs.c.name == name)
        return {row.id: row.output for row in connection.execute(query)}


def texts(store: Store, name: str) -> list[str]:
    """A run's outputs in its order."""
    with store.read() as connection:
        query = select(predictions.c.output).join(runs, runs.c.id == predictions.c.run_id)
        query = query.where(runs.c.name == name).order_by(predictions.c.row)
        return list(connection.scalars(query))


def fill_in(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def start(page: Page, name: str = "mine") -> list[str]:
    """Name the run, read the command and start it; the words of the command that was shown."""
    fill_in(page, "Name of the run", name)
    page.get_by_text("The command it runs").click()
    shown = page.get_by_test_id("stCode").filter(has_text=re.compile(r"^sit predict"))
    expect(shown).to_contain_text(f"--run={name}")
    command = shlex.split(shown.inner_text())
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text(re.compile(r"^Job 1 · (queued|running)"))).to_be_visible()
    return command[1:]


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def start_held(page: Page, server: AppServer, endpoint: Endpoint) -> None:
    """A run of 200 held-out items of the micro lab, put to an endpoint that holds after five."""
    endpoint.start(hold=HELD)
    go(page, f"{server.url}/runs")
    choose(page, "Model", "OpenAI-compatible endpoint")
    fill_in(page, "Address", endpoint.url)
    fill_in(page, "Model, as the endpoint calls it", "echo")
    fill_in(page, "Requests at once", "1")
    start(page)


def held(store: Store, endpoint: Endpoint) -> dict[str, str]:
    """What is stored when the endpoint holds."""
    until(lambda: endpoint.holding and len(outputs(store, "mine")) == HELD, 120)
    return outputs(store, "mine")


def test_a_run_survives_the_closed_browser_and_the_restarted_app_and_is_the_command_shown(
    server: AppServer, store: Store, page: Page, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    with questions.open("w", encoding="utf-8") as file:
        for example in made_questions("answer", MANY, seed=3):
            row = {"instruction": "Answer.", "input": example.input, "target": example.reference}
            file.write(json.dumps(row) + "\n")
    go(page, f"{server.url}/runs")
    choose(page, "Examples", "A file")
    page.set_input_files("input[type=file]", questions)
    expect(page.get_by_text("The first example, as it is asked")).to_be_visible()
    command = start(page)

    until(lambda: list_jobs(store)[0].done, 120)
    (job,) = list_jobs(store)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGSTOP)
    assert 0 < len(outputs(store, "mine")) < MANY, "it was too fast to be looked at"
    some = re.compile(rf"[1-9][\d,]* of {MANY:,}")
    expect(page.get_by_test_id("stProgress")).to_contain_text(some)
    context = page.context
    page.close()
    server.stop()
    assert is_alive(job.pid, job.process)
    server.start()
    page = context.new_page()
    go(page, f"{server.url}/runs?run=mine")
    expect(page.get_by_text("Job 1 · running")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_contain_text(some)
    os.kill(job.pid, signal.SIGCONT)
    expect(page.get_by_text("Job 1 · done")).to_be_visible()  # nobody reloads
    expect(
        page.get_by_role("status").filter(has_text=f"{MANY:,} of {MANY:,} outputs")
    ).to_be_visible()
    done = current_job(store, job.id)
    assert (done.state, done.attempt, list(done.command)) == (JobState.DONE, 1, command)
    page.get_by_test_id("stExpander").filter(has_text="Log").first.click()
    log = page.get_by_test_id("stCode").filter(has_text=f'"written": {MANY}')
    expect(log.first).to_be_visible()
    page.get_by_role("link", name="The job").click()
    expect(page).to_have_url(f"{server.url}/jobs?job=1")
    expect(page.get_by_role("link", name="The run")).to_be_visible()

    again = [word.replace("--run=mine", "--run=again") for word in command]
    sit(server.home, *again, "--json")
    assert len(texts(store, "mine")) == MANY
    assert texts(store, "again") == texts(store, "mine")


def test_a_run_is_cancelled_and_resumed_by_buttons(
    server: AppServer, store: Store, page: Page, endpoint: Endpoint
) -> None:
    start_held(page, server, endpoint)
    before = held(store, endpoint)
    expect(page.get_by_test_id("stProgress")).to_contain_text(f"{HELD} of {ALL}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled; what was written is kept.")).to_be_visible()
    assert outputs(store, "mine") == before
    endpoint.open()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status").filter(has_text=f"{ALL} of {ALL} outputs")).to_be_visible()
    resumed(store, endpoint, before)


def test_a_killed_worker_is_shown_as_dead_and_resumed(
    server: AppServer, store: Store, page: Page, endpoint: Endpoint
) -> None:
    start_held(page, server, endpoint)
    before = held(store, endpoint)
    (job,) = list_jobs(store)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    expect(page.get_by_text("Job 1 · dead")).to_be_visible()  # nobody reloads
    expect(page.get_by_text("and it can be resumed")).to_be_visible()
    page.get_by_role("link", name="The job").click()  # the page of all jobs knows it, too
    expect(page).to_have_url(re.compile("/jobs"))
    expect(page.get_by_role("link", name="The run")).to_be_visible()  # it is the other page now
    expect(page.get_by_text("Job 1 · dead")).to_be_visible()
    endpoint.open()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status").filter(has_text=f"{ALL} of {ALL} outputs")).to_be_visible()
    resumed(store, endpoint, before)


def resumed(store: Store, endpoint: Endpoint, before: dict[str, str]) -> None:
    """All is there, what was there is as it was, and nothing was asked twice."""
    (job,) = list_jobs(store)
    assert ended(store, job).attempt == 2
    after = outputs(store, "mine")
    assert len(after) == ALL
    assert before.items() <= after.items()
    asked = endpoint.answered()
    assert len(asked) == len(set(asked)) == ALL


def test_a_wrong_file_gives_its_sentence_and_starts_nothing(
    server: AppServer, store: Store, page: Page, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"instruction": "Do.", "input": "x"}\n<img src=x onerror=alert(1)>\n')
    go(page, f"{server.url}/runs")
    page.get_by_label("Examples").click()
    page.get_by_role("option", name="A file").click()
    page.set_input_files("input[type=file]", wrong)
    alert = page.get_by_role("alert").filter(has_text="The examples can't be used: wrong.jsonl:2:")
    expect(alert).to_be_visible()
    fill_in(page, "Name of the run", "mine")
    page.get_by_role("button", name="Start the run").click()
    expect(alert.first).to_be_visible()
    expect(page.get_by_role("button", name="Start the run")).to_be_visible()
    assert list_jobs(store) == []
    assert page.locator("img[src=x]").count() == 0
