"""An ask knows its steps and says all that is wrong with it at once."""

import pytest

from sit_core.errors import UsageError
from sit_core.live import LiveRequest
from sit_core.models import GenerationSettings, ModelSpec

M = ModelSpec("m")


def test_the_example_has_the_steps_of_the_wording_with_what_they_should_yield() -> None:
    example = LiveRequest("First repeat the input, then answer the question.", "Why?").example()
    assert [(s.key, s.expected) for s in example.steps] == [("repeat", "Why?"), ("answer", None)]


def test_steps_named_by_hand_win_over_the_wording() -> None:
    example = LiveRequest("Do it all.", "Why?", steps="paraphrase,answer").example()
    assert [s.key for s in example.steps] == ["paraphrase", "answer"]
    assert LiveRequest("Do it all.", "Why?").example().steps == ()


def test_all_that_is_wrong_is_said_at_once() -> None:
    ask = LiveRequest("  ", "x\0", "repaet", (), GenerationSettings(max_new_tokens=5000))
    with pytest.raises(UsageError) as caught:
        ask.check()
    for part in ("NUL", "Write an instruction", "Choose a model", "4,096", "repaet"):
        assert part in str(caught.value)
    with pytest.raises(UsageError, match="at most 3 models"):
        LiveRequest("Hi", models=(M,) * 4).check()
    LiveRequest("Hi", models=(M,)).check()
