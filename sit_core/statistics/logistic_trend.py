"""`logistic_trend`: how the log odds of a share change with a number, with a profile interval.

    logit P(y = 1 | x) = a_s + b·x,   s the stratum (one without strata); b is what is asked for.

Firth's penalised likelihood (Firth 1993, Biometrika 80:27; Heinze & Schemper 2002, Stat. Med.
21:2409), l*(β) = l(β) + ½ log |I(β)|, which has a finite maximum also where x separates the values.
The interval is that of the profile: all b with 2·(l*(β̂) - max l*(·, b)) ≤ q·d, q = t²(G - p) (G
prompts, p parameters). d is 1 where each prompt has one value that is 0 or 1. Else it is the
variance of b over prompts, each residual divided by one minus its leverage (MacKinnon & White 1985,
J. Econom. 29:305), over the model's (Rao & Scott 1984, Ann. Stat. 12:46):

- prompts repeat: at least 1;
- values between 0 and 1 (a fractional logit, Papke & Wooldridge 1996, J. Appl. Econom. 11:619),
  which vary less than values of 0 or 1 with the same mean: (q·d + d_max)/(q + 1), q the smaller of
  Σy and Σ(1 - y), d_max = Σm²/Σm of the prompts' numbers of values m. Pulled so, because few values
  that differ from 0 say little of how values vary.

Within strata (*fixed effects*) b compares only outputs of one stratum, as Mantel and Haenszel do
for two groups; strata in which all values are alike say nothing of b and are left out.

Coverage in simulations: docs/statistics.md.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.errors import UsageError
from sit_core.statistics.interval import LEVEL, TREND, TREND_ROBUST, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDS, _NEAR = 60, 1e-9
_FEWEST = 4
"""Values; with fewer a slope with an interval says nothing."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope, or why there is none."""

    slope: float | None
    """Change of the log odds per 1 of x."""
    interval: Interval | None
    n: int
    """Values that it rests on."""
    intercepts: tuple[float, ...] = ()
    """Log odds at x = 0; one per stratum that counts."""
    why: str = ""
    """Why it is not defined."""


def logistic_trend(
    x: Sequence[float],
    y: Sequence[float],
    *,
    strata: Sequence[Hashable] | None = None,
    prompts: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> Trend:
    """The slope of y's log odds over x.

    Args:
        x: the number of each value, such as log2 of a length.
        y: the values, 0 to 1.
        strata: of each; the slope is the one within them. None: there is one.
        prompts: of each; values of one prompt are alike. None: each has its own.
        level: of confidence.

    Raises:
        UsageError: the lengths differ, or a value is not within 0 and 1.

    >>> found = logistic_trend([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0])
    >>> round(found.slope, 2), [round(end, 2) for end in found.interval.ends]
    (-1.13, [-10.24, 0.35])
    >>> logistic_trend([1, 2, 3, 4], [1] * 4).why
    'all values are the same'
    """
    import numpy as np

    a, v = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    groups = _numbers(strata if strata is not None else [0] * len(v))
    whose = _numbers(prompts if prompts is not None else range(len(v)))
    if not len(a) == len(v) == len(groups) == len(whose):
        raise UsageError("x, y, strata and prompts need one length.")
    if bool(((v < 0) | (v > 1)).any()) or not bool(np.isfinite(a).all()):
        raise UsageError("Each y needs to be within 0 and 1, and each x a number.")
    telling = np.zeros(len(v), dtype=bool)
    for one in np.unique(groups):
        inside = groups == one
        telling |= inside & (np.ptp(v[inside]) > 0) & (np.ptp(a[inside]) > _NEAR)
    n = int(telling.sum())
    if n < _FEWEST:
        return Trend(None, None, n, why=_why(a, v, strata is not None))
    a, v, groups, whose = a[telling], v[telling], _numbers(groups[telling]), whose[telling]
    middle, spread = float(a.mean()), float(a.std())
    design = np.zeros((n, int(groups.max()) + 2))
    design[np.arange(n), groups] = 1
    design[:, -1] = (a - middle) / spread
    whole = bool(np.isin(v, (0, 1)).all())
    repeats = len(np.unique(whose)) < n
    beta, low, high = trend_rows(
        design[None], v[None], None if whole and not repeats else _numbers(whose), whole, level
    )
    slope = float(beta[0, -1]) / spread
    method = TREND if whole and not repeats else TREND_ROBUST
    interval = Interval(float(low[0]) / spread, float(high[0]) / spread, method, level)
    return Trend(slope, interval, n, tuple(float(c) - slope * middle for c in beta[0, :-1]))


def _why(x: "NDArray[Any]", y: "NDArray[Any]", stratified: bool) -> str:
    import numpy as np

    if len(y) < _FEWEST:
        return f"fewer than {_FEWEST} values"
    where = " within each stratum" if stratified else ""
    what = "values" if np.ptp(y) == 0 or np.ptp(x) > _NEAR else "lengths"
    return f"all {what} are the same{where}"


def _numbers(names: Any) -> "NDArray[Any]":
    """Names as numbers from 0, in the order of their first occurrence."""
    import numpy as np

    order = {name: place for place, name in enumerate(dict.fromkeys(_plain(names)))}
    return np.array([order[name] for name in _plain(names)], dtype=int)


def _plain(names: Any) -> list[Any]:
    return names.tolist() if hasattr(names, "tolist") else list(names)


def trend_rows(
    design: "NDArray[Any]",
    y: "NDArray[Any]",
    prompts: "NDArray[Any] | None" = None,
    whole: bool = True,
    level: float = LEVEL,
) -> "tuple[NDArray[Any], NDArray[Any], NDArray[Any]]":
    """The same of many data sets at once.

    Args:
        design: data sets × values × parameters; the last parameter is the slope.
        y: data sets × values.
        prompts: number of each value's prompt, from 0; None: each value is 0 or 1 and has its own.
        whole: whether all values are 0 or 1.
        level: of confidence.

    Returns:
        The parameters (data sets × parameters), the slope's lower and upper ends.
    """
    import numpy as np
    from scipy.special import stdtrit

    count, n, p = design.shape
    free = np.ones(p, dtype=bool)
    beta = _climb(design, y, np.zeros((count, p)), free)
    top, error = _height(design, y, beta), _errors(design, beta)
    units = n if prompts is None else int(prompts.max()) + 1
    quantile = float(stdtrit(max(units - p, 1), (1 + level) / 2))
    factor = np.ones(count)
    if prompts is not None:
        factor = _robust(design, y, beta, prompts) / error**2
        if whole:
            factor = np.maximum(factor, 1.0)
        else:
            sizes = np.bincount(prompts)
            most = float((sizes**2).sum() / sizes.sum())
            told = np.minimum(y.sum(axis=1), (1 - y).sum(axis=1))
            factor = (told * factor + most) / (told + 1)
    limit = quantile**2 * factor / 2
    reach = quantile * np.sqrt(factor) * error
    ends = [_end(design, y, beta, top - limit, sign * reach) for sign in (-1.0, 1.0)]
    return beta, ends[0], ends[1]


def _parts(design: Any, beta: Any) -> tuple[Any, Any]:
    """Probabilities, and the information with the penalty's weights left out."""
    import numpy as np
    from scipy.special import expit

    chance = expit((design @ beta[..., None])[..., 0])
    weight = np.maximum(chance * (1 - chance), 1e-12)
    return chance, (design * weight[..., None]).swapaxes(1, 2) @ design


def _height(design: Any, y: Any, beta: Any) -> Any:
    """The penalised log likelihood."""
    import numpy as np

    line = (design @ beta[..., None])[..., 0]
    _, information = _parts(design, beta)
    return (y * line - np.logaddexp(0, line)).sum(axis=1) + np.linalg.slogdet(information)[1] / 2


def _climb(design: Any, y: Any, beta: Any, free: Any) -> Any:
    """Newton's steps to the maximum over the free parameters."""
    import numpy as np

    beta = beta.copy()
    for _ in range(_ROUNDS):
        chance, information = _parts(design, beta)
        inverse = np.linalg.inv(information)
        weight = chance * (1 - chance)
        lever = weight * ((design @ inverse) * design).sum(axis=2)
        score = ((y - chance + lever * (0.5 - chance))[:, None, :] @ design)[:, 0]
        inner = information[:, free][:, :, free]
        step = np.linalg.solve(inner, score[:, free, None])[..., 0]
        step /= np.maximum(np.abs(step).max(axis=1, keepdims=True) / 2, 1)
        beta[:, free] += step
        if np.abs(step).max() < _NEAR:
            break
    return beta


def _errors(design: Any, beta: Any) -> Any:
    """The slope's standard error by the model."""
    import numpy as np

    return np.sqrt(np.linalg.inv(_parts(design, beta)[1])[:, -1, -1])


def _robust(design: Any, y: Any, beta: Any, prompts: Any) -> Any:
    """The slope's cluster-robust variance, with the usual factor for few clusters."""
    import numpy as np

    chance, information = _parts(design, beta)
    inverse = np.linalg.inv(information)
    lever = chance * (1 - chance) * ((design @ inverse) * design).sum(axis=2)
    scores = design * ((y - chance) / np.maximum(1 - lever, 0.05))[..., None]
    of_values = (scores @ inverse[:, -1, :, None])[..., 0]
    many = int(prompts.max()) + 1
    of_prompts = np.stack([np.bincount(prompts, one, many) for one in of_values])
    return (of_prompts**2).sum(axis=1) * many / max(many - design.shape[2], 1)


def _end(design: Any, y: Any, beta: Any, wanted: Any, reach: Any) -> Any:
    """Where the profile has fallen to what is wanted, on the side that ``reach`` points to."""
    import numpy as np

    free = np.ones(design.shape[2], dtype=bool)
    free[-1] = False
    at = beta.copy()

    def below(slope: Any) -> Any:
        nonlocal at
        at[:, -1] = slope
        at = _climb(design, y, at, free)
        return _height(design, y, at) - wanted

    near, far = beta[:, -1].copy(), beta[:, -1] + reach
    for _ in range(_ROUNDS):
        outside = below(far) < 0
        if outside.all():
            break
        near = np.where(outside, near, far)
        far = np.where(outside, far, far + reach)
    for _ in range(26):
        middle = (near + far) / 2
        inside = below(middle) >= 0
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return (near + far) / 2
