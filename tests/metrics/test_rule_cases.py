"""The rules' verdicts on cases of our own: texts in several languages, read by hand.

Each case of ``rule_cases.json`` has the verdicts that the guidelines give it, step by step and for
the order, with the words that say what it stands for. None of its texts is a model's.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import IN_ORDER, Example
from sit_core.tasks import steps_named

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "rule_cases.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['tasks']}: {case['why']}")
def test_the_rules_say_what_a_reader_says(case: dict[str, Any]) -> None:
    steps = tuple(
        replace(step, expected=case.get("expected", {}).get(step.key))
        for step in steps_named(case["tasks"].split(","))
    )
    found = following(case["output"], Example(case["instruction"], case["input"], steps=steps))
    said = {key: r.verdict.value for key, r in found.items() if isinstance(r, RuleVerdict)}
    wanted = dict(zip([*(s.key for s in steps), IN_ORDER], case["verdicts"].split(), strict=True))
    assert said == wanted


def test_each_rule_has_cases_of_every_verdict() -> None:
    seen: dict[str, set[str]] = {}
    for case in CASES:
        keys = [*case["tasks"].split(","), IN_ORDER]
        for key, verdict in zip(keys, case["verdicts"].split(), strict=True):
            seen.setdefault(key, set()).add(verdict)
    tasks = ("repeat", "paraphrase", "translate", "caption", "answer")
    wanted = {task: {"yes", "partly", "no"} for task in tasks}
    assert seen == wanted | {IN_ORDER: {"yes", "no", "unsure"}}
