"""``sit augment``: sequential training data from single-task examples, as one mixture."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from sit_core.augment.action import ACTION
from sit_core.cli.action_command import command_of
from sit_core.cli.escape import plain

if TYPE_CHECKING:
    from sit_core.augment.config import AugmentConfig
    from sit_core.augment.manifest import Mixture
    from sit_core.store import Store


def _show(_config: "AugmentConfig", made: "Mixture", _store: "Store", as_json: bool) -> None:
    if as_json:
        paths = {"out": str(made.train), "manifest": str(made.manifest_path)}
        if made.held_out:
            paths["held_out_file"] = str(made.held_out)
        click.echo(json.dumps({**paths, **made.made, "differs": list(made.differs)}))
        return
    for line in _lines(made):
        click.echo(line)


def _option(name: str, key: str, help: str, **more: Any) -> click.Option:
    return click.Option([name, key], help=help, **more)


_LISTED = [
    _option("--source", "sources", "Source data.", multiple=True, metavar="SOURCE[:FILE]"),
    _option("--tasks", "tasks", "One chain by names: repeat,paraphrase; answers come last."),
    _option("--chain", "chains", "By letters, such as R+A; may be repeated.", multiple=True),
    _option("--cap", "cap", "Limit on examples per chain.", type=int),
    _option("--held-out", "held_out", "Share (0.05) or number (200) kept for validation."),
    _option(
        "--texts",
        "texts",
        "Texts of a step: TASK=column:NAME, TASK=model:NAME, or TASK=FILE[#FIELD[@MATCH]].",
        multiple=True,
        metavar="TASK=WHERE",
    ),
    _option(
        "--wordings", "wordings", "Own wordings of a task.", multiple=True, metavar="TASK=FILE"
    ),
    _option("--map", "mapped", "Which column is what.", multiple=True, metavar="FIELD=COLUMN"),
    _option("--instruction", "instruction", "Asked instead of each example's own."),
    _option("--unseen", "unseen", "For evaluation: wordings never trained on.", is_flag=True),
    _option(
        "--keep-originals", "keep_originals", "Changed examples also as they were.", is_flag=True
    ),
    _option("--skip-bad-rows", "skip_bad_rows", "Leave out rows that can't be read.", is_flag=True),
]
"""For settings that are lists and mappings of records."""


def _read_listed(values: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Put what these say over the values of the file and of the other options.

    Raises:
        UsageError: one of them is not of its form, or no data is named.
    """
    from sit_core.errors import UsageError
    from sit_core.sources import parse_changes

    about = {"map": parse_changes(given["mapped"]), "instruction": given["instruction"]}
    about = {name: value for name, value in about.items() if value}
    if given["sources"]:
        values["sources"] = [{"source": s, **about} if about else s for s in given["sources"]]
    elif about:
        raise UsageError("--map and --instruction belong to a --source; put them into the file.")
    elif not values.get("sources"):
        raise UsageError("Name the data (--source SOURCE[:FILE]) or a mixture (--config FILE).")
    chains = [*([given["tasks"]] if given["tasks"] else []), *given["chains"]]
    if chains:
        values["chains"] = chains
    if given["cap"] is not None:
        values["chains"] = [
            {**(c if isinstance(c, dict) else {"chain": c}), "cap": given["cap"]}
            for c in values.get("chains", [])
        ]
    for key, pairs in (
        ("texts", dict(_texts(pair) for pair in given["texts"])),
        ("wordings", dict(_pair(pair, "--wordings", "TASK=FILE") for pair in given["wordings"])),
    ):
        if pairs:
            values[key] = {**values.get(key, {}), **pairs}
    for flag, key, value in (
        ("unseen", "use", "unseen"),
        ("keep_originals", "originals", "keep"),
        ("skip_bad_rows", "bad_rows", "skip"),
    ):
        if given[flag]:
            values[key] = value
    if given["held_out"] is not None:
        values["held_out"] = _number(given["held_out"])


augment = command_of(ACTION, _show, extra=_LISTED, read_extra=_read_listed)


def _pair(pair: str, option: str, form: str) -> tuple[str, str]:
    from sit_core.errors import UsageError

    name, equals, value = pair.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"{option} {pair!r} is not {form}.")
    return name.strip(), value.strip()


def _texts(pair: str) -> tuple[str, dict[str, Any]]:
    """``paraphrase=parallel.jsonl#text@id`` as the configuration has it.

    >>> _texts("paraphrase=parallel.jsonl#text@id")
    ('paraphrase', {'file': 'parallel.jsonl', 'field': 'text', 'match': 'id'})
    >>> _texts("caption=column:caption"), _texts("paraphrase=model:microlab")
    (('caption', {'column': 'caption'}), ('paraphrase', {'model': {'model': 'microlab'}}))
    """
    task, where = _pair(pair, "--texts", "TASK=WHERE")
    kind, colon, name = where.partition(":")
    if colon and kind == "column":
        return task, {"column": name}
    if colon and kind == "model":
        return task, {"model": {"model": name}}
    path, _, field = where.partition("#")
    field, _, match = field.partition("@")
    found = {"file": path, "field": field, "match": match}
    return task, {key: value for key, value in found.items() if value}


def _number(text: str) -> int | float | str:
    """``200`` is a number of examples, ``0.05`` a share."""
    if text.isdecimal():
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def _lines(made: Any) -> list[str]:
    """What was made, for people."""
    from sit_core.augment.manifest import sources_said

    counts = made.made
    lines = [
        f"{counts['examples']:,} examples, {counts['sequential']:,} rows ask for a sequence: "
        + ", ".join(f"{name} {n:,}" for name, n in counts["chains"].items())
    ]
    for title, name in (
        ("left as they were", "unchanged"),
        ("left out", "left_out"),
        ("texts refused", "texts_refused"),
    ):
        if counts[name]:
            said = "; ".join(f"{n:,}: {plain(why)}" for why, n in counts[name].items())
            lines.append(f"{title}: {said}")
    lines += [plain(said) for said in sources_said(counts)]
    lines.append(f"{counts['train']['rows']:,} rows for training: {plain(str(made.train))}")
    if made.held_out:
        lines.append(f"{counts['held_out']['rows']:,} rows held out: {plain(str(made.held_out))}")
    lines.append(f"manifest: {plain(str(made.manifest_path))}")
    return lines + [f"note: {plain(said)}" for said in made.differs]
