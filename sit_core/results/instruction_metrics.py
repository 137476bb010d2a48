"""The numbers of the field's instruction-following benchmarks, all from one set of step verdicts.

Pure functions of one output's verdicts r₁ … r_m (1: done; 0: not done, and what is unsure, because
unknown is never success). Over outputs i = 1 … n:

=====================  ============================================================================
instruction-level      Σᵢ Σⱼ rᵢⱼ / Σᵢ mᵢ  (IFEval, J. Zhou et al. 2023, arXiv 2311.07911); the same
                       is DRFR (InFoBench, Y. Qin et al. 2024, arXiv 2401.03601)
prompt-level           share of outputs with all rᵢⱼ = 1 (IFEval); the same is ISR (CFBench,
                       StructFlowBench) and, level by level, HSR (FollowBench)
CSR                    (1/n) Σᵢ (1/mᵢ) Σⱼ rᵢⱼ  (CFBench; StructFlowBench, J. Li et al. 2025, arXiv
                       2502.14494); level by level it is SSR (FollowBench)
with dependencies      the same with r'ⱼ = rⱼ · Π r'ₖ over the steps k that j builds on
                       (ComplexBench, B. Wen et al. 2024, arXiv 2407.03978)
WCSR                   (1/n) Σᵢ Σⱼ wⱼ rᵢⱼ / Σⱼ wⱼ  (StructFlowBench: weight 1 within a turn, 2 for
                       what binds turns)
HSR, SSR of level l    prompt-level and CSR over the outputs for prompts of level l (FollowBench,
                       Y. Jiang et al. 2024, arXiv 2310.20410)
CSL                    mean over groups of prompts of the highest l with all levels 1 … l satisfied
                       in whole (FollowBench)
accuracy at j          share of outputs (of at least j steps) with r₁ = … = r_j = 1
instruction depth      mean number of steps before the first that was not done (SIFo, X. Chen et
                       al. 2024, arXiv 2406.19999)
last step              share with r_m = 1 (SIFo's sample-level accuracy)
in order               share of outputs whose steps were done in the order asked
done and in order      share with all rᵢⱼ = 1 that are also in order
=====================  ============================================================================

ComplexBench's own script looks at the steps named in ``dep`` only; here what they build on counts
as well, which is the same where all of them are named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class JudgedOutput:
    """The verdicts on one output."""

    id: str
    question: str
    """The same for the same question in all runs."""
    keys: tuple[str, ...]
    """Of its steps, in the order asked; at least one."""
    done: tuple[bool, ...]
    unsure: tuple[bool, ...] = ()
    """Where nobody could say; there `done` is False."""
    builds_on: Mapping[str, tuple[str, ...]] | None = None
    """Step's key → the keys of those that it builds on."""
    weights: Mapping[str, float] | None = None
    """Step's key → its weight; 1 where none is given."""
    in_order: bool | None = None
    """None: nobody said."""
    level: int | None = None
    group: str = ""
    item: str = ""
    """The key of its prompt in its data set, where it has one."""


def followed_share(one: JudgedOutput) -> float:
    """CSR and SSR of one output: the share of its steps that were done.

    >>> followed_share(JudgedOutput("", "", ("r", "a"), (True, False)))
    0.5
    """
    return sum(one.done) / len(one.done)


def all_followed(one: JudgedOutput) -> bool:
    """Prompt-level, ISR, HSR of one output: whether all steps were done."""
    return all(one.done)


def weighted_share(one: JudgedOutput) -> float:
    """WCSR of one output; 0 where all weights are 0.

    >>> weighted_share(JudgedOutput("", "", ("r", "a"), (True, False), weights={"a": 2}))
    0.3333333333333333
    """
    weights = [(one.weights or {}).get(key, 1.0) for key in one.keys]
    gained = sum(w for w, done in zip(weights, one.done, strict=True) if done)
    return gained / sum(weights) if sum(weights) else 0.0


def with_dependencies(one: JudgedOutput) -> JudgedOutput:
    """The same with a step that builds on a failed one counted as failed.

    Steps that build on one another in a circle fail together where one of them fails.

    >>> chain = {"b": ("a",), "c": ("b",)}
    >>> with_dependencies(
    ...     JudgedOutput("", "", ("a", "b", "c"), (False, True, True), builds_on=chain)
    ... ).done
    (False, False, False)
    """
    on = one.builds_on or {}
    state = dict(zip(one.keys, one.done, strict=True))
    failed = [key for key, done in state.items() if not done]
    above: dict[str, list[str]] = {}
    for key, parts in on.items():
        for part in parts:
            above.setdefault(part, []).append(key)
    while failed:
        for key in above.get(failed.pop(), ()):
            if state.get(key):
                state[key] = False
                failed.append(key)
    return replace(one, done=tuple(state[key] for key in one.keys))


def depth(one: JudgedOutput) -> int:
    """Steps before the first that was not done.

    >>> depth(JudgedOutput("", "", ("a", "b", "c"), (True, False, True)))
    1
    """
    return next((place for place, done in enumerate(one.done) if not done), len(one.done))


def consistent_levels(outputs: Sequence[JudgedOutput]) -> int | None:
    """CSL of one group: the highest level up to which all outputs of all levels did all.

    Returns:
        None where the group has no output of level 1, or an output without a level.

    >>> of = lambda level, done: JudgedOutput("", "", ("a",), (done,), level=level)
    >>> consistent_levels([of(1, True), of(2, True), of(3, False), of(4, True)])
    2
    """
    levels: dict[int, bool] = {}
    for one in outputs:
        if one.level is None:
            return None
        levels[one.level] = levels.get(one.level, True) and all_followed(one)
    if 1 not in levels:
        return None
    found = 0
    while levels.get(found + 1):
        found += 1
    return found
