"""A setting is declared once: its type, default, limits and words; all doors read it from there.

    @dataclass(frozen=True, kw_only=True)
    class SampleConfig(Config):
        runs: tuple[str, ...] = setting(help="The run to draw from.", flag="--run")
        limit: int | None = setting(None, "Only the first so many.", label="Limit", ge=1)
        model: ModelConfig = setting(help="Which model.")  # a section: its flags stand beside these

The command line (`sit_core.cli.action_command`), YAML (`sit_core.config.parse`), a job's words
(`sit_core.config.arguments`) and forms (`pages.shared.config_form`) follow from the fields. The
names of the limits are pydantic's.
"""

import dataclasses
import inspect
import types
import typing
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

MISSING: Any = dataclasses.MISSING
KEY_VARIABLE = "key variable"
"""The kind of a setting that NAMES the environment variable of a key; never holds the key."""
PATH, LONG_TEXT = "path", "long text"
_LIMITS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


@dataclass(frozen=True, slots=True)
class Rules:
    """What is said of a setting besides its type and default; see `setting`."""

    help: str = ""
    label: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    choices: Mapping[Any, str] | Sequence[Any] | None = None
    placeholder: str = ""
    flag: str = ""
    metavar: str = ""
    comma: bool = False
    unique: bool = False
    kind: str = ""
    prefix: str = ""
    hide: tuple[str, ...] = ()
    hidden: bool = False
    effect: bool = True
    was: tuple[str, ...] = ()


def setting(default: Any = MISSING, help: str = "", **rules: Any) -> Any:
    """A field with what the terminal, YAML and forms need to know of it.

    Args:
        default: its value where none is given; a class is called for it. Without one it is
            required.
        help: one line, for the terminal and the form's help.
        rules: ``label`` (in forms), ``ge``, ``gt``, ``le``, ``lt`` (limits of a number),
            ``choices`` (the only values it may have; value → words for forms, where it is a
            mapping; those of a `Literal` need none), ``placeholder`` (in forms, where nothing is
            said), ``flag`` (where it is not ``--field-name``), ``metavar`` (in ``--help``),
            ``comma`` (a list is one word, ``--tasks=a,b``; else the flag is repeated), ``unique``
            (a list names nothing twice), ``kind`` (``"key variable"``, ``"path"``,
            ``"long text"``), ``effect=False`` (has no part in what is written: where and how fast,
            not what), ``was`` (earlier names, read in YAML), ``hidden`` (no flag; ``--config`` and
            ``--set`` only). Of a section also ``prefix`` (before its flags) and ``hide`` (its
            fields that get no flag).
    """
    described: dict[str, Any] = {"metadata": {"setting": Rules(help=help, **rules)}}
    if isinstance(default, type):
        return dataclasses.field(default_factory=default, **described)
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), **described)
    if default is MISSING:
        return dataclasses.field(**described)
    return dataclasses.field(default=default, **described)


def changed(kind: type, name: str, default: Any = MISSING, **rules: Any) -> Any:
    """The setting of a base class with another default, or other rules, for a class built on it.

    >>> @dataclass(frozen=True)
    ... class Base:
    ...     limit: int = setting(5, "At most.", ge=1)
    >>> @dataclass(frozen=True)
    ... class Large(Base):
    ...     limit: int = changed(Base, "limit", 500)
    >>> Large().limit, rules_of(fields(Large)[0]).ge
    (500, 1)
    """
    (base,) = (field for field in fields(kind) if field.name == name)
    described: dict[str, Any] = {
        "metadata": {"setting": dataclasses.replace(rules_of(base), **rules)},
        "kw_only": bool(base.kw_only),
    }
    if default is not MISSING:
        return dataclasses.field(default=default, **described)
    if base.default_factory is not MISSING:
        return dataclasses.field(default_factory=base.default_factory, **described)
    return dataclasses.field(default=base.default, **described)


@dataclass(frozen=True)
class Config:
    """An action's configuration, or a section of one.

    It may be incomplete or off: an ordinary object, so that a form can show its command. `check`
    says all that is wrong. A class built on another one that gives a field another default
    (``seed: int = 7``) keeps the field's rules.
    """

    def __init_subclass__(cls) -> None:
        """Defaults that are given anew become settings with the rules of the base's field."""
        for name in inspect.get_annotations(cls):
            default = cls.__dict__.get(name, MISSING)
            if isinstance(default, dataclasses.Field):
                continue
            for base in cls.__mro__[1:]:
                if name in getattr(base, "__dataclass_fields__", {}):
                    setattr(cls, name, changed(base, name, default))
                    break

    def faults(self) -> Iterable[str]:
        """One sentence for each thing that is wrong with the values together."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One leaf of a configuration: a field that is no section."""

    path: tuple[str, ...]
    """Names from the configuration to the field, such as ``("model", "seed")``."""
    type: Any
    """Without None."""
    optional: bool
    """Whether it may be None."""
    default: Any
    """`MISSING`: it is required."""
    rules: Rules
    flag: str | None
    """None: it can be set by ``--config`` and ``--set`` only."""
    in_optional_section: bool = False

    @property
    def name(self) -> str:
        """As messages and ``--set`` call it."""
        return ".".join(self.path)

    @property
    def key(self) -> str:
        """Its flag as a Python name."""
        return "" if self.flag is None else self.flag[2:].replace("-", "_")

    @property
    def required(self) -> bool:
        """Whether nothing works without it."""
        return self.default is MISSING and not self.in_optional_section

    @property
    def many(self) -> bool:
        """Whether it is a list of texts."""
        return get_origin(self.type) is tuple

    @property
    def choices(self) -> tuple[Any, ...]:
        """The only values it may have; empty: any of its type."""
        return choices_of(self.type, self.rules)


def settings_of(kind: Any) -> tuple[Setting, ...]:
    """The leaves of a configuration, in the order of its fields; sections in their places."""
    return _settings_of(kind)


@lru_cache(maxsize=256)
def _settings_of(kind: Hashable) -> tuple[Setting, ...]:
    return tuple(_leaves(kind, (), "", (), None, False))


def _leaves(
    kind: Any,
    path: tuple[str, ...],
    prefix: str | None,
    hide: tuple[str, ...],
    usual: Any,
    optional_section: bool,
) -> Iterator[Setting]:
    """``prefix``: of the flags; None: there are none. ``usual``: what the section is by default."""
    hints = hints_of(kind)
    for field in fields(kind):
        rules = rules_of(field)
        inner, optional = without_none(hints[field.name])
        here = (*path, field.name)
        default = default_of(field) if usual is None else getattr(usual, field.name)
        no_flag = prefix is None or rules.hidden or field.name in hide
        if is_section(inner):
            inside = None if no_flag or prefix is None else prefix + rules.prefix
            lacks = default is MISSING or default is None
            yield from _leaves(
                inner,
                here,
                inside,
                rules.hide,
                None if lacks else default,
                optional_section or (optional and default is None),
            )
            continue
        flag = None
        if not no_flag and _fits_a_flag(inner):
            named = rules.flag.removeprefix("--") or field.name.replace("_", "-")
            flag = f"--{prefix}{named}"
        yield Setting(here, inner, optional, default, rules, flag, optional_section)


def _fits_a_flag(kind: Any) -> bool:
    if get_origin(kind) is tuple:
        return bool(get_args(kind)[0] is str)
    if get_origin(kind) is Literal:
        return all(isinstance(choice, str) for choice in get_args(kind))
    return kind in (str, int, float, bool)


def value_of(config: Any, path: Sequence[str]) -> Any:
    """The value at a place; `MISSING` where a section before it is None."""
    for name in path:
        if config is None:
            return MISSING
        config = getattr(config, name)
    return config


def flat(config: Any) -> dict[str, Any]:
    """Each setting that has a flag, by the flag's name, with its value."""
    return {
        one.key: value
        for one in settings_of(type(config))
        if one.flag is not None and (value := value_of(config, one.path)) is not MISSING
    }


def nested(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `flat`, as plain values for `sit_core.config.parse`; others stay."""
    places = {one.key: one.path for one in settings_of(kind) if one.flag is not None}
    result: dict[str, Any] = {}
    for key, value in values.items():
        *sections, last = places.get(key, (key,))
        place = result
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return result


def key_variables(config: Any) -> list[str]:
    """The environment variables that a configuration names as keys, wherever in it."""
    found: list[str] = []
    if is_section(type(config)):
        for field in fields(config):
            value = getattr(config, field.name)
            if rules_of(field).kind == KEY_VARIABLE:
                found += [value] if isinstance(value, str) and value else []
            else:
                found += key_variables(value)
    elif isinstance(config, Mapping):
        found = [name for value in config.values() for name in key_variables(value)]
    elif isinstance(config, list | tuple):
        found = [name for value in config for name in key_variables(value)]
    return list(dict.fromkeys(found))


def without_effect(kind: type) -> tuple[str, ...]:
    """The fields that have no part in what is written: they say where and how fast."""
    return tuple(field.name for field in fields(kind) if not rules_of(field).effect)


def check(config: Any, place: str = "") -> list[str]:
    """All that is wrong with a configuration that is there: limits, choices, and its own faults."""
    found: list[str] = []
    if is_section(type(config)):
        found += own_faults(config, place)
        for field in fields(config):
            found += check(getattr(config, field.name), f"{place}.{field.name}".lstrip("."))
    elif isinstance(config, Mapping):
        for key, value in config.items():
            found += check(value, f"{place}.{key}".lstrip("."))
    elif isinstance(config, list | tuple):
        for number, value in enumerate(config, 1):
            found += check(value, f"{place}[{number}]")
    return list(dict.fromkeys(found))


def own_faults(config: Any, place: str = "") -> list[str]:
    """The same of the configuration's own values, without the sections in it."""
    found: list[str] = []
    for field in fields(config):
        inside = f"{place}.{field.name}" if place else field.name
        found += value_faults(inside, getattr(config, field.name), rules_of(field))
    own: Iterable[str] = config.faults() if hasattr(config, "faults") else ()
    return found + [f"{place}: {fault}" if place else fault for fault in own]


def value_faults(place: str, value: Any, rules: Rules) -> Iterator[str]:
    """What is wrong with a value of the right type: a limit that it passes, no known choice."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        for name, words in _LIMITS:
            limit = getattr(rules, name)
            if limit is not None and not _within(name, value, limit):
                yield f"{place}: Expected {words} {_number(limit)}, but found {_number(value)}."
    if rules.choices is not None and value is not None:
        for one in value if isinstance(value, tuple) else (value,):
            if one not in rules.choices:
                known = ", ".join(map(str, rules.choices))
                yield f"{place}: Expected one of {known}, but found {shortened(one)}."


def _within(name: str, value: float, limit: float) -> bool:
    if name == "ge":
        return value >= limit
    if name == "gt":
        return value > limit
    return value <= limit if name == "le" else value < limit


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def shortened(value: Any) -> str:
    """A value in a message."""
    said = "nothing" if value is None else repr(value)
    return said if len(said) <= 80 else said[:79] + "…"


def is_section(kind: Any) -> bool:
    """Whether it is a dataclass."""
    return isinstance(kind, type) and is_dataclass(kind)


def without_none(kind: Any) -> tuple[Any, bool]:
    """A type without None, and whether None was among it."""
    if get_origin(kind) not in (Union, types.UnionType):
        return kind, False
    real = [one for one in get_args(kind) if one is not type(None)]
    optional = len(real) < len(get_args(kind))
    return (real[0] if len(real) == 1 else Union[tuple(real)]), optional  # noqa: UP007


def choices_of(kind: Any, rules: Rules) -> tuple[Any, ...]:
    """The only values that a setting of this type may have; empty: any."""
    if rules.choices is not None:
        return tuple(rules.choices)
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return get_args(kind) if get_origin(kind) is Literal else ()


def rules_of(field: "dataclasses.Field[Any]") -> Rules:
    """What `setting` was told; nothing, where a field was declared without it."""
    rules = field.metadata.get("setting")
    return rules if isinstance(rules, Rules) else Rules()


def default_of(field: "dataclasses.Field[Any]") -> Any:
    """A field's value where none is given; `MISSING`: it is required."""
    factory: Any = field.default_factory
    return field.default if factory is MISSING else factory()


def hints_of(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    return _hints_of(kind)


@lru_cache(maxsize=256)
def _hints_of(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)
