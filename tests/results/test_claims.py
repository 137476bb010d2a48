"""Claims: verdicts counted by hand on small examples; unknown is never success."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.results.claims import (
    INPUT_WORDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    Claim,
    Quantity,
    figure_said,
    judge_claim,
    result_from,
)

FIRST, SECOND = Quantity("sit", "R+A", "following"), Quantity("it", "R+A", "following")
WORDS = {seed: [10, 11, 12, 13] * 25 for seed in range(5)}


def values(first, second=None):
    """Seed → quantity → values; each given as the number of ones of 100, per seed."""
    found = {}
    for seed, ones in enumerate(first):
        found[seed] = {FIRST: [1.0] * ones + [0.0] * (100 - ones)}
        if second is not None:
            found[seed][SECOND] = [1.0] * second[seed] + [0.0] * (100 - second[seed])
    return found


def claim(**more) -> Claim:
    return Claim("x", "Table 1", "it holds", value=FIRST, **more)


def verdict(of: Claim, known) -> str:
    return judge_claim(of, known, WORDS).verdict


def test_the_whole_interval_has_to_lie_beyond_the_bound() -> None:
    high = values([90, 92, 88, 91, 89])
    assert verdict(claim(above=0.8), high) == REPRODUCED
    assert verdict(claim(above=0.89), high) == NOT_REPRODUCED
    assert verdict(claim(below=0.8), high) == NOT_REPRODUCED
    assert verdict(claim(below=0.95), high) == REPRODUCED
    # The mean of .75 lies above .6, but the seeds are too unlike to say so of others.
    assert verdict(claim(above=0.6), values([95, 95, 95, 50, 40])) == NOT_REPRODUCED


def test_undecided_and_contrary_are_told_apart() -> None:
    undecided = judge_claim(claim(above=0.6), values([95, 95, 95, 50, 40]), WORDS)
    contrary = judge_claim(claim(above=0.6), values([9, 8, 7, 10, 9]), WORDS)
    assert "undecided (3 of 5 seeds)" in undecided.why
    assert "other side (0 of 5 seeds)" in contrary.why


def test_each_seed_looks_at_every_seed_and_not_at_the_mean() -> None:
    one_low = values([99, 99, 99, 99, 60])
    assert verdict(claim(above=0.65, each_seed=True), one_low) == NOT_REPRODUCED
    assert verdict(claim(above=0.59, each_seed=True), one_low) == REPRODUCED
    assert verdict(claim(above=0.60, each_seed=True), one_low) == NOT_REPRODUCED


def test_a_difference_is_paired_question_by_question() -> None:
    known = values([60, 62, 58, 61, 59], [30, 33, 28, 31, 30])
    found = judge_claim(claim(minus=SECOND, above=0), known, WORDS)
    assert found.verdict == REPRODUCED
    assert found.figure is not None
    assert found.figure.value == pytest.approx(0.296)
    assert found.figure.seeds == pytest.approx((0.30, 0.29, 0.30, 0.30, 0.29))
    assert verdict(claim(minus=SECOND, above=0.35), known) == NOT_REPRODUCED
    same = values([50] * 5, [50] * 5)
    assert verdict(claim(minus=SECOND, above=0), same) == NOT_REPRODUCED
    assert verdict(claim(minus=SECOND, above=-0.1), same) == REPRODUCED


def test_questions_without_a_value_are_left_out_and_counted() -> None:
    known = {s: {FIRST: [None] * 40 + [1.0] * 60} for s in range(3)}
    found = judge_claim(claim(above=0.5), known, WORDS)
    assert found.left_out == 120
    assert found.figure is not None
    assert found.figure.n == 180


def test_too_few_seeds_judge_nothing() -> None:
    for known in ({}, values([100])):
        found = judge_claim(claim(above=0.5), known, WORDS)
        assert found.verdict == NOT_TESTABLE
        assert "2 are needed" in found.why
    # A seed that lacks the second model does not count for a difference.
    found = judge_claim(claim(minus=SECOND, above=0), values([100, 100]), WORDS)
    assert found.verdict == NOT_TESTABLE


def test_what_cannot_be_tested_says_why() -> None:
    found = judge_claim(Claim("x", "", "", not_testable="no images"), values([1, 2]), WORDS)
    assert (found.verdict, found.why, found.figure) == (NOT_TESTABLE, "no images", None)


def test_a_correlation_with_the_inputs_length() -> None:
    falls = {s: {FIRST: [1.0, 1.0, 0.0, 0.0] * 25} for s in range(3)}
    found = judge_claim(claim(correlated_with=INPUT_WORDS, below=0), falls, WORDS)
    assert found.verdict == REPRODUCED
    assert found.figure is not None
    assert found.figure.value == pytest.approx(-0.8944, abs=1e-4)  # scipy.stats.spearmanr
    level = {s: {FIRST: [1.0] * 100} for s in range(3)}
    assert verdict(claim(correlated_with=INPUT_WORDS, below=0), level) == NOT_REPRODUCED


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=5),
    st.floats(0, 1),
    st.booleans(),
)
def test_json_and_back_is_the_same_and_never_both_sides_hold(ones, bound, each) -> None:
    known = values(ones)
    above, below = (
        judge_claim(claim(each_seed=each, **{side: bound}), known, WORDS)
        for side in ("above", "below")
    )
    assert {above.verdict, below.verdict} != {REPRODUCED}
    again = result_from(above.claim, above.to_dict())
    assert again == above
    assert figure_said(again) == figure_said(above)
