"""What the program kept is found again: paid replies, written texts, benchmarks half done."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden.recorded import kept_by

KEPT: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "replies.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return kept_by(tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize("kind", ["judge", "texts", "benchmark"])
def test_the_keys_are_the_same(kind: str, found: dict[str, Any]) -> None:
    assert len(KEPT[kind]) >= 10
    assert found[kind] == KEPT[kind]


def test_what_has_no_effect_on_a_text_is_in_no_key() -> None:
    """Another key's variable or more requests at once: the same texts."""
    first, second = KEPT["texts"][:2]
    assert first["model"] != second["model"]
    assert first["key"] == second["key"]
    keys = [row["key"] for row in KEPT["texts"][1:]]
    assert len(set(keys)) >= len(keys) - 1


def test_all_that_has_an_effect_is_in_the_keys() -> None:
    for kind, name in (("judge", "keys"), ("benchmark", "key")):
        keys = [str(row[name]) for row in KEPT[kind]]
        assert len(set(keys)) == len(keys), kind
