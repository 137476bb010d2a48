"""The examples in the docstrings of the scoring room are true."""

import doctest
import importlib
import pkgutil

import pytest

import sit_core.metrics

MODULES = [m.name for m in pkgutil.walk_packages(sit_core.metrics.__path__, "sit_core.metrics.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0
