"""The examples in the docstrings of the leaderboard, its tests, and SeqEval are true."""

import doctest
import importlib
import pkgutil

import pytest

import sit_core.results
import sit_core.seqeval

MODULES = [
    module.name
    for room in (sit_core.results, sit_core.seqeval)
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
] + ["sit_core.store.leaderboard", "sit_core.cli.seqeval"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
