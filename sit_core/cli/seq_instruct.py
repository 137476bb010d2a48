"""``sit seq-instruct``: a writer makes single-task instructions sequential; resumed at will."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.action_command import Mode, command_of
from sit_core.cli.escape import plain
from sit_core.cli.table_options import print_table
from sit_core.seq_instruct.action import ACTION

if TYPE_CHECKING:
    from sit_core.seq_instruct.config import SeqInstructAction
    from sit_core.store import Store

_OF_MODEL = ("backend", "base_url", "key_env", "in_flight", "temperature")


def _option(name: str, key: str, help: str, **more: Any) -> click.Option:
    return click.Option([name, key], help=help, **more)


_WRITER = [
    _option("--source", "sources", "Source data.", multiple=True, metavar="SOURCE[:FILE]"),
    _option("--writer", "writer", "Generator model.  [default: rules]", metavar="MODEL|rules"),
    _option(
        "--backend", "backend", "Backend of the generator: transformers or openai.", metavar="NAME"
    ),
    _option("--base-url", "base_url", "Where the endpoint is, up to /v1.", metavar="URL"),
    _option("--key-env", "key_env", "Variable with the endpoint's key.", metavar="NAME"),
    _option("--in-flight", "in_flight", "Calls at the same time.  [default: 64]", type=int),
    _option(
        "--temperature",
        "temperature",
        "Sampling temperature of the generator.  [default: 1]",
        type=float,
    ),
]
"""For a writer, which is a model or the rules, and for sources, which are records."""


def _read_writer(values: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Put what these say over the values; over those of the set's folder, if it was begun.

    Raises:
        UsageError: all that is wrong.
    """
    from sit_core.config.parse import to_plain
    from sit_core.errors import UsageError
    from sit_core.seq_instruct.config import read_config
    from sit_core.seq_instruct.folder import SetFolder

    if given["name"] is not None and given["config_file"] is None:
        begun = SetFolder.of(given["name"]).config
        if begun.exists():
            over, prices = dict(values), values.get("prices", {})
            values |= to_plain(read_config(begun)) | over
            if prices:
                values["prices"] = {**to_plain(read_config(begun)).get("prices", {}), **prices}
    if given["sources"]:
        values["sources"] = list(given["sources"])
    if not values.get("sources"):
        raise UsageError("Name the data (--source SOURCE[:FILE]) or a configuration (--config).")
    writer = _writer(values.get("writer", "rules"), given)
    if writer != "rules" or "writer" in values:
        values["writer"] = writer


def _writer(before: Any, given: Mapping[str, Any]) -> Any:
    """The writer of the options, over the one of a file."""
    from sit_core.errors import UsageError

    own = {key: given[key] for key in _OF_MODEL if given[key] is not None}
    named = given["writer"]
    if named == "rules" or (named is None and before == "rules"):
        if own:
            wrong = ", ".join(f"--{key.replace('_', '-')}" for key in own)
            raise UsageError(f"{wrong} belongs to a model; name it with --writer MODEL.")
        return "rules"
    model = dict(before) if isinstance(before, dict) else {}
    if named is not None:
        model["model"] = named
    if "base_url" in own and "backend" not in model:
        model["backend"] = "openai"
    return {**model, **own}


def _estimate(config: "SeqInstructAction", _store: None, as_json: bool) -> None:
    from sit_core.seq_instruct.estimate import estimate

    asked = config.set_config
    _show_estimate(estimate(asked).to_dict(), asked.iterations, as_json=as_json)


def _show_estimate(found: dict[str, Any], iterations: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{found['instructions']:,} instructions, {iterations} iterations: at most "
        f"{found['calls']:,} calls, about {found['prompt_tokens']:,} tokens sent and "
        f"{found['tokens']:,} written, cost {found['cost']:.2f}.\n"
        "As if no instruction were held and every first attempt were of use; tokens are estimated."
    )
    rows = [
        (
            stage,
            f"{s['calls']:,}",
            f"{s['prompt_tokens']:,}",
            f"{s['tokens']:,}",
            f"{s['cost']:.2f}",
        )
        for stage, s in found["stages"].items()
    ]
    print_table(("stage", "calls", "tokens sent", "tokens written", "cost"), rows, left=1)


def _show(
    _config: "SeqInstructAction", counts: dict[str, Any], _store: "Store", as_json: bool
) -> None:
    """What was made."""
    if as_json:
        click.echo(json.dumps(counts))
        return
    from sit_core.augment.manifest import sources_said

    for sentence in sources_said(counts["read"]):
        click.echo(plain(sentence))
    if counts["read"].get("left_out"):
        left = "; ".join(f"{n:,}: {plain(why)}" for why, n in counts["read"]["left_out"].items())
        click.echo(f"instructions of the sources that were left out: {left}")
    for number, found in counts["iterations"].items():
        parts = [
            ", ".join(f"{key} {n:,}" for key, n in found[kind].items())
            for kind in ("options", "states")
            if found[kind]
        ]
        click.echo(f"iteration {number}: " + "; ".join(parts))
        for reason, n in found["reasons"].items():
            click.echo(f"  {n:,}: {plain(reason)}")
    calls = sum(used["calls"] for used in counts["usage"].values())
    sent = sum(used["prompt_tokens"] for used in counts["usage"].values())
    written = sum(used["tokens"] for used in counts["usage"].values())
    click.echo(
        f"{calls:,} calls, {sent:,} tokens sent, {written:,} written, cost {counts['cost']:.4g}"
    )
    if counts["stopped"] is not None:
        click.echo(plain(counts["stopped"]))
        return
    left = "; ".join(f"{n:,}: {plain(why)}" for why, n in counts["left_out"].items())
    click.echo(f"{counts['rows']:,} rows for training: {plain(counts['out'])}")
    if left:
        click.echo(f"left out: {left}")


seq_instruct = command_of(
    ACTION,
    _show,
    modes=[Mode("--estimate", "Calls, tokens, cost; then end.", _estimate, with_store=False)],
    extra=_WRITER,
    read_extra=_read_writer,
)
