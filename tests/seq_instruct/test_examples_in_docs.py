"""The examples in the docstrings of Seq-Instruct are true."""

import doctest
import importlib
import pkgutil

import pytest

from sit_core import seq_instruct

MODULES = [f"{seq_instruct.__name__}.{m.name}" for m in pkgutil.iter_modules(seq_instruct.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
