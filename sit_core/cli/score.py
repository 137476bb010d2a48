"""``sit score``: automatic scores of runs into the store; prints what they come to."""

import json
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.cli.progress import CommandProgress
from sit_core.cli.table_options import names, print_table, say_methods

if TYPE_CHECKING:
    from sit_core.results.scores import ScoreTable

DEFAULT = "accuracy,rouge-l,following"
ESTIMATE = "Following is an estimate by rules, not what people said."


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
    help="Which: accuracy, exact-match, f1 (both as SQuAD), rouge-l, bertscore, following (rules; "
    "an estimate of what people say).",
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
@click.option(
    "--sentence-encoder",
    metavar="ID|FOLDER",
    default="",
    help="Following: a multilingual encoder of sentences, for translations whose expected text is "
    "not known. Where it can't tell the languages' sentences apart, the reason says so.",
)
@click.option("--again", is_flag=True, help="BERTScore: score anew what has a score already.")
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures.")
def score(
    runs: tuple[str, ...],
    metrics: str,
    tokenizer: str,
    encoder: str,
    layers: int | None,
    sentence_encoder: str,
    again: bool,
    detach: bool,
    as_json: bool,
) -> None:
    """Score the outputs of runs and keep the scores in the store.

    An output without what was asked for (no answer is to be found, it was cut off, the model
    refused, a step is missing) has no value and counts as 0 in the mean over all; the share that
    has a value, and the mean of those alone, stand beside it. Outputs with nothing to be compared
    with (no gold) are left out and counted.

    Scores are kept as they are made. A job that was stopped or killed goes on where it was when it
    is resumed; `sit results scores` shows what there is.
    """
    from sit_core.jobs import start_job
    from sit_core.jobs.worker import joined
    from sit_core.results.scores import ScoreTable, scores
    from sit_core.score import ScoreConfig, score_runs, title_of, words_of
    from sit_core.store import open_store

    chosen = tuple(dict.fromkeys(names(metrics)))
    wanted = ScoreConfig(
        tuple(dict.fromkeys(runs)), chosen, tokenizer, encoder, layers, again, sentence_encoder
    )
    store = open_store()
    wanted.check(store)
    words, title = words_of(wanted), title_of(wanted)
    if detach:
        job = start_job(store, words, title=title)
        click.echo(json.dumps({"job": job.id, "runs": list(wanted.runs)}))
        return
    with joined(store, words, title=title) as work:
        show = CommandProgress(work.report, quiet=as_json)
        score_runs(store, wanted, since=work.job.created_at, report=show)
        show.end()
    options = wanted.options()
    found = scores(store, wanted.runs, chosen, own_prompts=True)
    mine = tuple(row for row in found.rows if row.how == options.how(row.metric))
    table = ScoreTable(
        found.runs, mine, found.failed, set_aside=found.set_aside, earlier=found.earlier
    )
    show_scores(table, as_json=as_json)


def show_scores(table: "ScoreTable", *, as_json: bool) -> None:
    """Print a table of scores."""
    if as_json:
        click.echo(json.dumps(table.to_dict()))
        return
    print_table(
        (
            *("run", "metric", "settings", "step", "mean", "95 % interval", "n"),
            *("with a value", "their mean", "left out", "not scored"),
        ),
        [
            (
                row.run,
                row.metric,
                row.how,
                row.step or "all",
                "–" if row.mean is None else f"{100 * row.mean:.1f}",
                "–"
                if row.low is None or row.high is None
                else f"{100 * row.low:.1f} – {100 * row.high:.1f}",
                str(row.n),
                "–" if row.share_scored is None else f"{100 * row.share_scored:.1f} %",
                "–" if row.mean_scored is None else f"{100 * row.mean_scored:.1f}",
                str(row.left_out),
                str(row.unscored),
            )
            for row in table.rows
        ],
        left=4,
    )
    for run in table.runs:
        if all(row.run != run for row in table.rows):
            click.echo(plain(f"{run}: not scored"))
        if table.failed.get(run):
            click.echo(plain(f"{run}: {table.failed[run]:,} failed calls, which are no outputs"))
    for sentence in table.said_of_runs:
        click.echo(plain(sentence))
    click.echo(
        "\nMeans in percent over n; an output without what was asked for counts as 0. Their mean: "
        "accuracy of answered, rouge-l of present. Why there is no value:"
    )
    missing = [
        (row.run, row.metric, row.step or "all", reason, str(n))
        for row in table.rows
        for reason, n in row.reasons.items()
    ]
    if missing:
        print_table(("run", "metric", "step", "why there is no value", "outputs"), missing, left=4)
    else:
        click.echo("none")
    click.echo()
    say_methods(m for row in table.rows for m in (row.method, row.scored_method))
    if any(row.metric == "following" for row in table.rows):
        click.echo(f"{ESTIMATE} `sit results agreement --rule` says how well they agree.")
