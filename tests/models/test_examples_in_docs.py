"""The examples in the docstrings of the rooms models and prompts are true."""

import doctest
import importlib
import pkgutil

import pytest

import sit_core.models
import sit_core.prompts

MODULES = [
    f"{room.__name__}.{m.name}"
    for room in (sit_core.models, sit_core.prompts)
    for m in pkgutil.iter_modules(room.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
