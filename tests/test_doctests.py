"""The examples in the docstrings of `sit_core` are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import sit_core

ROOT = Path(sit_core.__file__).parent
MODULES = sorted(
    ".".join(("sit_core", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_examples() -> None:
    assert len(MODULES) > 50
