"""Plain values of YAML, JSON or a command ↔ a frozen dataclass; all that is wrong is said at once.

Fields may be text, numbers, true or false, `Literal`, lists (``tuple[X, ...]``), mappings
(``Mapping[str, X]``), other dataclasses, and None beside any of them. What `setting` says of a
field (limits, choices) and the sentences of a dataclass's method ``faults()`` are asked once all
its fields are of their types.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from sit_core.config.fields import MISSING as _MISSING
from sit_core.config.fields import (
    check,
    default_of,
    hints_of,
    own_faults,
    rules_of,
    shortened,
    value_faults,
)
from sit_core.errors import UsageError
from sit_core.registry import unknown

T = TypeVar("T")
MOST_SAID = 50
"""Faults in one message, and unknown settings of one section."""
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class _Faults(list[str]):
    """Sentences; required settings that are not there are kept apart."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: dict[str, str] = {}


def parse(kind: type[T], data: Any) -> tuple[T | None, list[str], dict[str, str]]:
    """The configuration, as soon as the types allow one, with all that is wrong with it.

    A value of the wrong type is left out, as if nothing were said there.

    Returns:
        The configuration; None where something is lacking. One sentence for each fault. Required
        settings that are not there, each with a sentence of its own.
    """
    faults = _Faults()
    value = _value(kind, data, "", faults)
    return typing.cast("T | None", value), list(dict.fromkeys(faults)), faults.missing


def from_plain(kind: type[T], data: Any, name: str = "the configuration") -> T:
    """The same of what YAML (or JSON) was parsed into.

    Raises:
        UsageError: all that is wrong, each with its place.
    """
    value, faults, missing = parse(kind, data)
    faults += missing.values()
    if faults:
        more = len(faults) - MOST_SAID
        said = faults[:MOST_SAID] + ([f"And {more:,} more."] if more > 0 else [])
        raise UsageError(f"{name}: " + " ".join(said))
    return typing.cast(T, value)


def to_plain(config: Any, *, defaults: bool = False) -> Any:
    """The configuration as lists, mappings, texts and numbers.

    Args:
        config: a dataclass, or anything that may stand in one.
        defaults: whether fields that are as usual are written too.
    """
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {
            field.name: to_plain(getattr(config, field.name), defaults=defaults)
            for field in dataclasses.fields(config)
            if defaults or getattr(config, field.name) != default_of(field)
        }
    if isinstance(config, Mapping):
        return {key: to_plain(value, defaults=defaults) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [to_plain(value, defaults=defaults) for value in config]
    return config


def _value(kind: Any, data: Any, place: str, faults: _Faults) -> Any:
    """``data`` as ``kind``; what is wrong is added to the faults, and the result then unused."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), data, place, faults)
    if origin is Literal:
        choices = get_args(kind)
        if not any(data == choice and type(data) is type(choice) for choice in choices):
            _fault(faults, place, "one of " + ", ".join(map(str, choices)), data)
        return data
    if dataclasses.is_dataclass(kind):
        return _record(typing.cast(type, kind), data, place, faults)
    if origin is tuple:
        if not isinstance(data, list | tuple):
            _fault(faults, place, "a list", data)
            return ()
        inner = get_args(kind)[0]
        return tuple(_value(inner, v, f"{place}[{i}]", faults) for i, v in enumerate(data, 1))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            _fault(faults, place, "names with values", data)
            return {}
        inner = get_args(kind)[1]
        return {
            k: _value(inner, v, f"{place}.{k}" if place else k, faults) for k, v in data.items()
        }
    return data if kind is Any else _plain(kind, data, place, faults)


def _plain(kind: Any, data: Any, place: str, faults: _Faults) -> Any:
    if kind is float and isinstance(data, int | float | str) and not isinstance(data, bool):
        try:
            number = float(data)  # YAML 1.1 takes 3e-4 for text
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    elif kind is type(None):
        if data is None:
            return None
    elif isinstance(data, kind) and (kind is bool or not isinstance(data, bool)):
        return data
    _fault(faults, place, _NAMES.get(kind, "nothing"), data)
    return data


def _one_of(kinds: tuple[Any, ...], data: Any, place: str, faults: _Faults) -> Any:
    """The first kind that fits; else the faults of the one that was meant, by the data's shape."""
    if data is None and type(None) in kinds:
        return None
    found: list[_Faults] = []
    real = [kind for kind in kinds if kind is not type(None)]
    for kind in real:
        own = _Faults()
        value = _value(kind, data, place, own)
        if not own and not own.missing:
            return value
        found.append(own)
    nested = [
        own
        for kind, own in zip(real, found, strict=True)
        if (dataclasses.is_dataclass(kind) and isinstance(data, Mapping))
        or (get_origin(kind) is tuple and isinstance(data, list))
    ]
    if nested:
        faults += nested[0]
        faults.missing |= nested[0].missing
    else:
        _fault(faults, place, " or ".join(_called(kind) for kind in real), data)
    return data


def _record(kind: type, data: Any, place: str, faults: _Faults) -> Any:
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        _fault(faults, place, "settings with values", data)
        return None
    hints = hints_of(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    earlier = {old: field.name for field in fields.values() for old in rules_of(field).was}
    said: dict[str, Any] = {}
    strange = 0
    for key, value in data.items():
        name = earlier.get(key, key)
        where = f"{place}: " if place else ""
        if name not in fields:
            strange += 1
            if strange <= MOST_SAID:  # the nearest name takes a while to find
                faults.append(where + unknown("setting", str(key)[:80], list(fields)))
        elif name in said:
            faults.append(f"{where}Expected {name} once, but found it as {key} too.")
        else:
            said[name] = value
    if strange > MOST_SAID:
        more = f"And {strange - MOST_SAID:,} more settings that there are not."
        faults.append(f"{place}: {more}" if place else more)
    values, incomplete, left_out = {}, False, []
    for name, field in fields.items():
        inside = f"{place}.{name}" if place else name
        lacks_default = field.default is _MISSING and field.default_factory is _MISSING
        if name in said:
            wrong = len(faults) + len(faults.missing)
            value = _value(hints[name], said[name], inside, faults)
            if len(faults) + len(faults.missing) == wrong or _usable(value):
                values[name] = value
            else:  # the rest is looked at as if nothing were said here
                incomplete |= lacks_default
        elif lacks_default:
            faults.missing |= _required(hints[name], inside)
            incomplete = True
        else:
            left_out.append(name)
    if incomplete:
        for name, value in values.items():
            inside = f"{place}.{name}" if place else name
            faults += value_faults(inside, value, rules_of(fields[name]))
        return None
    try:
        made = kind(**values)
    except UsageError as error:  # a record of another package that checks itself
        faults.append(f"{place}: {error}" if place else str(error))
        return None
    faults += own_faults(made, place)
    for name in left_out:  # a section that was left out has its defaults, which nobody has asked
        faults += check(getattr(made, name), f"{place}.{name}" if place else name)
    return made


def _usable(value: Any) -> bool:
    """Whether a section with faults is there nevertheless: then only a value in it is off."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _required(kind: Any, place: str) -> dict[str, str]:
    """A required setting that is not there; of a section those in it."""
    found: dict[str, str] = {}
    if dataclasses.is_dataclass(kind):
        hints = hints_of(kind)
        for field in dataclasses.fields(kind):
            if field.default is _MISSING and field.default_factory is _MISSING:
                found |= _required(hints[field.name], f"{place}.{field.name}")
    return found or {place: f"{place}: Expected {_called(kind)}, but found nothing."}


def _called(kind: Any) -> str:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(_called(k) for k in get_args(kind) if k is not type(None))
    if origin is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    if origin is tuple:
        return "a list"
    if origin is not None or dataclasses.is_dataclass(kind):
        return "settings with values"
    return _NAMES.get(kind, "a value")


def _fault(faults: list[str], place: str, expected: str, found: Any) -> None:
    faults.append(f"{place or 'The file'}: Expected {expected}, but found {shortened(found)}.")
