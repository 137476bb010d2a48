"""What a researcher asks of a study, and what can be wrong with that whatever the store holds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sit_core.names import name_fault
from sit_core.records import IN_ORDER, Step

MAX_CLAIM_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What a researcher asks for; `create_study` checks it."""

    name: str
    runs: Sequence[str]
    sample: int | None = None
    """None: all examples that the runs share."""
    seed: int = 0
    steps: Sequence[Step] = ()
    """Empty: the steps that the examples came with, if they all have the same."""
    guidelines: str | None = ""
    """Markdown; None: the default text for the steps."""
    blind: bool = False
    ask_order: bool = False
    annotators: int = 1
    claim_minutes: float = 30.0


def plan_problems(plan: StudyPlan) -> list[str]:
    """All that is wrong with the plan, one sentence each."""
    problems = []
    if fault := name_fault(plan.name, "study"):
        problems.append(fault)
    if not plan.runs:
        problems.append("A study needs at least one run.")
    if len(set(plan.runs)) != len(plan.runs):
        problems.append("A run is named twice.")
    if plan.sample is not None and plan.sample < 1:
        problems.append("The sample must be at least 1.")
    if not 1 <= plan.annotators <= 100:
        problems.append("Annotators per sample must be between 1 and 100.")
    if not 0 < plan.claim_minutes <= MAX_CLAIM_MINUTES:
        problems.append("The time limit of a claim must be more than 0 minutes and at most a year.")
    if abs(plan.seed) > 2**31 - 1:
        problems.append("The seed must be a whole number between -2147483647 and 2147483647.")
    if any(not s.task.strip() or len(s.task) > 90 or not _is_one_line(s.task) for s in plan.steps):
        problems.append("A step's name must be one line of 1 to 90 characters.")
    if any(step.task in (IN_ORDER, "chain") for step in plan.steps):
        problems.append(f"No step can be called {IN_ORDER} or chain: these mean the whole sample.")
    return problems + guideline_problems(plan.guidelines or "")


def guideline_problems(guidelines: str) -> list[str]:
    """What is wrong with the guidelines."""
    if not is_text(guidelines):
        return ["The guidelines hold characters that are no text; take them out."]
    return []


def is_text(value: str) -> bool:
    """Whether both databases can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in value and not any(0xD800 <= ord(c) < 0xE000 for c in value)


def _is_one_line(value: str) -> bool:
    # No line breaks, control characters or surrogates; joiners and bidi marks are part of writing.
    return not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in value)
