"""A configuration as a command's words, and back: ``from_words(kind, argv(config))`` is it again.

    argv(ScoreConfig(("a", "b"), again=True))  # ["--run=a", "--run=b", "--again"]

A setting without a flag (a list of records, a deep section) is said by
``--set=section.field=JSON``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sit_core.config.fields import (
    MISSING,
    Setting,
    default_of,
    is_section,
    settings_of,
    value_of,
)
from sit_core.config.parse import to_plain
from sit_core.errors import UsageError
from sit_core.registry import unknown

SET, CONFIG = "--set", "--config"


def argv(config: Any) -> list[str]:
    """The words that ask for exactly this; what is as usual is left out.

    One word each, ``--flag=value``, so that a text that begins with a dash is not taken for a flag.
    """
    words: list[str] = []
    for one in settings_of(type(config)):
        value = value_of(config, one.path)
        if value is MISSING or (one.default is not MISSING and value == one.default):
            continue
        words += _words(one, value)
    return words + list(_sections(config))


def _words(one: Setting, value: Any) -> Iterator[str]:
    if one.flag is None or value is None or (value == () and one.default not in (MISSING, ())):
        if value is None and one.flag is not None and has_none_flag(one):
            yield none_flag(one)
        elif one.flag is not None and one.many and one.rules.comma and value == ():
            yield f"{one.flag}="
        elif one.default is not MISSING or value is not None:
            import json

            yield f"{SET}={one.name}={json.dumps(to_plain(value))}"
    elif isinstance(value, bool):
        yield one.flag if value else f"--no-{one.flag[2:]}"
    elif one.many and one.rules.comma:
        yield f"{one.flag}={joined_names(value)}"
    elif one.many:
        yield from (f"{one.flag}={part}" for part in value)
    else:
        yield f"{one.flag}={value}"


def _sections(config: Any, place: str = "") -> Iterator[str]:
    """Sections that are there, or not, in a way that no setting in them tells."""
    for field in fields(config):
        value, usual = getattr(config, field.name), default_of(field)
        name = f"{place}{field.name}"
        if is_section(type(usual)) and value is None:
            yield f"{SET}={name}=null"
        elif is_section(type(value)):
            if usual is None and to_plain(value) == {}:
                yield f"{SET}={name}={{}}"
            yield from _sections(value, f"{name}.")


def has_none_flag(one: Setting) -> bool:
    """Whether None is not what it is by default, and so needs a flag: ``--no-judge``."""
    return one.optional and one.default not in (None, MISSING) and one.type is not bool


def none_flag(one: Setting) -> str:
    """The flag that sets it to None."""
    return f"--no-{(one.flag or '')[2:]}"


def from_words(
    kind: type, words: Sequence[str], content: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Plain values, for `sit_core.config.parse`, of the words that `argv` gives.

    Also of words as they are typed: ``--flag value``. Options win over ``--set``.

    Args:
        kind: the configuration.
        words: without the verb, and without ``--config``.
        content: what a file says; all words win over it.

    Raises:
        UsageError: there is no such flag, or a value is lacking.
    """
    flags: dict[str, tuple[Setting, Any]] = {}
    for one in settings_of(kind):
        if one.flag is not None:
            flags[one.flag] = (one, True if one.type is bool else MISSING)
            if one.type is bool:
                flags[f"--no-{one.flag[2:]}"] = (one, False)
            elif has_none_flag(one):
                flags[none_flag(one)] = (one, None)
    given: dict[Setting, Any] = {}
    changes: list[str] = []
    left = iter(words)
    for word in left:
        flag, equals, value = word.partition("=")
        if flag != SET and flag not in flags:
            raise UsageError(unknown("option", flag[:80], [*flags, SET]))
        setting, constant = flags.get(flag, (None, MISSING))
        if setting is not None and constant is not MISSING:
            given[setting] = constant
            continue
        if not equals:
            following = next(left, None)
            if following is None:
                raise UsageError(f"The option {flag} needs a value.")
            value = following
        if setting is None:
            changes.append(value)
        elif setting.many and not setting.rules.comma:
            given[setting] = (*given.get(setting, ()), value)
        else:
            given[setting] = value
    values = {one: plain_value(one, value) for one, value in given.items()}
    return placed(values, with_changes(content or {}, changes))


def placed(given: Mapping[Setting, Any], into: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Values at the places of their settings, over what is there."""
    result: dict[str, Any] = copied(into or {})
    for one, value in given.items():
        put(result, one.path, value)
    return result


def plain_value(one: Setting, value: Any) -> Any:
    """A word as its setting's type; as it is, where it is none: `parse` says what is wrong."""
    if one.many and one.rules.comma and isinstance(value, str):
        value = split_names(value)
    if one.many:
        return list(dict.fromkeys(value) if one.rules.unique else value)
    if one.type in (int, float) and isinstance(value, str):
        try:
            return one.type(value)
        except ValueError:
            return value
    return value


def with_changes(content: Mapping[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """The same with ``SECTION.FIELD=VALUE`` put over it; values are read as YAML.

    >>> with_changes({"data": {"train": "a"}}, ["data.train=b.jsonl", "seed=3"])
    {'data': {'train': 'b.jsonl'}, 'seed': 3}

    Raises:
        UsageError: a change without ``=``, or a value that is no YAML.
    """
    result = copied(content)
    for change in changes:
        name, equals, text = change.partition("=")
        path = name.strip().split(".")
        if not equals or not all(path):
            raise UsageError(f"Expected SECTION.FIELD=VALUE, but found {change[:200]!r}.")
        put(result, path, _yaml_value(name, text))
    return result


def _yaml_value(name: str, text: str) -> Any:
    import json

    if text[:1] in ('"', "[", "{"):
        try:
            return json.loads(
                text
            )  # as `argv` writes it; YAML reads some characters in another way
        except (ValueError, RecursionError):
            pass
    import yaml

    from sit_core.config.yaml_file import loader

    try:
        return yaml.load(text, Loader=loader())
    except (yaml.YAMLError, ValueError, RecursionError):
        raise UsageError(f"Expected a value for {name}, but found {text[:200]!r}.") from None


def copied(content: Mapping[str, Any]) -> dict[str, Any]:
    """With mappings in it that can be changed without changing the given ones."""
    return {k: copied(v) if isinstance(v, Mapping) else v for k, v in content.items()}


def put(content: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """A value at a place; sections that are not there are made."""
    *sections, last = path
    for section in sections:
        inner = content.get(section)
        if not isinstance(inner, dict):
            content[section] = inner = {}
        content = inner
    content[last] = value


def joined_names(names: Iterable[str]) -> str:
    """Names as one word; one with a comma stands in quotes."""
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def split_names(text: str) -> tuple[str, ...]:
    """The names of a comma-separated list.

    >>> split_names('llama, "a,b"'), split_names("")
    (('llama', 'a,b'), ())
    """
    import csv

    try:
        found = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:  # longer than the reader takes
        found = text.split(",")
    return tuple(name.strip() for name in found if name.strip())
