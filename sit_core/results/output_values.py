"""What is measured of each single output: a score, or whether a step was followed by whose verdict.

``accuracy``, ``f1``, ``rouge-l:repeat`` are scores (after the colon: a step's key);
``following`` is the whole chain by the verdicts chosen, ``following:answer`` one step,
``following:last`` the last one. Verdicts of people, LLM judges and rules are never mixed: one
kind is chosen and named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sit_core.errors import UsageError
from sit_core.metrics.registry import METRICS, is_share
from sit_core.records import Unparsed
from sit_core.registry import unknown
from sit_core.results.estimate import Estimate
from sit_core.results.scores import score_interval
from sit_core.results.significance import sign_flip_pairs
from sit_core.results.verdict_settings import WHO, VerdictSettings
from sit_core.statistics import mean_interval, paired_clusters, share_interval
from sit_core.store import Store
from sit_core.store.output_values import (
    outputs_outside,
    scores_of_outputs,
    settings_of_scores,
    states_of_outputs,
)
from sit_core.store.scores import score_kinds
from sit_core.store.verdict_state import CHAIN, DONE, UNDECIDED

FOLLOWING, LAST = "following", "last"
NOT_IN_STUDY = "not among the samples of the study"


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric, and of which step."""

    metric: str
    step: str = ""
    """A step's key, ``last``; empty: the whole output, or chain."""

    @property
    def name(self) -> str:
        """As it is written."""
        return f"{self.metric}:{self.step}" if self.step else self.metric

    @property
    def share(self) -> bool:
        """Whether each value is 0 or 1."""
        return self.metric == FOLLOWING or is_share(self.metric)


def measure(text: str) -> Measure:
    """Read a measure.

    Raises:
        UsageError: there is no such metric.

    >>> measure("rouge-l:repeat")
    Measure(metric='rouge-l', step='repeat')
    """
    metric, _, step = text.strip().partition(":")
    if metric != FOLLOWING and metric not in METRICS:
        raise UsageError(unknown("metric", metric, [*METRICS]))
    return Measure(metric, step)


@dataclass(frozen=True, slots=True)
class OutputValue:
    """What is measured of one output."""

    value: float | None
    """0 to 1, as means count it (an output without an answer is 0); None: it does not count."""
    reason: str = ""
    """Why it does not count, or, with a value, why it counts as 0 or a part."""


def output_values(
    store: Store,
    runs: Sequence[str],
    of: Measure,
    verdicts: VerdictSettings,
    how: str | None = None,
) -> dict[str, OutputValue]:
    """Id of each output that has a value, or a known reason why not → what is measured of it.

    Outputs that are not in it were not scored, or (of a study) are not among its samples: see
    `why_missing`. ``how``: only scores with these settings; None: the last ones.

    Raises:
        SitError: a name is unknown, or runs have chains in which there is no such step.
    """
    if of.metric == FOLLOWING:
        return dict(_followed(store, runs, of, verdicts))
    found = {
        name: OutputValue(counted, value.reason if isinstance(value, Unparsed) else "")
        for name, (counted, value) in scores_of_outputs(
            store, runs, of.metric, of.step, how
        ).items()
    }
    if verdicts.study is not None:  # its samples only, whatever is measured of them
        found |= dict.fromkeys(
            outputs_outside(store, runs, verdicts.study), OutputValue(None, NOT_IN_STUDY)
        )
    return found


def measures_there(store: Store) -> list[str]:
    """The measures that the store has values of, for menus."""
    found = [FOLLOWING, f"{FOLLOWING}:{LAST}"]
    found += [Measure(metric, step).name for metric, _how, step in score_kinds(store)]
    return list(dict.fromkeys(found))


def why_missing(of: Measure) -> str:
    """Why an output has no value at all."""
    if of.metric == FOLLOWING:
        return NOT_IN_STUDY
    return f"not scored yet (sit score --metrics {of.metric})"


def notes_of(
    store: Store, runs: Sequence[str], measures: Sequence[Measure], verdicts: VerdictSettings
) -> str:
    """Whose verdicts the figures are, and which scores were made with several settings."""
    said = []
    if any(one.metric == FOLLOWING for one in measures):
        who = WHO[verdicts.by] + (f" ({verdicts.annotator})" if verdicts.annotator else "")
        partly = "done" if verdicts.partly == "done" else "not done"
        said.append(f"Following by {who}; partly counts as {partly}.")
    for one in measures:
        if one.metric != FOLLOWING:
            ways = settings_of_scores(store, runs, one.metric)
            if len(ways) > 1:
                said.append(
                    f"{one.metric} was scored with several settings "
                    f"({', '.join(way or 'the usual ones' for way in ways)}); of each "
                    "output the last one counts."
                )
    return " ".join(said)


def _followed(
    store: Store, runs: Sequence[str], of: Measure, verdicts: VerdictSettings
) -> Iterator[tuple[str, OutputValue]]:
    question = verdicts.query(runs)
    for scope in question.scopes(store):
        keys = [step.key for step in scope.steps]
        wanted = of.step or CHAIN
        if wanted == LAST:
            wanted = keys[-1]
        if wanted == CHAIN and CHAIN not in scope.keys:
            wanted = keys[0]
        if wanted not in scope.keys:
            raise UsageError(
                f"{unknown('step', wanted, list(scope.keys))} Runs: {', '.join(scope.runs)}."
            )
        for name, state in states_of_outputs(store, scope, question.reading, wanted).items():
            if state is None:
                yield name, OutputValue(None, "not judged")
            elif state == UNDECIDED:
                yield name, OutputValue(None, "unsure")
            else:
                yield name, OutputValue(float(state == DONE))


def estimate_of(of: Measure, values: Sequence[tuple[str, float]]) -> Estimate:
    """The mean of some outputs' values with its interval; pure.

    Args:
        of: what they are; tells the estimator (`sit_core.results.scores.score_interval`).
        values: (question, value) of each output; outputs for one question are alike.
    """
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for question, value in values:
        sums[question] = sums.get(question, 0.0) + value
        counts[question] = counts.get(question, 0) + 1
    n = len(values)
    if not n:
        return Estimate(None, why="no output has a value")
    total = sum(sums.values())
    if of.share:
        prompts: dict[tuple[int, int], int] = {}
        for question, many in counts.items():
            pair = (round(sums[question]), many)
            prompts[pair] = prompts.get(pair, 0) + 1
        interval = share_interval(round(total), n, prompts)
    else:
        interval = score_interval(of.metric, list(sums.values()), list(counts.values()))
    return Estimate.of(total / n, interval, n)


def difference_of(of: Measure, first: Mapping[str, float], second: Mapping[str, float]) -> Estimate:
    """How much the first is above the second on the questions that both have; pure.

    Args:
        of: what they are.
        first: question → value, one each.
        second: the same.
    """
    return difference_of_pairs(
        of, [(name, first[name], second[name]) for name in first if name in second]
    )


def difference_of_pairs(of: Measure, pairs: Sequence[tuple[str, float, float]]) -> Estimate:
    """How much the first is above the second, of pairs of outputs; pure.

    Shares: Bonett and Price's paired interval and p (`sit_core.statistics.paired`). Other values:
    Student's t over the questions' differences, and the p of the sign-flip permutation test
    (`sit_core.results.significance`) on them.

    Args:
        of: what they are.
        pairs: (question, value of the first, of the second); those of one question are alike.
    """
    if not pairs:
        return Estimate(None, signed=True, why="no question has a value in both")
    n, total = len(pairs), sum(first - second for _, first, second in pairs)
    sums: dict[str, list[float]] = {}
    for question, first, second in pairs:
        of_question = sums.setdefault(question, [0, 0, 0, 0])
        of_question[0] += first > second
        of_question[1] += first < second
        of_question[2] += 1
        of_question[3] += first - second
    if of.share and all(first in (0, 1) and second in (0, 1) for _, first, second in pairs):
        only_first, only_second, counts, _ = zip(*sums.values(), strict=True)
        found = paired_clusters(only_first, only_second, counts)
        assert found is not None
        return Estimate.of(total / n, found.interval, n, signed=True, p=found.p)
    gaps = [gap for *_, gap in sums.values()]
    many = [int(count) for _, _, count, _ in sums.values()]
    interval = mean_interval(gaps, many, scale=(-1.0, 1.0))
    p = _sign_flip_p([gap / count for gap, count in zip(gaps, many, strict=True)])
    if interval is None:
        why = "all differences are the same"
        return Estimate(total / n, n=n, p=p, signed=True, why=why)
    return Estimate.of(total / n, interval, n, signed=True, p=p)


_FINER = 100
"""The test tells ratings of 1 to 5 apart by hundredths; of values of 0 to 1 by ten-thousandths."""


def _sign_flip_p(gaps: Sequence[float]) -> float:
    import numpy as np

    p, _, _ = sign_flip_pairs(np.array([gaps, [0.0] * len(gaps)]) * _FINER)
    return float(p[0])


def pairs_of(
    first: Sequence[tuple[str, float]],
    second: Sequence[tuple[str, float]],
    clusters: Mapping[str, str] | None = None,
) -> list[tuple[str, float, float]]:
    """Outputs for the same questions in pairs, those of one question in their order; pure.

    Args:
        first: (question, value) of each output.
        second: the same.
        clusters: question → what questions that are alike have in common, such as one question in
            several languages; without it each question stands by itself.

    >>> pairs_of([("a", 1), ("a", 0), ("b", 1)], [("a", 0), ("c", 1)])
    [('a', 1, 0)]
    """
    others: dict[str, list[float]] = {}
    for question, value in reversed(second):
        others.setdefault(question, []).append(value)
    return [
        ((clusters or {}).get(question, question), value, others[question].pop())
        for question, value in first
        if others.get(question)
    ]
