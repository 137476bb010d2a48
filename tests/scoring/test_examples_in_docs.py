"""The examples in the docstrings of the scoring room are true."""

import doctest
import importlib
import pkgutil

import pytest

import sit_core.scoring

MODULES = [m.name for m in pkgutil.iter_modules(sit_core.scoring.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    module = importlib.import_module(f"sit_core.scoring.{name}")
    assert doctest.testmod(module).failed == 0
