"""``sit seq-instruct``: a writer makes single-task instructions sequential; resumed at will."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import print_table

if TYPE_CHECKING:
    from sit_core.seq_instruct.config import SeqInstructConfig
    from sit_core.seq_instruct.instruction_set import InstructionSet


@click.command(name="seq-instruct")
@click.option("--name", required=True, help="Of the set; its folder is SIT_HOME/seq_instruct/NAME.")
@click.option("--config", type=click.Path(path_type=Path), help="All of it as one YAML.")
@click.option("--source", "sources", multiple=True, metavar="SOURCE[:FILE]", help="Where from.")
@click.option("--limit", type=int, help="Only the first so many instructions.")
@click.option("--iterations", type=int, help="How often each is made longer.  [default: 2]")
@click.option("--writer", metavar="MODEL|rules", help="Who writes.  [default: rules]")
@click.option("--backend", metavar="NAME", help="Of the writer: transformers or openai.")
@click.option("--base-url", metavar="URL", help="Where the endpoint is, up to and with /v1.")
@click.option("--key-env", metavar="NAME", help="Environment variable with the endpoint's key.")
@click.option("--in-flight", type=int, help="Calls at the same time.  [default: 64]")
@click.option("--temperature", type=float, help="Of the writer.  [default: 1]")
@click.option("--prompts", metavar="FOLDER", help="Own prompts.")
@click.option("--attempts", type=int, help="Of each stage, before it has failed.  [default: 3]")
@click.option("--input-price", type=float, help="Of a million tokens that are sent.")
@click.option("--output-price", type=float, help="Of a million tokens that are written.")
@click.option("--budget", type=float, help="Nothing more is asked for once so much is spent.")
@click.option("--seed", type=int, help="Of few-shot examples and of what is drawn.  [default: 0]")
@click.option("--out", type=click.Path(path_type=Path), help="Also write the training file here.")
@click.option("--estimate", "only_estimate", is_flag=True, help="Calls, tokens, cost; then end.")
@click.option("--print-config", is_flag=True, help="Print the YAML; make nothing.")
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all counts.")
def seq_instruct(
    name: str,
    config: Path | None,
    out: Path | None,
    only_estimate: bool,
    print_config: bool,
    detach: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make instructions sequential: classify, rewrite, refine, answer, and the same again.

    Each iteration a writer decomposes an instruction (A), puts a task before it (B) or after it
    (C), or holds it (D) for good. The writer is any model, or the rules that need none. A reply
    that is empty, refused, cut or not understood is asked for again; what fails is marked so.

    Stopped, killed, or at the end of its budget, the same command goes on; a set that was begun
    needs only its --name (and a larger --budget). The training file of the last iteration is
    written to the set's folder, with a manifest.
    """
    from sit_core.cli.progress import CommandProgress
    from sit_core.config.yaml_file import to_yaml
    from sit_core.jobs.worker import joined
    from sit_core.seq_instruct.estimate import estimate
    from sit_core.seq_instruct.folder import SetFolder
    from sit_core.seq_instruct.jobs import start_set, taken_up, title_of, words_for
    from sit_core.settings import settings
    from sit_core.store import open_store

    folder = SetFolder.of(name)
    name = folder.name
    asked = _asked(folder.config if config is None else config, config is not None, given)
    if print_config:
        click.echo(to_yaml(asked, head=f"sit seq-instruct --name {name} --config FILE"), nl=False)
        return
    if only_estimate:
        _show_estimate(estimate(asked).to_dict(), asked, as_json=as_json)
        return
    for variable in asked.key_variables():
        settings().check_key_variable(variable)
    store = open_store()
    if detach:
        job = start_set(store, name, asked)
        click.echo(json.dumps({"job": job.id, "name": name}))
        return
    job_words = words_for(name)
    with taken_up(store, name, joined(store, job_words, title=title_of(name, asked))) as work:
        show = CommandProgress(work.report, quiet=as_json)
        counts = _made(name, asked, out, show, work)
        show.end()
    if as_json:
        click.echo(json.dumps(counts))
        return
    _show(counts)


def _made(
    name: str, asked: "SeqInstructConfig", out: Path | None, show: Any, work: Any
) -> dict[str, Any]:
    """Make the set and its training file; all counts."""
    from sit_core.seq_instruct.export import export_set
    from sit_core.seq_instruct.run import run_set

    done = run_set(name, asked, report=show, stopped=work.stop.is_set)
    counts = _counts(done.set)
    counts["read"] = _read(done.set)
    counts["stopped"] = done.stopped
    if done.stopped is None:
        exported = [export_set(name)]
        if out is not None:
            exported.append(export_set(name, out=out))
        counts["out"] = str(exported[-1].path)
        counts["rows"] = exported[-1].made["rows"]
        counts["left_out"] = exported[-1].made["left_out"]
        said = f"{counts['rows']:,} of {done.set.seeds:,} instructions are in the training file"
    else:
        said = done.stopped
    total = done.set.seeds * asked.iterations
    finished = sum(len(done.set.index(i)) for i in done.set.iterations)
    work.report(finished, total, said)
    return counts


def _read(one: "InstructionSet") -> dict[str, Any]:
    """What became of the sources' columns, values and rows."""
    from sit_core.seq_instruct.export import known_of

    known = known_of(one.folder)
    return {
        k: known[k] for k in ("sources", "left_out", "bad_rows", "bad_row_reasons") if k in known
    }


def _counts(one: "InstructionSet") -> dict[str, Any]:
    return {
        "name": one.name,
        "folder": str(one.folder.path),
        "seeds": one.seeds,
        "complete": one.complete,
        "iterations": {
            str(i): {
                "options": one.index(i).by_option(),
                "states": one.index(i).by_state(),
                "reasons": one.index(i).by_reason(),
            }
            for i in one.iterations
        },
        "usage": {stage: used.to_dict() for stage, used in one.usage().items()},
        "under_way": one.under_way(),
        "cost": one.cost(),
    }


def _asked(path: Path, named: bool, given: dict[str, Any]) -> "SeqInstructConfig":
    """The configuration: of the options, or of a file with options over it.

    Raises:
        UsageError: all that is wrong.
    """
    from sit_core.config.parse import from_plain, to_plain
    from sit_core.errors import UsageError
    from sit_core.seq_instruct.config import SeqInstructConfig, read_config

    data = to_plain(read_config(path)) if named or path.exists() else {}
    data |= {
        key: given[key]
        for key in ("limit", "iterations", "prompts", "attempts", "seed")
        if given[key] is not None
    }
    if given["sources"]:
        data["sources"] = list(given["sources"])
    if not data.get("sources"):
        raise UsageError("Name the data (--source SOURCE[:FILE]) or a configuration (--config).")
    writer = _writer(data.get("writer", "rules"), given)
    if writer != "rules":
        data["writer"] = writer
    prices = {
        key: given[option]
        for key, option in (
            ("input", "input_price"),
            ("output", "output_price"),
            ("budget", "budget"),
        )
        if given[option] is not None
    }
    if prices:
        data["prices"] = {**data.get("prices", {}), **prices}
    return from_plain(SeqInstructConfig, data, path.name if named else "The options")


def _writer(before: Any, given: dict[str, Any]) -> Any:
    """The writer of the options, over the one of a file."""
    from sit_core.errors import UsageError

    options = ("backend", "base_url", "key_env", "in_flight", "temperature")
    own = {key: given[key] for key in options if given[key] is not None}
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


def _show_estimate(found: dict[str, Any], asked: "SeqInstructConfig", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{found['instructions']:,} instructions, {asked.iterations} iterations: at most "
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


def _show(counts: dict[str, Any]) -> None:
    """What was made, for people."""
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
