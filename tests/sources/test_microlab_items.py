"""Questions of the micro lab for testing share no fact in its phrasing with those for training."""

import pytest

from sit_core.sources.microlab_items import made_questions


@pytest.mark.parametrize("sort", ["answer", "spanish", "german"])
def test_held_out_questions_are_none_that_training_shows(sort: str) -> None:
    shown = [e.input.split("\n")[0] for e in made_questions(sort, 3000)]
    held = [e.input.split("\n")[0] for e in made_questions(f"held-{sort}", 100, seed=3)]
    assert len(held) == 100
    assert not set(held) & set(shown)
    again = [e.input.split("\n")[0] for e in made_questions(f"held-{sort}", 100, seed=3)]
    assert again == held
