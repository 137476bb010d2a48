"""What every estimator here returns: two ends, the method by name, the level.

A figure is shown with the name of its method, so that a reader can look it up: `METHODS` says in a
sentence what each name means, docs/statistics.md where it comes from and how often it holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEVEL = 0.95
"""Two-sided, of every interval that is shown."""


def figure_text(
    value: float,
    low: float | None,
    high: float | None,
    *,
    n: int | None = None,
    digits: int | str = 1,
    scale: float = 100,
    unit: str = "",
    beside: str = "",
) -> str:
    """A figure as tables, pages, terminal and exports show it: value, interval, n.

    Args:
        value: the figure.
        low: the interval's lower end; None: it has none.
        high: its upper end.
        n: of how many; None or 0: it is not said.
        digits: after the point; or a format, such as ``.4g``.
        scale: what is shown of a 1; 100: percent.
        unit: what follows the value.
        beside: what stands between interval and n.

    >>> figure_text(.9, .596, .982, n=10), figure_text(.9, .596, .982, digits=0, unit=" %")
    ('90.0 [59.6–98.2] n=10', '90 % [60–98]')
    >>> figure_text(4.25, 4, 4.5, digits=2, scale=1, beside=" ab"), figure_text(.5, None, None)
    ('4.25 [4.00–4.50] ab', '50.0')
    """
    form = f".{digits}f" if isinstance(digits, int) else digits
    text = f"{scale * value:{form}}{unit}"
    if low is not None and high is not None:
        text += f" [{scale * low:{form}}–{scale * high:{form}}]"
    return text + beside + (f" n={n}" if n else "")


WILSON = "wilson-open"
CLUSTERS = "wilson-open, prompts repeat"
BONETT_PRICE = "bonett-price"
BONETT_PRICE_CLUSTERS = "bonett-price, prompts repeat"
KAPPA = "kappa, 4 pseudo items"
ALPHA = "alpha, 4 pseudo items"
MEAN = "t over prompts"
MEAN_SCALE = "t over prompts, 2 pseudo prompts"
WINS = "wilson-open, ties"
WINS_CLUSTERS = "wilson-open, ties, prompts repeat"
SPEARMAN = "spearman, fisher z"
TREND = "firth, profile"
TREND_ROBUST = "firth, profile, robust"
BAND = "bootstrap, pointwise"
CROSSED = "t over wordings and questions"
CROSSED_SD = "williams-tukey over wordings"
LOGISTIC = "logistic, jeffreys"
LOGISTIC_NEW = "logistic, jeffreys, new outputs"
SEEDS = "wilson over seeds"
SEEDS_DIFFERENCE = "t over seeds"

METHODS: Mapping[str, str] = {
    WILSON: "Wilson's interval, opened where three or fewer outputs are on one side.",
    CLUSTERS: "Wilson's interval with the effective number of outputs, because prompts repeat.",
    BONETT_PRICE: "Bonett and Price's adjusted interval of a paired difference.",
    BONETT_PRICE_CLUSTERS: (
        "Bonett and Price's adjusted interval with the effective number of pairs, because prompts "
        "repeat."
    ),
    KAPPA: "Fleiss, Cohen and Everitt's standard error with four pseudo items added.",
    ALPHA: "Jackknife over items with four pseudo items added.",
    "stderr": "1.96 standard errors to each side, as the benchmark's program gives them.",
    "reported": "as it was reported, by others' methods.",
    MEAN: "Student's t over the means of prompts.",
    MEAN_SCALE: (
        "Student's t over the means of prompts and two pseudo prompts, one at each end of the "
        "scale, because some prompts lie there."
    ),
    WINS: "Wilson's interval, opened near 0 and 1, with the effective number that ties make.",
    WINS_CLUSTERS: (
        "Wilson's interval, opened near 0 and 1, with the effective number that ties and repeated "
        "prompts make."
    ),
    SPEARMAN: (
        "Fisher's z with the wider of two standard errors: Bonett and Wright's, and that of the "
        "ranks' influence over prompts."
    ),
    TREND: "profile of Firth's penalised likelihood of a logistic slope.",
    TREND_ROBUST: (
        "profile of Firth's penalised likelihood of a logistic slope, widened or narrowed by how "
        "much values really vary over prompts."
    ),
    BAND: (
        "the middle of 1,000 draws of questions with replacement, point by point, with two pseudo "
        "outputs in each window."
    ),
    CROSSED: (
        "Student's t with wordings and questions both taken for draws, never narrower than these "
        "wordings' own interval."
    ),
    CROSSED_SD: (
        "Williams' and Tukey's interval of the standard deviation between wordings, beyond what "
        "chance makes of each."
    ),
    LOGISTIC: "The middle 95 % of a logistic curve's posterior by Jeffreys' prior.",
    LOGISTIC_NEW: (
        "Where 95 % of the shares of so many new outputs lie by the logistic curve, with chance."
    ),
    SEEDS: (
        "Wilson's interval with t's quantile and the effective number that the spread over "
        "training seeds and questions makes."
    ),
    SEEDS_DIFFERENCE: (
        "Student's t over training seeds, never narrower than the questions alone make it."
    ),
}
"""Method → what it is, in a sentence for a reader."""


def methods_said(methods: Iterable[str | None]) -> list[str]:
    """How the intervals of a table were made: a line per method that occurs, in their order.

    >>> methods_said([WILSON, None, WILSON])
    ["95 % by wilson-open: Wilson's interval, opened where three or fewer outputs are on one side."]
    """
    return [
        f"95 % by {method}: {METHODS.get(method, 'as reported.')}"
        for method in dict.fromkeys(methods)
        if method is not None
    ]


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval and how it was made."""

    low: float
    high: float
    method: str
    """A key of `METHODS`."""
    level: float = LEVEL

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high
