"""``sit augment``: sequential training data from single-task examples, as one mixture."""

import json
from pathlib import Path
from typing import Any

import click

from sit_core.cli.escape import plain


@click.command()
@click.option("--source", "sources", multiple=True, metavar="SOURCE[:FILE]", help="Where from.")
@click.option("--tasks", help="One chain by names, such as repeat,paraphrase: answers come last.")
@click.option("--chain", "chains", multiple=True, help="By letters, such as R+A; may be repeated.")
@click.option("--config", type=click.Path(path_type=Path), help="All of it as one YAML.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The training file.")
@click.option("--seed", type=int, help="Of every choice.  [default: 0]")
@click.option("--share", type=float, help="Of what can become a sequence.  [default: 1]")
@click.option("--cap", type=int, help="At most so many examples for each chain.")
@click.option("--plain", "plain_rows", type=int, help="At most so many unchanged examples.")
@click.option("--held-out", help="Share (0.05) or number (200) of examples kept for validation.")
@click.option(
    "--texts",
    multiple=True,
    metavar="TASK=WHERE",
    help="Texts of a step: TASK=column:NAME, TASK=model:NAME, or TASK=FILE[#FIELD[@MATCH]].",
)
@click.option("--wordings", multiple=True, metavar="TASK=FILE", help="Own wordings of a task.")
@click.option("--unseen", is_flag=True, help="For evaluation: wordings never used in training.")
@click.option("--translate-into", metavar="CODE", help="Language of the step T.  [default: en]")
@click.option("--join", type=click.Choice(["newline", "headings"]), help="Between the steps.")
@click.option(
    "--map", "mapped", multiple=True, metavar="FIELD=COLUMN", help="Which column is what."
)
@click.option("--instruction", help="Asked instead of each example's own.")
@click.option("--keep-originals", is_flag=True, help="Changed examples also as they were.")
@click.option("--skip-bad-rows", is_flag=True, help="Leave out rows that can't be read.")
@click.option("--format", "format_", type=click.Choice(["alpaca", "messages"]))
@click.option("--print-config", is_flag=True, help="Print the YAML; make nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all counts.")
@click.pass_context
def augment(
    context: click.Context,
    /,
    out: Path,
    config: Path | None,
    as_json: bool,
    print_config: bool,
    **given: Any,
) -> None:
    """Make a training file of which part asks for chains of tasks.

    SOURCE is a file (its first row tells what data set it is), or a data set by name: alpaca,
    messages, commonsense_qa, xquad, gsm8k (each with :FILE, else from the hub), hub:ID, file:PATH,
    microlab:answer:COUNT. Without a chain the file is the baseline: the same examples unchanged.

    Beside the training file lie the held-out one (OUT.heldout.jsonl) and the manifest
    (OUT.manifest.yaml), which makes the same again as --config.
    """
    from sit_core.augment import read_mixture, write_mixture
    from sit_core.config.yaml_file import to_yaml
    from sit_core.jobs.worker import joined
    from sit_core.store import open_store

    mixture = _mixture(given) if config is None else _changed(read_mixture(config), given)
    if print_config:
        click.echo(to_yaml(mixture, head=f"sit augment --config FILE --out {out.name}"), nl=False)
        return
    with joined(open_store(), _words(context), title=f"Sequences for {out.name}") as work:
        made = write_mixture(mixture, out, report=work.report, stopped=work.stop.is_set)
        work.report(
            made.made["examples"],
            made.made["examples"],
            f"{made.made['sequential']:,} of {made.made['examples']:,} examples became sequences",
        )
    if as_json:
        paths = {"out": str(made.train), "manifest": str(made.manifest_path)}
        if made.held_out:
            paths["held_out_file"] = str(made.held_out)
        click.echo(json.dumps({**paths, **made.made, "differs": list(made.differs)}))
        return
    for line in _lines(made):
        click.echo(line)


def _words(context: click.Context) -> list[str]:
    """The words after ``sit`` that ask for exactly this."""
    words = ["augment"]
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if not _is_given(value):
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words.append(option.opts[0] if one is True else f"{option.opts[0]}={one}")
    return words


def _is_given(value: Any) -> bool:
    """Whether an option was given; 0 is a value like others, though it equals False.

    >>> _is_given(0), _is_given(0.0), _is_given(False), _is_given(()), _is_given(None)
    (True, True, False, False, False)
    """
    return value is not None and value is not False and value != ()


def _mixture(given: dict[str, Any]) -> Any:
    """The configuration that the options ask for.

    Raises:
        UsageError: all that is wrong with them.
    """
    from sit_core.augment import MixtureConfig
    from sit_core.config.parse import from_plain
    from sit_core.errors import UsageError
    from sit_core.sources import parse_changes

    if not given["sources"]:
        raise UsageError("Name the data (--source SOURCE[:FILE]) or a mixture (--config FILE).")
    chains = [*([given["tasks"]] if given["tasks"] else []), *given["chains"]]
    changes = parse_changes(given["mapped"])
    about_source = {"map": changes, "instruction": given["instruction"]}
    capped = given["cap"] is not None
    data: dict[str, Any] = {
        "sources": [
            {"source": s, **{k: v for k, v in about_source.items() if v}}
            if any(about_source.values())
            else s
            for s in given["sources"]
        ],
        "chains": [{"chain": c, "cap": given["cap"]} if capped else c for c in chains],
        "texts": dict(_texts(pair) for pair in given["texts"]),
        "wordings": dict(_pair(pair, "--wordings", "TASK=FILE") for pair in given["wordings"]),
        "use": "unseen" if given["unseen"] else "seen",
        "originals": "keep" if given["keep_originals"] else "replace",
        "bad_rows": "skip" if given["skip_bad_rows"] else "refuse",
        "share": given["share"],
        "plain": given["plain_rows"],
        "translate_into": given["translate_into"],
        "join": given["join"],
        "format": given["format_"],
        "seed": given["seed"],
        "held_out": _number(given["held_out"]),
    }
    data = {name: value for name, value in data.items() if value is not None}
    return from_plain(MixtureConfig, data, "The options")


def _changed(config: Any, given: dict[str, Any]) -> Any:
    """The configuration of a file; the seed and the format may be given anew."""
    from dataclasses import replace

    from sit_core.errors import UsageError

    own = {"seed": given.pop("seed"), "format": given.pop("format_")}
    rest = [name for name, value in given.items() if _is_given(value)]
    if rest:
        raise UsageError(
            "With --config, only --out, --seed, --format and --json may be given; put the rest "
            "into the file."
        )
    return replace(config, **{name: value for name, value in own.items() if value is not None})


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


def _number(text: str | None) -> int | float | str | None:
    """``200`` is a number of examples, ``0.05`` a share."""
    if text is None or text.isdecimal():
        return None if text is None else int(text)
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
