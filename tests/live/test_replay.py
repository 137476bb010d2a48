"""A replay shows the stored text in its order, to the letter, and says how it ended at the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.live import Phase
from sit_core.live.replay import (
    PACES,
    Replay,
    ReplayRequest,
    replay_asked,
    replay_params,
)
from sit_core.records import Example, Outcome
from sit_core.store.stored_outputs import StoredOutput
from tests.factories import REPEAT_ANSWER

HOSTILE = "<script>x</script> **b**\n\n\ttab  \u202e two\u00a0 " + "長い" * 40 + "  "
TEXTS = st.text(max_size=300) | st.just(HOSTILE) | st.just(" " * 100) | st.just("x" * 100)
IN_WORDS = sorted(name for name, words in PACES.items() if words)


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds + 1e-9
        self.slept += seconds


def stored(text: str, **more) -> StoredOutput:
    fields = {
        "id": "i", "run": "r", "model": None, "adapter": None, "row": 0, "ordinal": 0,
        "example": Example("Do it.", "x", steps=REPEAT_ANSWER), "match_key": "k",
        "output": text, "outcome": None, "reason": None, "thoughts": "", "stored_at": 0.0,
        "made_here": False,
    }  # fmt: skip
    return StoredOutput(**(fields | more))


def replayed(clock: Clock, *texts: str, pace: str = "reading", **more) -> Replay:
    return Replay([stored(text, **more) for text in texts], pace, clock, clock.sleep)


@given(TEXTS, TEXTS, st.sampled_from(IN_WORDS))
def test_each_moment_shows_a_beginning_that_only_grows_and_all_comes(one, other, pace) -> None:
    clock = Clock()
    replay = replayed(clock, one, other, pace=pace)
    before = ["", ""]
    for _ in range(2_000):
        now = [state.text for state in replay.snapshot()]
        for text, was, whole in zip(now, before, (one, other), strict=True):
            assert text.startswith(was)
            assert whole.startswith(text)
        before = now
        if not replay.running:
            break
        replay.wait(0.25)
    assert before == [one, other]
    assert [state.phase for state in replay.snapshot()] == [Phase.DONE] * 2


@pytest.mark.parametrize("pace", IN_WORDS)
def test_the_pace_is_words_a_second(pace: str) -> None:
    clock = Clock()
    replay = replayed(clock, "one word and another " * 30, pace=pace)
    clock.now += 2.0
    (state,) = replay.snapshot()
    assert len(state.text.split()) == 2 * PACES[pace]
    assert state.phase is Phase.WRITING


def test_at_once_is_there_at_once() -> None:
    clock = Clock()
    replay = replayed(clock, HOSTILE, pace="at once")
    assert replay.snapshot()[0].text == HOSTILE
    assert not replay.running


def test_stopping_stands_still_and_stays_so() -> None:
    clock = Clock()
    replay = replayed(clock, "one two three four five six seven eight")
    clock.now += 0.2
    replay.stop()
    stopped = replay.snapshot()
    assert stopped[0].phase is Phase.STOPPED
    assert stopped[0].text == "one two three"
    clock.now += 60
    replay.wait(5)
    assert replay.snapshot() == stopped
    assert not replay.running
    assert clock.slept == 0


def test_stopping_what_has_come_changes_nothing() -> None:
    clock = Clock()
    replay = replayed(clock, "one")
    clock.now += 60
    whole = replay.snapshot()
    replay.stop()
    assert replay.snapshot() == whole
    assert whole[0].phase is Phase.DONE


@pytest.mark.parametrize("outcome", [Outcome.CUT, Outcome.REFUSED, Outcome.COMPLETE, None])
def test_how_it_ended_is_named_once_all_has_come(outcome: Outcome | None) -> None:
    clock = Clock()
    replay = replayed(clock, "one two", outcome=outcome, reason="so", thoughts="hm")
    (first,) = replay.snapshot()
    assert (first.cut, first.refused, first.thoughts) == (False, False, "hm")
    clock.now += 60
    (last,) = replay.snapshot()
    assert last.cut == (outcome is Outcome.CUT)
    assert last.refused == (outcome is Outcome.REFUSED)
    assert last.reason == "so"
    assert (last.tokens, last.first) == (None, None)  # nothing is said of how fast a model was


@given(st.lists(st.text(), max_size=3, unique=True), st.sampled_from(sorted(PACES)))
def test_a_link_brings_back_what_is_replayed(ids, pace) -> None:
    ask = ReplayRequest(tuple(ids), pace)
    assert replay_asked(replay_params(ask)) == ask


def test_too_many_and_unknown_paces_are_one_sentence() -> None:
    with pytest.raises(UsageError, match="at most 3"):
        replay_asked({"replay": list("abcd")})
    with pytest.raises(UsageError, match=r"no pace 'x+'; choose one of: slow"):
        replay_asked({"replay": ["a"], "pace": ["x" * 99]})
    assert replay_asked({"replay": ["a", "a"]}).outputs == ("a",)
