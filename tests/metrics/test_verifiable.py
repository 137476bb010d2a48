"""Constraints that a program checks: strict and loose verdicts, and none where none can be."""

import pytest

from sit_core.metrics.registry import METRICS, Options
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.verifiable import LONGEST, META, constraints_in, judge_name, verdicts
from sit_core.records import Example, Prediction, Unparsed

pytest.importorskip("if_verifiable")


def example(*constraints: tuple[str, dict[str, object]]) -> Example:
    row = {
        "instruction_id_list": [name for name, _ in constraints],
        "kwargs": [args for _, args in constraints],
    }
    found = constraints_in(row)
    assert found is not None
    return Example("Write.", steps=found[0], meta={META: found[1]})


COMMA = ("punctuation:no_comma", {})
ENDS = ("startend:end_checker", {"end_phrase": "bye"})
WORDS = ("length_constraints:number_words", {"relation": "at least", "num_words": 3})


def said(output: str, asked: Example, form: int = 0) -> dict[str, str]:
    return {
        key: both[form].verdict.value if isinstance(both[form], RuleVerdict) else both[form].reason  # type: ignore[union-attr]
        for key, both in verdicts(output, asked).items()
    }


def test_each_constraint_has_its_verdict_strict_and_loose() -> None:
    asked = example(COMMA, ENDS, WORDS)
    text = "Sure, here it is:\nrivers flow down\nbye"
    assert list(said(text, asked).values()) == ["no", "yes", "yes"]
    assert list(said(text, asked, form=1).values()) == ["yes", "yes", "yes"]
    assert set(said(" \n", asked).values()) == {"no"}


def test_loose_is_never_stricter() -> None:
    asked = example(COMMA, ENDS, WORDS)
    for text in ("a, b\nbye", "*bye*", "x\nbye\nthanks", "bye", "a b c"):
        strict, loose = said(text, asked), said(text, asked, form=1)
        assert all(loose[key] == "yes" for key, verdict in strict.items() if verdict == "yes")


@pytest.mark.parametrize(
    ("constraint", "why"),
    [
        (("nobody:knows_it", {}), "does not know"),
        (("length_constraints:number_words", {"relation": "at least"}), "lack num_words"),
        (("keywords:existence", {"keywords": ["(a+)+$"]}), "pattern"),
        (("keywords:existence", {"keywords": 7}), "failed"),
    ],
)
def test_what_cant_be_checked_has_no_verdict(constraint: tuple[str, dict], why: str) -> None:
    (reason,) = said("some text", example(constraint)).values()
    assert why in reason
    asked = example(constraint, COMMA)
    for output in ("no comma", "a, comma"):
        (score,) = METRICS.get("verifiable")([Prediction("m", asked, output)], Options())
        assert isinstance(score.value, Unparsed)  # also where another one failed for certain
        assert score.value.counted is None
        assert isinstance(score.rulings[asked.steps[1].key], RuleVerdict)


def test_a_long_output_is_not_checked() -> None:
    (reason,) = said("a" * (LONGEST + 1), example(COMMA)).values()
    assert "too long" in reason


def test_the_whole_is_followed_where_all_are() -> None:
    asked = example(COMMA, ENDS)
    outputs = ["say bye", "say, bye", "say"]
    made = [Prediction("m", asked, output) for output in outputs]
    found = METRICS.get("verifiable")(made, Options())
    assert [score.value for score in found] == [1.0, 0.0, 0.0]
    (none,) = METRICS.get("verifiable")([Prediction("m", Example("Sing!"), "la")], Options())
    assert isinstance(none.value, Unparsed)
    assert none.value.counted is None


def test_strict_and_loose_are_judges_of_their_own() -> None:
    assert Options().how("verifiable") == judge_name("strict") != Options().how("verifiable-loose")


@pytest.mark.parametrize(
    "row",
    [
        {"instruction_id_list": "punctuation:no_comma"},
        {"instruction_id_list": [3]},
        {"instruction_id_list": ["a"], "kwargs": []},
        {"instruction_id_list": ["a"], "kwargs": ["x"]},
        {"instruction_id_list": ["a"] * 65, "kwargs": None},
        {"instruction_id_list": ["a", "a", "a-2"]},
    ],
)
def test_lists_that_are_not_ifevals_are_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        constraints_in(row)


def test_one_constraint_may_come_twice() -> None:
    found = constraints_in(
        {"instruction_id_list": ["a", "a"], "kwargs": [None, {"x": 1, "y": None}]}
    )
    assert found is not None
    assert [step.key for step in found[0]] == ["a", "a-2"]
    assert found[1]["a-2"] == {"id": "a", "kwargs": {"x": 1}}
