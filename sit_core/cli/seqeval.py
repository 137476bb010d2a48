"""``sit seqeval``: a model's outputs for SeqEval's prompts, judged, on the leaderboard; one go."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.action_command import command_of
from sit_core.cli.escape import plain
from sit_core.errors import UsageError
from sit_core.seqeval.action import ACTION

if TYPE_CHECKING:
    from sit_core.seqeval.build import BuildReport
    from sit_core.seqeval.config import SeqevalConfig
    from sit_core.seqeval.run import SeqevalReport
    from sit_core.store import Store


def _show(_config: "SeqevalConfig", done: "SeqevalReport", _store: "Store", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        plain(
            f"{done.system.name}: {done.predicted.written:,} outputs written, "
            f"{done.predicted.known:,} known before, {done.predicted.errors:,} errors."
        )
    )
    for judged in done.judged:
        click.echo(
            plain(
                f"{judged.judge}: {judged.asked:,} asked, {judged.known:,} known before, "
                f"{judged.unusable:,} unusable."
            )
        )


_EVALUATE = command_of(ACTION, _show)


@click.group(
    name=ACTION.name,
    invoke_without_command=True,
    params=_EVALUATE.params,
    help=_EVALUATE.help,
)
@click.pass_context
def seqeval(context: click.Context, /, **given: Any) -> None:
    """Evaluate a system, unless one of the commands below is called."""
    if context.invoked_subcommand is None:
        assert _EVALUATE.callback is not None
        _EVALUATE.callback(**given)


OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A JSONL file."
)
SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@seqeval.command()
@click.argument("grown")
@click.option("--prompts", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--counts",
    metavar="1:81,2:161",
    help="How many of each iteration; without: as SeqEval's, 1 : 2 : 3 : 4.",
)
@SEED
@OUT
@JSON
def build(
    grown: str, prompts: int, counts: str | None, seed: int, out: Path, as_json: bool
) -> None:
    """Sample prompts from the set GROWN that Seq-Instruct has made; one of each seed at most."""
    from sit_core.seqeval.build import build_from

    told = None if counts is None else _counts(counts)
    _tell(build_from(grown, out, prompts=prompts, counts=told, seed=seed), as_json)


@seqeval.command()
@click.option("--prompts", type=click.IntRange(min=1, max=1000), default=80, show_default=True)
@SEED
@OUT
@JSON
def microlab(prompts: int, seed: int, out: Path, as_json: bool) -> None:
    """Make the micro world's set; with the usual options the one that comes with the program."""
    from sit_core.seqeval.build import write_set
    from sit_core.seqeval.microlab import microlab_rows

    about = {"microlab": True, "prompts": prompts, "seed": seed}
    _tell(write_set(microlab_rows(prompts, seed), out, about), as_json)


def _counts(text: str) -> dict[int, int]:
    """``1:81,2:161`` as numbers.

    >>> _counts("1:81, 2:161")
    {1: 81, 2: 161}
    """
    found = {}
    for part in text.split(","):
        iteration, _, count = part.strip().partition(":")
        if not (iteration.isdecimal() and count.isdecimal()):
            raise UsageError(f"--counts {text!r} is not like 1:81,2:161 (iteration:prompts).")
        found[int(iteration)] = int(count)
    return found


def _tell(made: "BuildReport", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    parts = ", ".join(f"{n} of iteration {i}" for i, n in made.counts.items())
    click.echo(plain(f"{made.prompts} prompts in {made.file}: {parts}."))
