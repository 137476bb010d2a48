"""The fake model of tests/predict, for what starts runs; and which tests are of whole pages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.page_list import page_info
from tests.predict.conftest import fake_in_jobs, folder

__all__ = ["fake_in_jobs", "folder"]
HERE = Path(__file__).parent
ALWAYS = "test_main.py"
"""Opens every page once, so it is run daily."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs a page's script again and again is marked ``page``."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.name != ALWAYS:
            item.add_marker("page")


def own_links(app: AppTest, page: str) -> list[str]:
    """The labels of a page's links, without those of its header, which stand there always."""
    labels = [link.label for link in app.page_link]
    header = [label for _, label in page_info(page).after]
    assert labels[: len(header)] == header
    return labels[len(header) :]
