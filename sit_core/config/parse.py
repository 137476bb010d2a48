"""One frozen dataclass ↔ one YAML file, both ways; all that is wrong with a file is said at once.

    config = read_yaml(MixtureConfig, text, "mixture.yaml")
    text = to_yaml(config, head="sit augment --config mixture.yaml")

Fields may be text, numbers, true or false, `Literal`, lists (``tuple[X, ...]``), mappings
(``Mapping[str, X]``), other dataclasses, and None beside any of them. A dataclass that has a method
``faults()`` (sentences on what is wrong with its values together) is asked once all its fields are
of their types.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from sit_core.errors import UsageError
from sit_core.registry import unknown

T = TypeVar("T")
_MISSING = dataclasses.MISSING
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def read_yaml(kind: type[T], text: str, name: str = "the configuration") -> T:
    r"""The configuration that a YAML text describes.

    Args:
        kind: a dataclass.
        text: YAML.
        name: what the messages call it, such as the file's name.

    Raises:
        UsageError: the text is no YAML, or all that is wrong with it, each with its place.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Oven:
    ...     heat: int
    ...     trays: tuple[str, ...] = ()
    >>> read_yaml(Oven, "heat: 180\ntrays: [top]")
    Oven(heat=180, trays=('top',))
    >>> try:
    ...     read_yaml(Oven, "heat: hot\ntrey: 1", "oven.yaml")
    ... except UsageError as error:
    ...     print(error)  # doctest: +NORMALIZE_WHITESPACE
    oven.yaml: There is no setting 'trey'; did you mean 'trays'? heat: Expected a whole number,
    but found 'hot'.
    """
    import yaml

    try:
        data = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise UsageError(f"{name}{place}: This is no YAML ({said}).") from None
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{name}: This is no YAML that can be used ({error}).") from None
    return from_plain(kind, {} if data is None else data, name)


def from_plain(kind: type[T], data: Any, name: str = "the configuration") -> T:
    """The same of what YAML (or JSON) was parsed into.

    Raises:
        UsageError: all that is wrong, each with its place.
    """
    faults: list[str] = []
    value = _value(kind, data, "", faults)
    if faults:
        raise UsageError(f"{name}: " + " ".join(dict.fromkeys(faults)))
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
            if defaults or getattr(config, field.name) != _default(field)
        }
    if isinstance(config, Mapping):
        return {key: to_plain(value, defaults=defaults) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [to_plain(value, defaults=defaults) for value in config]
    return config


def to_yaml(config: Any, *, head: str = "", defaults: bool = False) -> str:
    """The configuration as YAML, in the order of its fields.

    Args:
        config: a dataclass, or a mapping.
        head: written above it as a comment, such as the command that uses it.
        defaults: whether fields that are as usual are written too.
    """
    import yaml

    text: str = yaml.safe_dump(
        to_plain(config, defaults=defaults), sort_keys=False, allow_unicode=True, width=100
    )
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    return comment + text


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not _MISSING:
        return field.default_factory()
    return field.default


def _value(kind: Any, data: Any, place: str, faults: list[str]) -> Any:
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


def _plain(kind: Any, data: Any, place: str, faults: list[str]) -> Any:
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


def _one_of(kinds: tuple[Any, ...], data: Any, place: str, faults: list[str]) -> Any:
    """The first kind that fits; else the faults of the one that was meant, by the data's shape."""
    if data is None and type(None) in kinds:
        return None
    found: list[list[str]] = []
    real = [kind for kind in kinds if kind is not type(None)]
    for kind in real:
        own: list[str] = []
        value = _value(kind, data, place, own)
        if not own:
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
    else:
        _fault(faults, place, " or ".join(_called(kind) for kind in real), data)
    return data


def _record(kind: type, data: Any, place: str, faults: list[str]) -> Any:
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        _fault(faults, place, "settings with values", data)
        return None
    hints, before = _hints(kind), len(faults)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in data:
        if key not in fields:
            where = f"{place}: " if place else ""
            faults.append(where + unknown("setting", str(key)[:80], list(fields)))
    values, incomplete = {}, False
    for name, field in fields.items():
        inside = f"{place}.{name}" if place else name
        lacks_default = field.default is _MISSING and field.default_factory is _MISSING
        if name in data:
            wrong = len(faults)
            values[name] = _value(hints[name], data[name], inside, faults)
            if len(faults) > wrong:  # the rest is looked at as if nothing were said here
                del values[name]
                incomplete |= lacks_default
        elif lacks_default:
            faults.append(f"{inside}: Expected {_called(hints[name])}, but found nothing.")
            incomplete = True
    if incomplete:
        return None
    try:
        made = kind(**values)
    except UsageError as error:  # a record of another package that checks itself
        faults.append(f"{place}: {error}" if place else str(error))
        return None
    own: Iterable[str] = made.faults() if hasattr(made, "faults") else ()
    faults += [f"{place}: {fault}" if place else fault for fault in own]
    return made if len(faults) == before else None


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


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
    said = "nothing" if found is None else repr(found)
    said = said if len(said) <= 80 else said[:79] + "…"
    faults.append(f"{place or 'The file'}: Expected {expected}, but found {said}.")


@lru_cache(maxsize=1)
def _loader() -> Any:
    """YAML's safe loader, which also refuses a key that is there twice."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        loader.flatten_mapping(node)
        keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
        for at, key in enumerate(keys):
            if key in keys[:at]:
                raise yaml.constructor.ConstructorError(
                    problem=f"the setting {key!r} is there twice",
                    problem_mark=node.value[at][0].start_mark,
                )
        made: dict[Any, Any] = loader.construct_mapping(node, deep=True)
        return made

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Loader
