"""The Live page as visitors use it: streams, stops, links, hostile outputs, samples kept.

Local models are the embedded one, or where it is not here a tiny one with random weights; what
has to happen at a certain moment is written by an endpoint that waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from sit_core.embedded import shipped
from sit_core.live.link import params_of
from sit_core.live.request import LiveRequest
from sit_core.live.sample_inputs import live_examples
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.store import Store
from tests.browser.conftest import PATIENCE_MS, READY, all_saved, go, sign_in
from tests.browser.servers import AppServer
from tests.factories import make_run
from tests.models.bad_server import BadServer, Handler, drop, event, stream

CHAIN = "First repeat the input, then answer the question."
QUESTION = "Question: What is a tuna?\nChoices: A:garment, B:fish, C:tool, D:toy, E:vehicle"
LOADING_MS = 180_000
"""Importing torch and loading a model may take long on a busy machine."""
HOSTILE = (
    "<img src=x onerror='window.owned=1'>\n<script>window.owned=1</script> **bold** "
    "[link](javascript:window.owned=1) $x^2$ :red[red]\n\n# no heading\n  two  spaces"
)
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def site(app_server: Callable[..., AppServer]) -> AppServer:
    return app_server()


@pytest.fixture
def endpoint() -> Iterator[BadServer]:
    server = BadServer()
    yield server
    server.end()


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
    """A model that this machine runs."""
    pytest.importorskip("torch")
    if (shipped.BASE / "model.safetensors").is_file():
        return ModelSpec(str(shipped.BASE))
    from tests.models.conftest import save_tiny

    return ModelSpec(str(save_tiny(tmp_path_factory.mktemp("tiny"))))


def served(endpoint: BadServer, name: str = "served") -> ModelSpec:
    return ModelSpec(name, backend="openai", base_url=endpoint.url)


def address(site: AppServer, *models: ModelSpec, **changes: Any) -> str:
    fields = {"instruction": CHAIN, "input": QUESTION, "models": models}
    return f"{site.url}/live?{urlencode(params_of(LiveRequest(**(fields | changes))), doseq=True)}"


def run(page: Page) -> None:
    page.get_by_role("button", name="Run").click()


def column(page: Page, place: int) -> Any:
    return page.locator(".live-column").nth(place)


def text(page: Page, place: int) -> Any:
    return column(page, place).locator(".live-text")


class Slow:
    """Writes first words, then signs of life until the reader is gone or it may go on."""

    def __init__(self, first: str, then: str) -> None:
        self.first, self.then = first, then
        self.go_on, self.gone = threading.Event(), threading.Event()

    def __call__(self, handler: Handler, body: dict[str, Any]) -> None:
        def write(content: bytes) -> None:
            handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
            handler.wfile.flush()

        try:
            handler.send_response(200)
            handler.send_header("content-type", "text/event-stream")
            handler.send_header("transfer-encoding", "chunked")
            handler.end_headers()
            write(event(self.first))
            while not self.go_on.wait(0.01):
                write(b": still here\n\n")
            write(event(self.then, "stop") + b"data: [DONE]\n\n")
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.gone.set()


def test_two_models_stream_side_by_side_for_two_visitors_at_once(
    site: AppServer, local: ModelSpec, page: Page, context: BrowserContext
) -> None:
    here = address(site, local, local, settings=GenerationSettings(max_new_tokens=60))
    other = context.new_page()
    for visitor in (page, other):
        go(visitor, here)
        expect(visitor.locator(".live-column")).to_have_count(0)  # a link runs nothing
    for visitor in (page, other):
        visitor.keyboard.press("Control+Enter")
    for visitor in (page, other):
        expect(visitor.locator(".live-column")).to_have_count(2)
        for place in (0, 1):
            expect(column(visitor, place)).to_have_attribute(
                "data-phase", "done", timeout=LOADING_MS
            )
            expect(text(visitor, place)).not_to_be_empty()
            expect(column(visitor, place).locator("[data-row=R]")).to_be_visible()
    assert text(page, 0).text_content() == text(other, 1).text_content()  # greedy, one model


def test_running_from_the_text_field_takes_what_was_just_typed(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    endpoint.behave = lambda number, body: stream(event("A", "stop"), b"data: [DONE]\n\n")
    go(page, address(site, served(endpoint)))
    field = page.get_by_role("textbox", name="Input")
    field.fill("Just typed?")
    field.press("Control+Enter")
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    expect(text(page, 0)).to_have_text("A")
    assert "Just typed?" in str(endpoint.requests[-1]["messages"])


def test_a_press_that_the_text_typed_before_it_overtook_runs_with_that_text(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    """The order in which Ctrl+Enter may reach the server: the press, then the text."""
    silent = Slow("", "")
    answers = {"What is a tuna?": silent}
    endpoint.behave = lambda number, body: next(
        (slow for words, slow in answers.items() if words in str(body["messages"])),
        stream(event("A", "stop"), b"data: [DONE]\n\n"),
    )
    go(page, address(site, served(endpoint)))
    run(page)
    expect(column(page, 0)).to_have_attribute("data-phase", "writing")
    field = page.get_by_role("textbox", name="Input")
    field.fill("Just typed?")
    field.blur()
    expect(text(page, 0)).to_have_text("A")
    assert "Just typed?" in str(endpoint.requests[-1]["messages"])
    assert silent.gone.wait(60)


def test_control_enter_runs_wherever_a_click_has_left_the_focus(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    endpoint.behave = lambda number, body: stream(event("A", "stop"), b"data: [DONE]\n\n")
    go(page, address(site, served(endpoint), served(endpoint)))

    def choose_one() -> None:
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("combobox", name="Models side by side").click()
        page.get_by_role("option", name="1 model").click()

    def add_a_step() -> None:
        page.get_by_role("button", name="Steps").click()
        page.get_by_role("button", name="Paraphrase").click()

    clicks = [
        choose_one,
        page.get_by_role("button", name="Another input").click,
        page.get_by_role("radio", name="The other way round").click,
        add_a_step,
    ]
    before = ""
    for click in clicks:
        click()
        page.keyboard.press("Control+Enter")
        expect(column(page, 0)).not_to_have_attribute("data-run", before)
        expect(page.locator(".live-column")).to_have_count(1)
        expect(column(page, 0)).to_have_attribute("data-phase", "done")
        page.wait_for_selector(READY)
        before = column(page, 0).get_attribute("data-run") or ""


@pytest.mark.parametrize("how", ["button", "escape"])
def test_stopping_in_the_middle_keeps_what_has_come(
    site: AppServer, endpoint: BadServer, page: Page, how: str
) -> None:
    slow = Slow("These words came. ", "These never do.")
    endpoint.behave = lambda number, body: slow
    go(page, address(site, served(endpoint)))
    run(page)
    expect(text(page, 0)).to_have_text("These words came. ")
    expect(column(page, 0)).to_have_attribute("data-phase", "writing")
    if how == "button":
        page.get_by_role("button", name="Stop").click()
    else:
        page.get_by_role("textbox", name="Input").focus()
        page.keyboard.press("Escape")
    expect(column(page, 0)).to_have_attribute("data-phase", "stopped")
    assert slow.gone.wait(30)  # the endpoint was told, too
    expect(text(page, 0)).to_have_text("These words came. ")
    expect(page.get_by_text("Only complete outputs can be saved")).to_be_visible()


def test_closing_the_tab_ends_the_generation(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    slow = Slow("Nobody ", "reads this.")
    endpoint.behave = lambda number, body: slow
    go(page, address(site, served(endpoint)))
    run(page)
    expect(text(page, 0)).to_have_text("Nobody ")
    page.close()
    assert slow.gone.wait(30)


def test_one_that_breaks_off_leaves_the_other_column_fine(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    fine = Slow(f"{QUESTION}\n", "B")

    def broken(handler: Handler, body: dict[str, Any]) -> None:
        stream(event("Half of it "), whole=False)(handler, body)
        drop(handler, body)

    endpoint.behave = lambda number, body: broken if body["model"] == "broken" else fine
    go(page, address(site, served(endpoint, "broken"), served(endpoint, "fine")))
    run(page)
    expect(column(page, 0)).to_have_attribute("data-phase", "failed")
    expect(column(page, 0).get_by_role("alert")).to_contain_text("The stream broke off.")
    expect(column(page, 1)).to_have_attribute("data-phase", "writing")
    fine.go_on.set()
    expect(column(page, 1)).to_have_attribute("data-phase", "done")
    expect(text(page, 0)).to_have_text("Half of it ")
    expect(column(page, 1).locator("[data-row=A]")).to_contain_text("done")
    expect(text(page, 1).locator("mark[data-step=R]")).to_have_text(QUESTION)


def test_hostile_texts_are_text(site: AppServer, endpoint: BadServer, page: Page) -> None:
    endpoint.behave = lambda number, body: stream(event(HOSTILE, "stop"), b"data: [DONE]\n\n")
    dialogs: list[str] = []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    name = "<img src=x onerror='window.owned=1'> **served**"
    hostile = f"{CHAIN} {HOSTILE}"
    go(page, address(site, served(endpoint, name), instruction=hostile, input=HOSTILE))
    run(page)
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    assert text(page, 0).text_content() == HOSTILE
    page.get_by_role("button", name="Present").click()
    page.wait_for_selector("textarea", state="detached")
    page.wait_for_selector(READY)
    assert page.evaluate("() => window.owned") is None
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0
    assert page.locator(".katex").count() == 0
    assert dialogs == []


def test_the_address_after_run_is_a_link_that_fills_another_page(
    site: AppServer, endpoint: BadServer, page: Page, context: BrowserContext
) -> None:
    endpoint.behave = lambda number, body: stream(event("A", "stop"), b"data: [DONE]\n\n")
    go(page, address(site, served(endpoint)))
    page.get_by_role("button", name="Steps").click()
    page.get_by_role("button", name="Paraphrase").click()
    field = page.get_by_role("textbox", name="Instruction")
    longer = "First repeat the input, then paraphrase the input, then answer the question."
    expect(field).to_have_value(longer)
    run(page)
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    asked_before = len(endpoint.requests)
    other = context.new_page()
    go(other, page.url)
    expect(other.get_by_role("textbox", name="Instruction")).to_have_value(longer)
    expect(other.get_by_role("textbox", name="Input")).to_have_value(QUESTION)
    expect(other.get_by_role("textbox", name="Address")).to_have_value(endpoint.url)
    expect(other.get_by_text("This link names models other than")).to_be_visible()
    expect(other.locator(".live-column")).to_have_count(0)
    assert len(endpoint.requests) == asked_before


def chrome(page: Page) -> int:
    """How much of the app's frame and of the form is to be seen."""
    parts = "[data-testid=stSidebar], [data-testid=stHeader], h1, textarea, [role=combobox]"
    return sum(part.is_visible() for part in page.locator(parts).all())


def test_keys_lead_through_a_presentation(site: AppServer, endpoint: BadServer, page: Page) -> None:
    endpoint.behave = lambda number, body: stream(event("A", "stop"), b"data: [DONE]\n\n")
    first, second = live_examples()[:2]
    here = address(site, served(endpoint), instruction=first.instruction, input=first.input)
    go(page, f"{here}&present=1")
    assert chrome(page) == 0
    instruction = page.locator("[data-verbatim]").first
    expect(instruction).to_have_text(first.instruction)
    expect(page.locator(".live-column")).to_have_count(0)
    page.keyboard.press("Space")
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    assert str(endpoint.requests[-1]["messages"]).count(first.instruction) == 1
    before = column(page, 0).get_attribute("data-run") or ""
    page.keyboard.press("ArrowRight")
    expect(instruction).to_have_text(second.instruction)
    page.wait_for_selector(READY)
    page.keyboard.press("Space")
    expect(column(page, 0)).not_to_have_attribute("data-run", before)
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    assert second.instruction in str(endpoint.requests[-1]["messages"])
    page.wait_for_selector(READY)
    page.keyboard.press("ArrowLeft")
    expect(instruction).to_have_text(first.instruction)
    page.wait_for_selector(READY)
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Instruction")).to_have_value(first.instruction)
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    assert "present" not in page.url
    assert chrome(page) > 3


@pytest.fixture
def replayed(site: AppServer, store_at: Callable[..., Store]) -> str:
    """The address of a replay of two runs, the second of them hostile."""
    words = " ".join(f"word{i}" for i in range(40))
    store = store_at(site.home)
    mine = make_run(store, "mine", [words, "The end."])
    yours = make_run(store, "<b>yours</b>", [HOSTILE, "Finis."])
    return f"{site.url}/live?replay={mine[0]}&replay={yours[0]}"


def test_a_replay_streams_the_stored_words_in_their_order(page: Page, replayed: str) -> None:
    go_there = f"{replayed}&pace=reading"
    page.goto(go_there)
    seen = []
    expect(text(page, 0)).to_contain_text("word2")
    while column(page, 0).get_attribute("data-phase") == "writing":
        seen.append(text(page, 0).text_content() or "")
    page.wait_for_selector(READY)
    whole = " ".join(f"word{i}" for i in range(40))
    assert text(page, 0).text_content() == whole
    assert len(set(seen)) > 5
    assert all(whole.startswith(beginning) for beginning in seen)
    assert seen == sorted(seen, key=len)
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    assert text(page, 1).text_content() == HOSTILE
    assert page.evaluate("() => window.owned") is None
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0
    expect(column(page, 1)).to_contain_text("Replay")
    expect(column(page, 1)).to_contain_text("<b>yours</b>")


def test_a_replay_is_stopped_and_played_again(page: Page, replayed: str) -> None:
    page.goto(f"{replayed}&pace=slow")
    expect(text(page, 0)).to_contain_text("word2")
    page.keyboard.press("Escape")
    expect(column(page, 0)).to_have_attribute("data-phase", "stopped")
    page.wait_for_selector(READY)
    stopped = text(page, 0).text_content() or ""
    assert "word39" not in stopped
    number = column(page, 0).get_attribute("data-run") or ""
    page.keyboard.press("Control+Enter")
    expect(column(page, 0)).not_to_have_attribute("data-run", number)
    expect(column(page, 0)).to_have_attribute("data-phase", "writing")
    page.get_by_role("button", name="Stop").click()
    expect(column(page, 0)).to_have_attribute("data-phase", "stopped")


def test_a_replay_is_presented_with_keys(page: Page, replayed: str) -> None:
    go(page, f"{replayed}&pace=at+once&present=1")
    assert chrome(page) == 0
    expect(text(page, 0)).to_contain_text("word39")
    page.keyboard.press("ArrowRight")
    expect(text(page, 0)).to_have_text("The end.")
    expect(text(page, 1)).to_have_text("Finis.")
    page.wait_for_selector(READY)
    number = column(page, 0).get_attribute("data-run") or ""
    page.keyboard.press("Space")
    expect(column(page, 0)).not_to_have_attribute("data-run", number)
    page.wait_for_selector(READY)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    assert "present" not in page.url
    assert "replay=" in page.url


def test_outputs_stand_above_the_fold_and_foreign_words_are_named_beside_them(
    site: AppServer, page: Page
) -> None:
    if not (shipped.BASE / "model.safetensors").is_file():
        pytest.skip("the embedded model is not here")
    go(page, f"{site.url}/live")
    notice = page.get_by_role("status").filter(has_text="Outside what the micro lab knows")
    expect(notice).to_have_count(0)
    run(page)
    expect(column(page, 2)).to_have_attribute("data-phase", "done", timeout=LOADING_MS)
    box = column(page, 2).bounding_box()
    assert box is not None
    assert box["y"] < 345
    assert box["y"] + box["height"] < 900
    page.wait_for_selector(READY)
    page.get_by_role("radio", name="Outside its world").click()
    expect(notice).to_contain_text("treaty")
    page.keyboard.press("Control+Enter")
    expect(text(page, 0)).to_contain_text("quantum", timeout=LOADING_MS)
    page.wait_for_selector(READY)
    assert page.locator("[data-row=A] [data-sign=done]").count() == 0
    assert page.locator(".live-head [data-sign=done]").count() == 0


def test_an_output_kept_is_judged_on_the_annotate_page(
    site: AppServer, endpoint: BadServer, page: Page
) -> None:
    output = f"{QUESTION}\nThe answer is B: fish."
    endpoint.behave = lambda number, body: stream(event(output, "stop"), b"data: [DONE]\n\n")
    go(page, address(site, served(endpoint)))
    run(page)
    expect(column(page, 0)).to_have_attribute("data-phase", "done")
    page.get_by_role("button", name="Keep 1 output").click()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("1 kept as samples of the study 'live samples'")).to_be_visible()
    sign_in(page, f"{site.url}/?study=live+samples", "Ann")
    expect(page.locator(".output")).to_contain_text("The answer is B: fish.")
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    expect(page.locator(".desk")).to_have_attribute("data-state", "done")
