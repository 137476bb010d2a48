"""All pages of the app, declared once: address, file, title, purpose, and what comes after each.

The navigation (`pages/main.py`), the header of each page and the links of Home are made of these.
A new page is one entry here and its folder; `PAGES` is in the order of the sidebar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from pages.shared import paths
from sit_core.plugins import PluginError, page_of_plugin
from sit_core.registry import Registry

HOME = ""
"""Home's address; every other page has its own, which never changes."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page."""

    address: str
    """The path of its URL."""
    file: str
    """Beside ``main.py``; what `st.page_link` and `st.switch_page` take."""
    title: str
    icon: str
    """A name of Material Symbols."""
    purpose: str
    """One line: the question that the page answers."""
    group: str = ""
    """The heading in the sidebar; Home stands above all."""
    after: tuple[tuple[str, str], ...] = ()
    """At most two (address, label): where one goes next."""

    @property
    def symbol(self) -> str:
        """The icon as Streamlit takes it."""
        return f":material/{self.icon}:"


PAGES: tuple[PageInfo, ...] = (
    PageInfo(
        HOME,
        paths.HOME,
        "Home",
        "home",
        "What this is for, how far the work is, and where to go on.",
    ),
    PageInfo(
        "annotate",
        paths.ANNOTATE,
        "Annotate",
        "rate_review",
        "Mark, output by output, which steps were done: one key per step, saved at once.",
        "Judge",
        (("studies", "New study"), ("results", "Results")),
    ),
    PageInfo(
        "inspect",
        paths.INSPECT_OUTPUTS,
        "Inspect",
        "search",
        "Read any output with every verdict, score and note on it, alone or beside another run's.",
        "Judge",
        (("annotate", "Annotate"),),
    ),
    PageInfo(
        "live",
        paths.LIVE,
        "Live",
        "bolt",
        "Ask up to three models at once; the part of each step is marked while they write.",
        "Judge",
        (("runs", "A whole run"),),
    ),
    PageInfo(
        "results",
        paths.RESULTS,
        "Results",
        "bar_chart",
        "How often each run did each step, and all of them, in one study.",
        "Compare",
        (("leaderboard", "All systems"), ("annotate", "Go on judging")),
    ),
    PageInfo(
        "leaderboard",
        paths.LEADERBOARD,
        "Leaderboard",
        "leaderboard",
        "Which system does everything that was asked, how sure that is, and at what length.",
        "Compare",
        (("results", "By study"), ("judge", "Judge more outputs")),
    ),
    PageInfo(
        "scores",
        paths.SCORES,
        "Scores",
        "calculate",
        "Accuracy, overlap with the expected text and other automatic metrics, per run.",
        "Compare",
        (("results", "Following rates"), ("inspect", "Read the outputs")),
    ),
    PageInfo(
        "analyses",
        paths.ANALYSES,
        "Analyses",
        "analytics",
        "What following and accuracy depend on: length, wording, order, language, given texts.",
        "Compare",
        (("inspect", "Read the outputs"), ("results", "Following rates")),
    ),
    PageInfo(
        "experiments",
        paths.EXPERIMENTS,
        "Experiments",
        "grid_on",
        "Models × instructions × examples from one file: run what is missing, see the tables.",
        "Compare",
        (("analyses", "Analyses"), ("jobs", "Jobs")),
    ),
    PageInfo(
        "reproduction",
        paths.REPRODUCTION,
        "Reproduction",
        "rule",
        "The tables and figures of the paper, made again from what is in this store.",
        "Compare",
        (("runs", "Make the runs"),),
    ),
    PageInfo(
        "import",
        paths.IMPORT_OUTPUTS,
        "Import",
        "upload_file",
        "Bring model outputs in from files: see how they are read before anything is stored.",
        "Prepare",
        (("studies", "Make a study"), ("inspect", "Read the outputs")),
    ),
    PageInfo(
        "runs",
        paths.RUNS,
        "Runs",
        "play_arrow",
        "All outputs of one model on one set of prompts; generate new ones here.",
        "Prepare",
        (("studies", "Make a study"), ("scores", "Score runs")),
    ),
    PageInfo(
        "studies",
        paths.STUDIES,
        "Studies",
        "science",
        "Draw a sample of the outputs of several runs for people to judge.",
        "Prepare",
        (("annotate", "Annotate"), ("results", "Results")),
    ),
    PageInfo(
        "judge",
        paths.JUDGE,
        "LLM judges",
        "gavel",
        "Have a language model judge outputs, and see how far it agrees with people.",
        "Prepare",
        (("leaderboard", "Leaderboard"), ("results", "Results")),
    ),
    PageInfo(
        "augment",
        paths.AUGMENT,
        "Augment",
        "call_split",
        "Turn instruction data into sequential data: repeat, paraphrase or translate, then answer.",
        "Train",
        (("train", "Train on a mixture"),),
    ),
    PageInfo(
        "seq_instruct",
        paths.SEQ_INSTRUCT,
        "Seq-Instruct",
        "account_tree",
        "Have a language model grow any instruction into a chain of tasks, stage by stage.",
        "Train",
        (("train", "Train on the result"),),
    ),
    PageInfo(
        "train",
        paths.TRAIN,
        "Train",
        "model_training",
        "Fine-tune a model on a mixture, and keep the checkpoint with the lowest held-out loss.",
        "Train",
        (("runs", "Run the adapter"),),
    ),
    PageInfo(
        "jobs",
        paths.JOBS,
        "Jobs",
        "list_alt",
        "Every long action: how far it is or why it ended; cancel it, or resume it.",
        "Train",
        (("runs", "Runs"),),
    ),
)
_BY_ADDRESS = {page.address: page for page in PAGES}
LONGEST = 8000
"""Characters of an address that a browser may send back."""


def _of_plugin(name: str, thing: Any) -> PageInfo:
    """A plugin's page, at an address that is free."""
    page = page_of_plugin(name, thing)
    if name in _BY_ADDRESS:
        raise PluginError("the app has a page at that address already")
    return PageInfo(name, str(page.file), page.title, page.icon, page.purpose, page.group)


PLUGIN_PAGES: Registry[PageInfo] = Registry("page", "sit.pages", _of_plugin)
"""Address → page of a plugin."""


def all_pages() -> list[PageInfo]:
    """Those of the app, and those of plugins."""
    return [*PAGES, *map(PLUGIN_PAGES.get, PLUGIN_PAGES)]


def page_info(address: str) -> PageInfo:
    """The page at that address; a KeyError where there is none."""
    if address in _BY_ADDRESS:
        return _BY_ADDRESS[address]
    return {page.address: page for page in all_pages()}[address]


def address(page: str, parameters: Mapping[str, str] | None = None) -> str:
    """A link to a page, right from any page and under any base path.

    >>> address("runs", {"run": "a & b"}), address("")
    ('runs?run=a+%26+b', './')
    """
    path = page_info(page).address or "./"
    return f"{path}?{urlencode(parameters)}" if parameters else path


def page_at(link: object) -> tuple[PageInfo, dict[str, list[str]]] | None:
    """What `address` made, taken apart; None where it is no address of a page of ours.

    >>> page, parameters = page_at("runs?run=a+%26+b")
    >>> page.title, parameters
    ('Runs', {'run': ['a & b']})
    >>> page_at("https://example.org/"), page_at(7)
    (None, None)
    """
    if not isinstance(link, str) or len(link) > LONGEST:
        return None
    path, _, query = link.partition("?")
    page = _BY_ADDRESS.get("" if path == "./" else path)
    try:
        return None if page is None else (page, parse_qs(query, keep_blank_values=True))
    except ValueError:  # too many fields
        return None
