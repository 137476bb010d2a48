"""The benchmarks' numbers: examples counted by hand, and what must hold of any verdicts."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sit_core.results.instruction_metrics import (
    JudgedOutput,
    all_followed,
    consistent_levels,
    depth,
    followed_share,
    weighted_share,
    with_dependencies,
)

KEYS = ("a", "b", "c", "d", "e")


@st.composite
def judged(draw: st.DrawFn) -> JudgedOutput:
    keys = KEYS[: draw(st.integers(1, 5))]
    done = tuple(draw(st.booleans()) for _ in keys)
    on = {key: tuple(draw(st.lists(st.sampled_from(KEYS), max_size=2))) for key in keys}
    weights = {key: draw(st.integers(0, 5)) for key in keys}
    return JudgedOutput("", "", keys, done, builds_on=on, weights=weights, level=1)


def of(done: str, **more: object) -> JudgedOutput:
    """``"yny"`` → the verdicts of three steps."""
    given = tuple(letter == "y" for letter in done)
    return JudgedOutput("", "", KEYS[: len(done)], given, **more)  # type: ignore[arg-type]


def test_counted_by_hand() -> None:
    one = of("yyny", weights={"c": 2, "d": 3})
    assert followed_share(one) == 0.75
    assert not all_followed(one)
    assert weighted_share(one) == 5 / 7
    assert depth(one) == 2
    assert depth(of("yyy")) == 3
    assert depth(of("nyy")) == 0


def test_a_step_that_builds_on_a_failed_one_fails_and_so_on() -> None:
    one = of("nyyy", builds_on={"b": ("a",), "c": ("b",)})
    assert with_dependencies(one).done == (False, False, False, True)
    circle = of("yyny", builds_on={"a": ("b",), "b": ("a",), "d": ("c",)})
    assert with_dependencies(circle).done == (True, True, False, False)
    assert with_dependencies(of("yn", builds_on={"a": ("nobody",)})).done == (True, False)


def test_levels_count_from_the_first_without_a_gap() -> None:
    def level(number: int, done: str) -> JudgedOutput:
        return of(done, level=number)

    assert consistent_levels([level(1, "y"), level(2, "yy"), level(3, "yyn")]) == 2
    assert consistent_levels([level(1, "n"), level(2, "yy")]) == 0
    assert consistent_levels([level(1, "y"), level(3, "yyy")]) == 1
    assert consistent_levels([level(1, "y"), level(1, "n")]) == 0
    assert consistent_levels([level(2, "yy")]) is None
    assert consistent_levels([of("y")]) is None


@given(judged())
def test_bounds_and_what_is_never_more_than_what(one: JudgedOutput) -> None:
    bound = with_dependencies(one)
    assert 0 <= weighted_share(one) <= 1
    assert all_followed(one) <= followed_share(one) <= 1
    assert followed_share(bound) <= followed_share(one)
    assert all_followed(bound) == all_followed(one)
    assert with_dependencies(bound) == bound
    assert depth(one) <= sum(one.done) <= len(one.keys)
    assert (depth(one) == len(one.keys)) == all_followed(one)


@given(judged(), st.data())
def test_a_verdict_turned_to_yes_never_lowers_any_of_them(
    one: JudgedOutput, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(one.keys) - 1))
    done = list(one.done)
    done[place] = True
    better = replace(one, done=tuple(done))
    for value in (followed_share, all_followed, weighted_share, depth):
        assert value(better) >= value(one)
    was, now = with_dependencies(one).done, with_dependencies(better).done
    assert all(after >= before for before, after in zip(was, now, strict=True))
    others = [replace(one, level=2)]
    after = consistent_levels([better, *others])
    assert after is not None
    assert after >= (consistent_levels([one, *others]) or 0)
