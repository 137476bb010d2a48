"""Configurations as YAML files, both ways; a file's faults are said with its name.

config = read_yaml(MixtureConfig, text, "mixture.yaml")
text = to_yaml(config, head="sit augment --config mixture.yaml")
"""

import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sit_core.config.parse import from_plain, to_plain
from sit_core.errors import UsageError

T = TypeVar("T")
MOST_BYTES = 1 << 20
MOST_NODES = 1 << 20
"""Values of a file with its aliases written out: more than a file of `MOST_BYTES` has without."""
_ESCAPED = re.compile("[\x85\u2028\u2029\ufeff\ud800-\udfff]")
"""Line ends that YAML folds, and what no file can hold as it is."""


def read_yaml(kind: type[T], text: str, name: str = "the configuration") -> T:
    r"""The configuration that a YAML text describes.

    Args:
        kind: a dataclass.
        text: YAML.
        name: what the messages call it, such as the file's name.

    Raises:
        UsageError: the text is no YAML, or all that is wrong with it, each with its place.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
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
    data = read_plain(text, name)
    return from_plain(kind, {} if data is None else data, name)


def read_plain(text: str, name: str = "the configuration") -> Any:
    """What a YAML text holds, of whatever shape.

    Raises:
        UsageError: the text is no YAML.
    """
    import yaml

    try:
        return yaml.load(text, Loader=loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise UsageError(f"{name}{place}: This is no YAML ({said}).") from None
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{name}: This is no YAML that can be used ({error}).") from None


def file_text(path: Path) -> str:
    """The text of a configuration's file.

    Raises:
        UsageError: it can't be read, is too large, or is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The configuration {path} can't be read: {error.strerror}.") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{path} is too large for a configuration.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"The configuration {path} is no UTF-8 text.") from None


def to_yaml(config: Any, *, head: str = "", defaults: bool = False) -> str:
    """The configuration as YAML, in the order of its fields.

    Args:
        config: a dataclass, or a mapping.
        head: written above it as a comment, such as the command that uses it.
        defaults: whether fields that are as usual are written too.
    """
    import yaml

    text: str = yaml.dump(
        to_plain(config, defaults=defaults),
        Dumper=_dumper(),
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    return comment + text


@lru_cache(maxsize=1)
def loader() -> Any:
    """YAML's safe loader, which also refuses a key that is there twice, and aliases that explode.

    Ten lines, each ten times the one before, are 10¹⁰ values to whoever walks or prints them.
    """
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def get_single_node(self) -> Any:
            node = super().get_single_node()
            if node is not None and _written_out(node, {}) > MOST_NODES:
                raise yaml.constructor.ConstructorError(
                    problem="its aliases stand for too many values; write them out",
                    problem_mark=node.start_mark,
                )
            return node

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        loader.flatten_mapping(node)
        seen: set[Any] = set()
        for at, _ in node.value:
            key = loader.construct_object(at, deep=True)
            if not isinstance(key, Hashable):
                break  # refused below
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the setting {key!r:.80} is there twice", problem_mark=at.start_mark
                )
            seen.add(key)
        made: dict[Any, Any] = loader.construct_mapping(node, deep=True)
        return made

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Loader


def _written_out(node: Any, known: dict[int, int]) -> int:
    """How many values a node stands for, each alias counted as what it repeats.

    Args:
        node: of YAML's composer; one that holds itself is refused where it is made a value.
        known: node → its count, so that each is looked at once.
    """
    if (size := known.get(id(node))) is not None:
        return size
    known[id(node)] = size = 1
    inside = node.value if isinstance(node.value, list) else ()
    for one in inside:
        for part in one if isinstance(one, tuple) else (one,):
            size += _written_out(part, known)
    known[id(node)] = size
    return size


@lru_cache(maxsize=1)
def _dumper() -> Any:
    """YAML's safe dumper, which escapes what it would write so that it reads as something else."""
    import yaml

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]
        pass

    def text(dumper: Any, value: str) -> Any:
        style = '"' if _ESCAPED.search(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
