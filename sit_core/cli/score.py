"""``sit score``: automatic scores of runs into the store; prints what they come to."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from sit_core.cli.asking import names, print_table

if TYPE_CHECKING:
    from sit_core.scoring.metrics import Options, Score
    from sit_core.store import Store
    from sit_core.store.scores import ScoreRow

DEFAULT = "accuracy,rouge-l,following"
_SAVED_AT_ONCE = 2000


@click.command()
@click.option(
    "--run",
    "runs",
    metavar="NAME",
    multiple=True,
    required=True,
    help="The run to score; may be given several times.",
)
@click.option(
    "--metrics",
    metavar="A,B",
    default=DEFAULT,
    show_default=True,
    help="Which: accuracy, rouge-l, bertscore, following (rules; an estimate of what people say).",
)
@click.option(
    "--tokenizer",
    type=click.Choice(["unicode", "rouge_score"]),
    default="unicode",
    show_default=True,
    help="ROUGE-L: words of every script, or as the package rouge_score (a-z and 0-9 only).",
)
@click.option(
    "--encoder",
    metavar="ID|FOLDER",
    default="roberta-large",
    show_default=True,
    help="BERTScore: the encoder.",
)
@click.option("--layers", type=int, help="BERTScore: the layer, for an encoder it is not known of.")
@click.option("--again", is_flag=True, help="BERTScore: score anew what has a score already.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures.")
def score(
    runs: tuple[str, ...],
    metrics: str,
    tokenizer: str,
    encoder: str,
    layers: int | None,
    again: bool,
    as_json: bool,
) -> None:
    """Score the outputs of runs and keep the scores in the store.

    An output for which a metric has no value (no answer is to be found, no gold, a step is
    missing) is counted apart with the reason, never as 0.
    """
    from sit_core.scoring.metrics import METRICS, Options
    from sit_core.store import open_store
    from sit_core.store.scores import check_runs, score_table

    store = open_store()
    chosen = list(dict.fromkeys(names(metrics)))
    if not chosen:
        raise click.UsageError("--metrics names none.")
    for name in chosen:
        METRICS.get(name)
    check_runs(store, runs)
    options = Options(tokenizer, encoder, layers)
    _score(store, list(dict.fromkeys(runs)), chosen, options, again)
    rows = [row for row in score_table(store, runs, chosen) if row.how == options.how(row.metric)]
    if as_json:
        click.echo(json.dumps({"runs": list(dict.fromkeys(runs)), "rows": _as_json(rows)}))
    else:
        _print(rows)


def _score(
    store: "Store", runs: Sequence[str], metrics: Sequence[str], options: "Options", again: bool
) -> None:
    """Score run by run; what is saved stays when the command is killed."""
    from sit_core.scoring.following import RULE_JUDGE
    from sit_core.scoring.metrics import score_predictions
    from sit_core.store.scores import read_outputs, save_scores

    how = {metric: options.how(metric) for metric in metrics}
    for metric in metrics:
        # Only BERTScore is slow enough to leave out what it has scored.
        known = (metric, how[metric]) if metric == "bertscore" and not again else None
        # All runs in one go: BERTScore encodes a reference that they share once.
        outputs = (p for run in runs for p in read_outputs(store, run, known))
        for batch in _batches(score_predictions(outputs, [metric], options)):
            save_scores(store, batch, how, RULE_JUDGE)


def _batches(made: "Iterator[Score]") -> "Iterator[list[Score]]":
    from itertools import islice

    while batch := list(islice(made, _SAVED_AT_ONCE)):
        yield batch


def _as_json(rows: "Sequence[ScoreRow]") -> list[dict[str, object]]:
    return [
        {
            "run": row.run,
            "metric": row.metric,
            "how": row.how,
            "step": row.step or None,
            "scored": row.scored,
            "unparsed": row.unparsed,
            "mean": row.mean,
            "reasons": dict(row.reasons),
        }
        for row in rows
    ]


def _print(rows: "Sequence[ScoreRow]") -> None:
    print_table(
        ("run", "metric", "step", "mean", "scored", "without"),
        [
            (
                row.run,
                row.metric,
                row.step or "all",
                "–" if row.mean is None else f"{100 * row.mean:.1f}",
                str(row.scored),
                str(row.unparsed),
            )
            for row in rows
        ],
        left=3,
    )
    click.echo("\nMeans in percent over the outputs that have a value; the others:")
    missing = [
        (row.run, row.metric, row.step or "all", reason, str(n))
        for row in rows
        for reason, n in row.reasons.items()
    ]
    if missing:
        print_table(("run", "metric", "step", "why there is no value", "outputs"), missing, left=4)
    else:
        click.echo("none")
    if any(row.metric == "following" for row in rows):
        click.echo(
            "\nFollowing is an estimate by rules; `sit results following --by rule` makes tables "
            "of it."
        )
