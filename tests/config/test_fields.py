"""Settings are declared once: what follows from a field is the same at every door."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.config.arguments import argv, from_words, with_changes
from sit_core.config.fields import (
    KEY_VARIABLE,
    MISSING,
    Config,
    changed,
    check,
    flat,
    key_variables,
    nested,
    setting,
    settings_of,
    without_effect,
)
from sit_core.config.parse import from_plain, parse, to_plain
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import UsageError


@dataclass(frozen=True)
class Lamp(Config):
    bulb: str = setting(help="Which.")
    watts: int = setting(5, ge=0, le=2**63 - 1)
    warmth: float = setting(1.0, gt=0, lt=10)
    key: str | None = setting(None, kind=KEY_VARIABLE, effect=False)

    def faults(self) -> Iterator[str]:
        if self.bulb == "none" and self.watts:
            yield "Without a bulb it takes no watts."


@dataclass(frozen=True)
class Deep(Lamp):
    bulb: str = changed(Lamp, "bulb", "x")


@dataclass(frozen=True)
class Cost(Config):
    input: float = setting(0.0, flag="input-price", ge=0)
    budget: float | None = setting(None, gt=0)


@dataclass(frozen=True)
class Room(Config):
    names: tuple[str, ...] = setting(flag="--name", unique=True)
    lamp: Lamp = setting(hide=("warmth",))
    spare: Lamp | None = setting(None, prefix="spare-")
    tags: tuple[str, ...] = setting(("a", "b"), comma=True)
    doors: int | None = setting(3, ge=1)
    open: bool = setting(False)
    heated: bool = setting(True)
    size: Literal["small", "large"] = setting("small", was=("extent",))
    cost: Cost = setting(Cost)
    lamps: tuple[Lamp, ...] = setting(())
    by_name: Mapping[str, int | str] = setting({})
    deep: Deep = setting(Deep, hidden=True)


LEAST = Room(("r",), Lamp("led"))


def test_flags_follow_from_names_prefixes_and_sections() -> None:
    assert {one.name: one.flag for one in settings_of(Room)} == {
        "names": "--name",
        "lamp.bulb": "--bulb",
        "lamp.watts": "--watts",
        "lamp.warmth": None,
        "lamp.key": "--key",
        "spare.bulb": "--spare-bulb",
        "spare.watts": "--spare-watts",
        "spare.warmth": "--spare-warmth",
        "spare.key": "--spare-key",
        "tags": "--tags",
        "doors": "--doors",
        "open": "--open",
        "heated": "--heated",
        "size": "--size",
        "cost.input": "--input-price",
        "cost.budget": "--budget",
        "lamps": None,
        "by_name": None,
        "deep.bulb": None,
        "deep.watts": None,
        "deep.warmth": None,
        "deep.key": None,
    }
    required = [one.name for one in settings_of(Room) if one.required]
    assert required == ["names", "lamp.bulb"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"lamp": Lamp("led", watts=0)}, ["--watts=0"]),  # zero is said
        ({"heated": False}, ["--no-heated"]),  # so is false
        ({"open": True}, ["--open"]),
        ({"doors": None}, ["--no-doors"]),  # and none
        ({"tags": ()}, ["--tags="]),
        ({"tags": ("x,y", "z")}, ['--tags="x,y",z']),
        ({"spare": Lamp("-b")}, ["--spare-bulb=-b"]),
        ({"cost": Cost(0.5)}, ["--input-price=0.5"]),
        ({"lamp": Lamp("led", warmth=2.0)}, ["--set=lamp.warmth=2.0"]),
        ({"lamps": (Lamp("b", 1),)}, ['--set=lamps=[{"bulb": "b", "watts": 1}]']),
        ({"deep": Deep("y")}, ['--set=deep.bulb="y"']),
    ],
)
def test_what_is_as_usual_is_left_out_and_all_else_is_said(
    changes: dict[str, Any], words: list[str]
) -> None:
    config = Room(**{"names": ("r",), "lamp": Lamp("led"), **changes})
    said = argv(config)
    assert [word for word in said if word not in ("--name=r", "--bulb=led")] == words
    assert from_plain(Room, from_words(Room, said)) == config


FEW = settings(max_examples=50, deadline=None)
TEXT = st.text(max_size=12)
NAME = TEXT.map(str.strip).filter(lambda text: text and "\0" not in text)
LAMP = st.builds(
    Lamp,
    bulb=TEXT.filter(lambda text: text != "none"),
    watts=st.integers(0, 2**63 - 1),
    warmth=st.floats(0.001, 9.99),
    key=st.none() | NAME,
)
ROOM = st.builds(
    Room,
    names=st.lists(TEXT, min_size=1, unique=True).map(tuple),
    lamp=LAMP,
    spare=st.none() | LAMP,
    tags=st.lists(NAME.filter(lambda n: not set("\r\n") & set(n)), max_size=3).map(tuple),
    doors=st.none() | st.integers(1, 9),
    open=st.booleans(),
    heated=st.booleans(),
    size=st.sampled_from(["small", "large"]),
    cost=st.builds(Cost, input=st.floats(0, 1e300), budget=st.none() | st.floats(1e-300, 1e3)),
    lamps=st.lists(LAMP, max_size=2).map(tuple),
    by_name=st.dictionaries(TEXT, st.integers() | TEXT, max_size=3),
    deep=st.builds(Deep, bulb=TEXT.filter(lambda text: text != "none")),
)


@given(ROOM)
@FEW
def test_words_are_read_back_to_what_they_were_written_from(room: Room) -> None:
    assert from_plain(Room, from_words(Room, argv(room))) == room


@given(ROOM)
@FEW
def test_flat_values_are_read_back_beside_what_has_no_flag(room: Room) -> None:
    read, faults, missing = parse(Room, nested(Room, flat(room)))
    assert (faults, missing) == ([], {})
    assert read is not None
    assert flat(read) == flat(room)


@given(ROOM)
@FEW
def test_yaml_is_read_back_to_what_it_was_written_from(room: Room) -> None:
    assert read_yaml(Room, to_yaml(room)) == room


@pytest.mark.parametrize(
    "text", ["a\x85b", " \u2028", "\ufeffx", "a\n\n b ", "\x00\x7f", "\ud83d", "1e3"]
)
def test_every_text_survives_its_yaml(text: str) -> None:
    room = Room((text,), Lamp("b"), by_name={text: text})
    assert read_yaml(Room, to_yaml(room)) == room


def test_all_that_is_wrong_is_said_and_the_object_is_there_nevertheless() -> None:
    data = {
        "names": ["a", "a"],
        "lamp": {"bulb": "none", "watts": -1, "warmth": 10},
        "tags": 5,
        "sise": 1,
        "cost": {"budget": 0},
        "lamps": [{"watts": "many"}],
    }
    config, faults, missing = parse(Room, data)
    assert config is not None
    assert config.lamp.bulb == "none"
    assert set(faults) == {
        "There is no setting 'sise'; did you mean 'size'?",
        "lamp.watts: Expected at least 0, but found -1.",
        "lamp.warmth: Expected less than 10, but found 10.",
        "lamp: Without a bulb it takes no watts.",
        "tags: Expected a list, but found 5.",
        "cost.budget: Expected more than 0, but found 0.",
        "lamps[1].watts: Expected a whole number, but found 'many'.",
    }
    assert list(missing) == ["lamps[1].bulb"]


def test_what_is_required_is_told_apart_from_what_is_wrong() -> None:
    config, faults, missing = parse(Room, {"doors": 0})
    assert config is None
    assert faults == ["doors: Expected at least 1, but found 0."]
    assert list(missing) == ["names", "lamp.bulb"]
    with pytest.raises(UsageError, match=r"lamp\.bulb: Expected text, but found nothing"):
        from_plain(Room, {"names": ["a"]})


def test_a_section_that_is_left_out_is_looked_at_too() -> None:
    @dataclass(frozen=True)
    class House(Config):
        cost: Cost = field(default_factory=lambda: Cost(-1))

    assert parse(House, {})[1] == ["cost.input: Expected at least 0, but found -1."]
    assert check(House()) == ["cost.input: Expected at least 0, but found -1."]


def test_an_earlier_name_is_read_once() -> None:
    assert from_plain(Room, {**to_plain(LEAST), "extent": "large"}).size == "large"
    with pytest.raises(UsageError, match="size once"):
        from_plain(Room, {**to_plain(LEAST), "extent": "large", "size": "small"})


def test_variables_of_keys_are_found_wherever_they_are_named() -> None:
    room = Room(("r",), Lamp("a", key="A"), Lamp("b", key="B"), lamps=(Lamp("c", key="C"),))
    assert key_variables(room) == ["A", "B", "C"]
    assert key_variables({"x": [Lamp("d", key="D")], "y": "E"}) == ["D"]
    assert without_effect(Lamp) == ("key",)


def test_a_setting_changed_for_a_class_keeps_its_rules() -> None:
    @dataclass(frozen=True)
    class Flood(Lamp):
        watts: int = changed(Lamp, "watts", 500, help="More.")

    @dataclass(frozen=True)
    class Torch(Lamp):
        watts: int = 7

    (torch,) = (one for one in settings_of(Torch) if one.name == "watts")
    assert (torch.default, torch.rules) == (7, replace(torch.rules, ge=0, le=2**63 - 1))
    assert check(Torch("b", watts=-1)) == ["watts: Expected at least 0, but found -1."]
    (watts,) = (one for one in settings_of(Flood) if one.name == "watts")
    assert (watts.default, watts.rules.ge, watts.rules.help) == (500, 0, "More.")
    assert check(Flood("b", watts=-1)) == ["watts: Expected at least 0, but found -1."]
    assert next(one for one in settings_of(Lamp) if one.name == "bulb").default is MISSING


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--nam=a"], "did you mean '--name'"),
        (["--name"], "--name needs a value"),
        (["--set=a"], "SECTION.FIELD=VALUE"),
        (["--set=a..b=1"], "SECTION.FIELD=VALUE"),
        (["--set=a=[}"], "Expected a value for a"),
        (["--config=x.yaml"], "no option '--config'"),
    ],
)
def test_words_that_are_none_are_refused(words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says.replace("[", r"\[")):
        from_words(Room, words)


def test_changes_leave_the_given_content_as_it_is() -> None:
    content = {"lamp": {"bulb": "a"}}
    assert with_changes(content, ["lamp.bulb=b", "size=large"]) == {
        "lamp": {"bulb": "b"},
        "size": "large",
    }
    assert content == {"lamp": {"bulb": "a"}}
