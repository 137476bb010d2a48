"""Claims judged by several training seeds: reproduced, not reproduced, or not testable here. Pure.

From a plan's claims and each seed's values, question by question, to a verdict with the figure, its
interval over seeds and questions together, and every seed's own figure. The plan (a file that was
committed before the runs) holds all bounds; nothing here knows a table or a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Literal

from sit_core.statistics.interval import Interval, figure_text
from sit_core.statistics.over_seeds import (
    OverSeeds,
    correlation_over_seeds,
    difference_over_seeds,
    mean_over_seeds,
)

Verdict = Literal["reproduced", "not reproduced", "not testable here"]
REPRODUCED: Verdict = "reproduced"
NOT_REPRODUCED: Verdict = "not reproduced"
NOT_TESTABLE: Verdict = "not testable here"
FEWEST_SEEDS = 2
"""With fewer nothing is known of how seeds differ."""
INPUT_WORDS = "input words"
"""What a claim may be *correlated with*."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured of a model's outputs; each field as a plan file names it."""

    model: str
    test: str
    """The chain that was asked."""
    metric: str
    step: str = ""
    condition: str = ""
    """Of outputs after a forced text; empty: the model's own."""
    where: str = ""
    """Where the forced text was put."""

    def said(self, titles: Mapping[str, str]) -> str:
        """In words.

        >>> Quantity("it", "R+A", "following", "repeat").said({"it": "IT"})
        'following of repeat by IT on R+A'
        """
        step = f" of {self.step}" if self.step else ""
        forced = f", {self.condition} text ({self.where})" if self.condition else ""
        return f"{self.metric}{step} by {titles.get(self.model, self.model)} on {self.test}{forced}"


Values = Mapping[Quantity, Sequence[float | None]]
"""Of one seed: per quantity a value from 0 to 1 for each question, or None where there is nothing
to compare."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the plan."""

    id: str
    source: str
    """Table, figure or analysis."""
    text: str
    paper: str = ""
    """The paper's own figures, in words."""
    value: Quantity | None = None
    """None where it can't be tested."""
    minus: Quantity | None = None
    """What is taken off, question by question."""
    correlated_with: str = ""
    above: float | None = None
    below: float | None = None
    each_seed: bool = False
    """Whether every seed's figure is to lie beyond the bound, rather than the interval."""
    not_testable: str = ""
    """Why it can't be tested here."""

    @property
    def criterion(self) -> str:
        """Its bound, as it is shown.

        >>> q = Quantity("it", "A", "accuracy")
        >>> Claim("x", "", "", value=q, above=0.65, each_seed=True).criterion
        'above 65 in each seed'
        >>> Claim("x", "", "", value=q, minus=q, above=-0.1).criterion
        'difference above −10'
        >>> Claim("x", "", "", not_testable="why").criterion
        '–'
        """
        if self.value is None:
            return "–"
        side, bound = ("above", self.above) if self.above is not None else ("below", self.below)
        assert bound is not None, "the plan is read only with one of the two"
        number = f"{bound:g}" if self.correlated_with else f"{100 * bound:g}"
        what = "ρ " if self.correlated_with else "difference " if self.minus else ""
        return f"{what}{side} {number.replace('-', '−')}" + (" in each seed" * self.each_seed)


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What came of a claim."""

    claim: Claim
    verdict: Verdict
    why: str
    """In a few words: what decided."""
    figure: OverSeeds | None = None
    seeds: tuple[int, ...] = ()
    """Those that have the figure, in the order of ``figure.seeds``."""
    left_out: int = 0
    """Questions without a value, over all seeds."""

    @property
    def scale(self) -> float:
        """What is shown of a 1: correlations are no percentages."""
        return 1.0 if self.claim.correlated_with else 100.0

    def to_dict(self) -> dict[str, Any]:
        """For JSON; figures from 0 to 1 (differences and ρ from -1)."""
        figure = self.figure
        return {
            **{k: v for k, v in asdict(self.claim).items() if v not in (None, "", False)},
            "criterion": self.claim.criterion,
            "verdict": self.verdict,
            "why": self.why,
            "value": figure and figure.value,
            "low": figure and figure.interval.low,
            "high": figure and figure.interval.high,
            "method": figure and figure.interval.method,
            "n": figure.n if figure else 0,
            "left_out": self.left_out,
            "seeds": dict(zip(map(str, self.seeds), figure.seeds, strict=True)) if figure else {},
        }


def figure_said(result: ClaimResult) -> str:
    """The figure with its interval, n and each seed's own.

    >>> q = Quantity("it", "A", "accuracy")
    >>> claim = Claim("x", "", "", value=q, above=0.4)
    >>> said = OverSeeds(0.5, Interval(0.4, 0.6, "m"), (0.45, 0.55), 400)
    >>> figure_said(ClaimResult(claim, REPRODUCED, "", said, (1, 2)))
    '50.0 [40.0–60.0] n=400 · seeds 45.0, 55.0'
    """
    if result.figure is None:
        return "–"
    figure, scale = result.figure, result.scale
    digits = 2 if scale == 1 else 1
    text = figure_text(figure.value, *figure.interval.ends, n=figure.n, digits=digits, scale=scale)
    each = ", ".join(f"{scale * value:.{digits}f}" for value in figure.seeds)
    return f"{text} · seeds {each}".replace("-", "−")


def result_from(claim: Claim, known: Mapping[str, Any]) -> ClaimResult:
    """A result as `ClaimResult.to_dict` wrote it, with the claim as the plan has it."""
    figure = None
    if known["value"] is not None:
        ends = Interval(known["low"], known["high"], known["method"])
        figure = OverSeeds(known["value"], ends, tuple(known["seeds"].values()), known["n"])
    seeds = tuple(map(int, known["seeds"]))
    return ClaimResult(claim, known["verdict"], known["why"], figure, seeds, known["left_out"])


def judge_claim(
    claim: Claim, values: Mapping[int, Values], input_words: Mapping[int, Sequence[int]]
) -> ClaimResult:
    """The verdict on one claim.

    Args:
        claim: of the plan.
        values: seed → its values.
        input_words: seed → the words of each question's input.
    """
    if claim.value is None:
        return ClaimResult(claim, NOT_TESTABLE, claim.not_testable)
    seeds = [seed for seed, of in values.items() if _known(claim, of)]
    each = [_of_seed(claim, values[seed], input_words[seed]) for seed in seeds]
    left_out = sum(x.left_out for x in each)
    figure = _over_seeds(claim, each)
    if figure is None or len(seeds) < FEWEST_SEEDS:
        have = f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'}"
        why = f"these outputs are there of {have}, and {FEWEST_SEEDS} are needed"
        return ClaimResult(claim, NOT_TESTABLE, why, figure, tuple(seeds), left_out)
    verdict, why = _judged(claim, figure)
    return ClaimResult(claim, verdict, why, figure, tuple(seeds), left_out)


@dataclass(frozen=True, slots=True)
class _OfSeed:
    """The values that a claim is about, where all that it compares is known."""

    values: list[float]
    words: list[int]
    left_out: int


def _known(claim: Claim, of: Values) -> bool:
    return claim.value in of and (claim.minus is None or claim.minus in of)


def _of_seed(claim: Claim, of: Values, words: Sequence[int]) -> _OfSeed:
    assert claim.value is not None, "only testable claims get here"
    first = of[claim.value]
    second: Sequence[float | None] = [0.0] * len(first) if claim.minus is None else of[claim.minus]
    known = [
        (a - b, length)
        for a, b, length in zip(first, second, words, strict=True)
        if a is not None and b is not None
    ]
    return _OfSeed([v for v, _ in known], [w for _, w in known], len(first) - len(known))


def _over_seeds(claim: Claim, each: Sequence[_OfSeed]) -> OverSeeds | None:
    if claim.correlated_with:
        return correlation_over_seeds([(rank_correlation(x), len(x.values)) for x in each])
    if claim.minus is not None:
        return difference_over_seeds([x.values for x in each])
    return mean_over_seeds([x.values for x in each])


def rank_correlation(of: _OfSeed) -> float:
    """Spearman's ρ of value and length, ties at their mean rank; 0 where either is all alike."""
    ranks = [_ranks(of.values), _ranks([float(w) for w in of.words])]
    centred = [[r - fmean(x) for r in x] for x in ranks]
    squares = [sum(r * r for r in x) for x in centred]
    if not all(squares):
        return 0.0
    return float(
        sum(a * b for a, b in zip(*centred, strict=True)) / (squares[0] * squares[1]) ** 0.5
    )


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in order[start:end]:
            ranks[i] = (start + end - 1) / 2
        start = end
    return ranks


def _judged(claim: Claim, figure: OverSeeds) -> tuple[Verdict, str]:
    bound = claim.above if claim.above is not None else claim.below
    assert bound is not None, "the plan is read only with one of the two"
    sign = 1 if claim.above is not None else -1
    beyond = sum(sign * (value - bound) > 0 for value in figure.seeds)
    many = f"{beyond} of {len(figure.seeds)} seeds"
    if claim.each_seed:
        holds = beyond == len(figure.seeds)
        return (REPRODUCED if holds else NOT_REPRODUCED), f"it holds in {many}"
    low, high = figure.interval.ends
    near, far = (low, high) if sign > 0 else (high, low)
    if sign * (near - bound) > 0:
        return REPRODUCED, f"the whole interval lies beyond the bound ({many})"
    if sign * (far - bound) < 0:
        return NOT_REPRODUCED, f"the whole interval lies on the other side ({many})"
    return NOT_REPRODUCED, f"the interval holds the bound: undecided ({many})"
