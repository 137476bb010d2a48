"""How much was said of texts that outputs had before, for pages and tables: no figure counts it.

`sit_core.store.run_check` sets verdicts, scores and comparisons aside with the text they were made
on; whoever shows figures of a run says so beside them.

Scores that stand in the store as an earlier version of their metric made them: found and named.

They stay until somebody scores the run again, and are in the figures; so they are told wherever
these are shown. *Following* is not looked at: the name of its rules is part of its scores' name.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from sit_core.metrics.registry import SCORED_BY
from sit_core.store.engine import Store
from sit_core.store.schema import (
    duels,
    former_texts,
    judgments,
    predictions,
    runs,
    scores,
    unusable,
)

REASONS = {
    "thoughts": "thoughts were split off",
    "failed": "its failed call was freed to be asked again",
}
"""``former_texts.why`` → why a text is no longer an output."""
_PEOPLE = {"human": "people's verdicts", "llm": "verdicts of LLM judges", "rule": "rules' verdicts"}


@dataclass
class FormerResults:
    """What was said of the former texts of one run's outputs."""

    run: str
    why: Counter[str] = field(default_factory=Counter)
    """Reason → texts."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """Kind of judge → verdicts."""
    unusable: int = 0
    comparisons: int = 0
    scores: Counter[str] = field(default_factory=Counter)
    """Metric → texts that had a score of it."""

    @property
    def _because(self) -> str:
        """Texts and reasons, in words."""
        reasons = "; ".join(f"{n:,}: {why}" for why, n in self.why.most_common())
        return f"former texts of {self.run} ({reasons})"

    def sentence(self) -> str:
        """All of it in words.

        >>> FormerResults("m", Counter({"it failed": 2}), Counter(llm=3)).sentence()
        'Set aside, in no figure: 3 verdicts of LLM judges on former texts of m (2: it failed).'
        """
        counts = {
            **{_PEOPLE.get(kind, kind): n for kind, n in self.verdicts.items()},
            "unusable replies": self.unusable,
            "comparisons": self.comparisons,
            "texts' scores": sum(self.scores.values()),
        }
        said = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
        return f"Set aside, in no figure: {said} on {self._because}."

    def of_scores(self) -> str:
        """Of scores alone.

        >>> FormerResults("m", Counter({"it failed": 2}), scores=Counter(accuracy=2)).of_scores()
        'Scores set aside, in no figure: accuracy of 2 former texts of m (2: it failed).'
        """
        said = ", ".join(f"{metric} of {n:,}" for metric, n in sorted(self.scores.items()))
        return f"Scores set aside, in no figure: {said} {self._because}."


def former_results(
    store: Store, names: Sequence[str], metrics: Sequence[str] = ()
) -> list[FormerResults]:
    """What was said of former texts of these runs, in their order; runs without are left out.

    Args:
        store: where.
        names: of the runs.
        metrics: only scores of these; empty: all.
    """
    query = (
        select(runs.c.name, former_texts.c.why, former_texts.c.said)
        .join(runs, runs.c.id == former_texts.c.run_id)
        .where(runs.c.name.in_(names))
    )
    found = {name: FormerResults(name) for name in names}
    with store.read() as connection:
        for name, why, said in connection.execute(query):
            one = found[name]
            scored = {score["metric"] for score in said.get(scores.name, [])}
            scored = scored & set(metrics) if metrics else scored
            judged = said.get(judgments.name, [])
            others = [said.get(table.name, []) for table in (unusable, duels)]
            if not (scored or judged or any(others)):
                continue  # nothing was said of it
            one.why[REASONS.get(why, why)] += 1
            one.scores.update(scored)
            one.verdicts.update(verdict["judge_kind"] for verdict in judged)
            one.unusable += len(others[0])
            one.comparisons += len(others[1])
    return [one for one in found.values() if one.why]


_NAMED_BY_ITS_RULES = "following"
_KEPT_UNLESS_AGAIN = "bertscore"


def earlier_scores(
    store: Store, names: Sequence[str], metrics: Sequence[str] = ()
) -> dict[str, str]:
    """Run → the sentence on its scores that an earlier version made; runs without are left out.

    Args:
        store: where.
        names: runs; their order is kept.
        metrics: only these; empty: all.
    """
    s = scores.c
    query = (
        select(runs.c.name, s.metric, func.count(s.prediction_id.distinct()))
        .join_from(scores, predictions, predictions.c.id == s.prediction_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(runs.c.name.in_(names), s.version != SCORED_BY, s.metric != _NAMED_BY_ITS_RULES)
        .group_by(runs.c.name, s.metric)
        .order_by(s.metric)
    )
    if metrics:
        query = query.where(s.metric.in_(metrics))
    found: dict[str, dict[str, int]] = {}
    with store.read() as connection:
        for run, metric, n in connection.execute(query):
            found.setdefault(run, {})[metric] = n
    return {name: _sentence(name, found[name]) for name in names if name in found}


def _sentence(run: str, counts: Mapping[str, int]) -> str:
    """Which they are, and what makes them anew.

    >>> _sentence("m", {"accuracy": 20})
    'Scores of m by an earlier version of the metric: accuracy of 20 outputs; score it again.'
    """
    said = ", ".join(f"{metric} of {n:,}" for metric, n in counts.items())
    again = " (bertscore: with --again)" if _KEPT_UNLESS_AGAIN in counts else ""
    return (
        f"Scores of {run} by an earlier version of the metric: {said} outputs; score it again"
        f"{again}."
    )
