"""Every page is declared once, and links go to pages of ours and nowhere else."""

import ast
from pathlib import Path

import pytest

from pages.shared import paths
from pages.shared.page_list import (
    HOME,
    PAGES,
    address,
    page_at,
    page_info,
)

FOLDER = Path(__file__).parents[3] / "pages"


def test_every_folder_with_a_page_is_in_the_list_and_every_file_is_there() -> None:
    files = {str(file.relative_to(FOLDER)) for file in FOLDER.glob("*/page.py")}
    assert {page.file for page in PAGES} == files
    assert {value for name, value in vars(paths).items() if name.isupper()} == files


def test_addresses_are_those_of_always() -> None:
    assert {page.address for page in PAGES} == {
        "", "annotate", "inspect", "live", "results", "leaderboard", "scores", "analyses",
        "experiments", "reproduction", "import", "runs", "studies", "judge", "augment",
        "seq_instruct", "train", "jobs",
    }  # fmt: skip
    assert len({page.address for page in PAGES}) == len(PAGES)


def test_each_page_has_a_purpose_and_leads_on_to_others() -> None:
    for page in PAGES:
        assert page.purpose.endswith(".")
        assert len(page.purpose) <= 100
        assert len(page.after) <= 2
        for following, label in page.after:
            assert following != page.address
            assert page_info(following)
            assert label
        if page.address != HOME:
            assert page.group
            assert page.after


@pytest.mark.parametrize("page", [page for page in PAGES if page.address != HOME])
def test_each_page_draws_its_own_header(page) -> None:
    tree = ast.parse((FOLDER / page.file).read_text("utf-8"))
    calls = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "page_header"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert calls == [page.address]


@pytest.mark.parametrize("name", ["a b", "ü&=?#/", "<img src=x>", "..", "%2e"])
def test_a_link_says_the_same_when_it_comes_back(name: str) -> None:
    link = address("runs", {"run": name})
    found = page_at(link)
    assert found is not None
    assert (found[0].address, found[1]) == ("runs", {"run": [name]})


@pytest.mark.parametrize(
    "link",
    ["https://example.org", "//example.org", "javascript:alert(1)", "nowhere", "/runs", "runs/..",
     "", None, 1, ["runs"], "runs?" + "a=b&" * 5000],
)  # fmt: skip
def test_what_is_no_page_of_ours_leads_nowhere(link: object) -> None:
    found = page_at(link)
    assert found is None or found[0].address == HOME == link
