"""A configuration survives its YAML, and everything wrong with a file is said in one go."""

import doctest
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from sit_core.config import arguments, fields, yaml_file
from sit_core.config.parse import MOST_SAID, parse
from sit_core.config.yaml_file import MOST_BYTES, read_plain, read_yaml, to_yaml
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


BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGED = "".join(f"&b{n} {{<<: [" for n in range(9)) + "{q: 1}"
MERGED += "".join(f"]}}, {', '.join([f'*b{n}'] * 9)}" for n in reversed(range(9)))


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [lol]\n" + BOMB,
        "a0: &a0 {x: y}\n" + BOMB + "title: *a11",
        f"z: {{<<: [{MERGED}]}}",
        "b: &b [x]\nc: &c {d: *b, e: [*b, *b]}\n" + f"z: [{', '.join(['*c'] * 260_000)}]",
    ],
    ids=["lists", "mappings", "merged", "flat"],
)
def test_aliases_that_stand_for_too_much_are_refused_before_they_are_walked(text: str) -> None:
    with pytest.raises(UsageError, match="aliases stand for too many values; write them out"):
        read_plain(text)


def test_aliases_of_a_usual_size_stand_for_what_they_repeat() -> None:
    assert read_plain("a: &a {x: [1, 2]}\nb: [*a, *a]\nc: {<<: *a, y: 3}")["c"] == {
        "x": [1, 2],
        "y": 3,
    }
    values = 500_000  # as many as a file holds: no file without aliases is refused for its size
    assert len(_counted("[" + "1," * values + "]")) == values


def _counted(text: str) -> list[int]:
    assert len(text) < MOST_BYTES
    found: list[int] = read_plain(text)
    return found


def test_the_faults_of_a_large_file_are_one_message_of_bounded_length() -> None:
    many = "\n".join(f"k{n}: 1" for n in range(3000))
    parts = ", ".join(["7"] * 3000)
    with pytest.raises(UsageError) as caught:
        read_yaml(Whole, f"{many}\nparts: [{parts}]")
    said = str(caught.value)
    assert len(said) < 10_000
    assert said.count("There is no setting") == MOST_SAID
    assert said.endswith(f"And {MOST_SAID + 1 + 3000 - MOST_SAID:,} more.")
    _, faults, _ = parse(Whole, read_plain(many))
    assert faults[-1] == f"And {3000 - MOST_SAID:,} more settings that there are not."


@pytest.mark.slow
def test_many_settings_take_time_in_proportion() -> None:
    def taken(count: int) -> float:
        text = "\n".join(f"k{n}: 1" for n in range(count))
        began = time.process_time()
        read_plain(text)
        return time.process_time() - began

    assert taken(16_000) < 8 * taken(4_000)
