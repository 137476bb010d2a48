"""One column of a board for one system: values of outputs, why others have none, the figure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sit_core.results_check import shares
from sit_core.results_check.exported_files import Output, Prompt
from sit_core.results_check.tables import by_prompt, parts_of

Kind = Literal["share", "mean", "wins"]


@dataclass(slots=True)
class CheckedColumn:
    """What a column says of one system, counted from the files."""

    kind: Kind
    values: dict[str, float]
    """Output → value."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why others have none → how many."""
    detail: dict[str, float] = field(default_factory=dict)
    outcomes: list[tuple[Output, int]] = field(default_factory=list)
    """Of wins: output, and 1 won, -1 lost, 0 a tie."""
    scale: tuple[float, float] | None = None
    """Of a mean: the least and the greatest value."""


def figure_of(one: CheckedColumn, outputs: Sequence[Output]) -> dict[str, Any]:
    """The parts of a figure."""
    n = len(one.outcomes) if one.kind == "wins" else len(one.values)
    span, value = span_of(one, outputs), None
    if one.kind == "wins" and n:
        value = sum((outcome + 1) / 2 for _, outcome in one.outcomes) / n
    elif n:
        value = sum(one.values.values()) / n
    found = {
        "value": value,
        "n": n,
        **parts_of(span),
        "without": one.reasons.total(),
        "reasons": dict(one.reasons),
    }
    return {**found, "detail": one.detail} if one.detail else found


def span_of(one: CheckedColumn, outputs: Sequence[Output]) -> shares.CheckedInterval | None:
    """The interval that a column's figure should have."""
    if one.kind == "wins":
        prompts: dict[Prompt, list[int]] = {}
        for output, outcome in one.outcomes:
            prompts.setdefault(output.prompt, []).append(outcome)
        return shares.wins(list(prompts.values()))
    values = by_prompt(outputs, one.values)
    if one.kind == "share":
        return shares.share(values)
    return shares.average(values, one.scale)
