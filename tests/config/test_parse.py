"""A configuration survives its YAML, and everything wrong with a file is said in one go."""

import doctest
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from sit_core.config import arguments, fields, yaml_file
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import UsageError


@dataclass(frozen=True)
class Part:
    name: str
    share: float = 1.0

    def faults(self) -> Iterator[str]:
        if self.share < 0:
            yield f"share: Expected 0 or more, but found {self.share:g}."


@dataclass(frozen=True)
class Whole:
    seed: int = 0
    rate: float = 1.0
    parts: tuple[Part, ...] = ()
    by_name: Mapping[str, str | int] = field(default_factory=dict)
    mode: Literal["all", "none"] = "all"
    most: int | None = None
    loud: bool = False
    held: int | float = 0.0


def test_the_examples_in_the_docs_are_true() -> None:
    for module in (arguments, fields, yaml_file):
        tested = doctest.testmod(module)
        assert tested.attempted
        assert not tested.failed


@pytest.mark.parametrize("defaults", [True, False])
def test_both_ways(defaults: bool) -> None:
    config = Whole(
        seed=3,
        parts=(Part("ä: #", 0.5), Part("no")),
        by_name={"x": "1", "y": 2},
        mode="none",
        most=7,
        held=5,
    )
    text = to_yaml(config, head="sit do --config x.yaml\nand more", defaults=defaults)
    assert text.startswith("# sit do --config x.yaml\n# and more\nseed: 3\n")
    assert read_yaml(Whole, text) == config
    assert ("loud" in text) == defaults
    assert read_yaml(Whole, "") == Whole()


def test_small_numbers_are_numbers() -> None:
    assert read_yaml(Whole, "rate: 3e-4").rate == 3e-4
    assert read_yaml(Whole, "rate: 1").rate == 1.0


def test_all_faults_at_once_with_their_places() -> None:
    text = """
seed: many
rate: .nan
parts: [{name: 4}, {share: 1}, {name: a, share: -1}, 7]
by_name: {x: [1]}
mode: some
most: 1.5
loud: 1
sed: 1
"""
    with pytest.raises(UsageError) as caught:
        read_yaml(Whole, text, "w.yaml")
    said = str(caught.value)
    for part in (
        "w.yaml: There is no setting 'sed'; did you mean 'seed' or 'held'?",
        "seed: Expected a whole number, but found 'many'.",
        "rate: Expected a number, but found nan.",
        "parts[1].name: Expected text, but found 4.",
        "parts[2].name: Expected text, but found nothing.",
        "parts[3]: share: Expected 0 or more, but found -1.",
        "parts[4]: Expected settings with values, but found 7.",
        "by_name.x: Expected text or a whole number, but found [1].",
        "mode: Expected one of all, none, but found 'some'.",
        "most: Expected a whole number, but found 1.5.",
        "loud: Expected true or false, but found 1.",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("seed: 1\nseed: 2", "line 2.*'seed' is there twice"),
        ("a: [", "no YAML"),
        ("!!python/object/apply:os.system ['true']", "no YAML"),
        ("- 1", r"The file: Expected settings with values, but found \[1\]"),
        ("seed: 2026-99-01", "seed: Expected a whole number|no YAML"),
    ],
)
def test_what_is_no_configuration_is_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_yaml(Whole, text)
