"""``sit score``: automatic scores of runs into the store; prints what they come to."""

import json
from typing import TYPE_CHECKING

import click

from sit_core.cli.action_command import command_of
from sit_core.cli.escape import plain
from sit_core.cli.table_options import print_table, say_methods
from sit_core.score.action import ACTION

if TYPE_CHECKING:
    from sit_core.results.scores import ScoreTable
    from sit_core.score.config import ScoreConfig
    from sit_core.score.run import ScoreReport
    from sit_core.store import Store

ESTIMATE = "Following is an estimate by rules, not what people said."


def _show(config: "ScoreConfig", _report: "ScoreReport", store: "Store", as_json: bool) -> None:
    """The figures of these runs, metrics and settings."""
    from sit_core.results.scores import ScoreTable, scores

    options = config.options()
    found = scores(store, config.runs, config.metrics, own_prompts=True)
    mine = tuple(row for row in found.rows if row.how == options.how(row.metric))
    table = ScoreTable(
        found.runs, mine, found.failed, set_aside=found.set_aside, earlier=found.earlier
    )
    show_scores(table, as_json=as_json)


score = command_of(ACTION, _show)


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
