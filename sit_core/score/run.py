"""Score runs: read what has no score yet, score it, keep it; and say how far that is.

A killed scoring keeps what it has saved. Gone on with, it scores what was not scored since it was
begun, so that nothing is done twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sit_core.actions import Context
from sit_core.metrics.registry import scores_of
from sit_core.score.action import ACTION
from sit_core.score.config import ScoreConfig
from sit_core.store.scores import CurrentScores, count_outputs, read_outputs, save_scores

SLOW = "bertscore"
"""Left out where there is a score already: only an encoder is slow enough for that."""
AT_ONCE = {SLOW: 128}
"""Outputs that are scored, then saved: a lost batch of an encoder costs a minute, not an hour."""
_AT_ONCE = 500
FOLLOWING = "following"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What was done; an output counts once for each metric."""

    scored: int
    """By this attempt."""
    known: int
    """There already, from an earlier attempt or (BERTScore) an earlier scoring."""


def score_runs(config: ScoreConfig, context: Context) -> ScoreReport:
    """Score the outputs of runs and keep the scores.

    Args:
        config: which runs, by what.
        context: where they are and where the scores go; what was scored after its `since` is not
            scored again.

    Raises:
        UsageError: the configuration can't work.
        SitError: what a metric needs is missing; what was saved is kept. A sentence encoder that is
            missing is told before anything is scored.
    """
    ACTION.check(config, context.store)
    store, report = context.store, context.report
    options = config.options()
    runs = tuple(dict.fromkeys(config.runs))
    # The slow one last: should its encoder be missing, the others are made.
    metrics = sorted(dict.fromkeys(config.metrics), key=lambda metric: metric == SLOW)
    how = {metric: options.how(metric) for metric in metrics}
    made_before = {
        metric: CurrentScores(
            metric, settings, 0.0 if metric == SLOW and not config.again else context.since
        )
        for metric, settings in how.items()
    }
    judge = options.how(FOLLOWING) if FOLLOWING in how else ""
    at_once = AT_ONCE | ({FOLLOWING: AT_ONCE[SLOW]} if options.sentence_encoder else {})
    total = count_outputs(store, runs) * len(how)
    known = sum(count_outputs(store, runs, before) for before in made_before.values())
    scored = 0
    report(known, total, "reading the outputs")
    for metric, before in made_before.items():
        # All runs in one go: BERTScore encodes a reference that they share once.
        left = read_outputs(store, runs, before)
        for batch in _batches(left, at_once.get(metric, _AT_ONCE)):
            report(known + scored, total, f"scoring: {metric}")
            made = list(scores_of(metric, batch, options))
            save_scores(store, made, how, judge)
            scored += len(batch)
            report(known + scored, total, f"scoring: {metric}")
    outputs = total // len(how)
    report(
        known + scored,
        total,
        f"{outputs:,} output{'' if outputs == 1 else 's'} scored by {', '.join(how)}",
    )
    return ScoreReport(scored, known)


def _batches(things: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(things, size)):
        yield batch
