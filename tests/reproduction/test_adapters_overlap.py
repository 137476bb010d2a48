"""No question of the shipped tables stands in what the adapters were trained on."""

import pytest

from sit_core.augment.config import read_mixture
from sit_core.reproduction.adapters_overlap import ROWS, adapters_overlap
from sit_core.reproduction.outputs import FOLDER, INDEX
from sit_core.reproduction.plan import ADAPTERS, RECIPES

if not (FOLDER / INDEX).is_file():
    pytest.skip("no outputs ship yet; `sit microlab build` makes them", allow_module_level=True)


def test_no_question_was_trained_on() -> None:
    found = adapters_overlap()
    assert (found.exact, found.normalised, found.inputs) == ((), (), ())
    assert found.train_rows == ROWS
    assert found.test_rows == 500
    assert found.any_words > 0, "choices recur, so the search finds something"


def test_the_rows_are_those_of_the_recipes() -> None:
    for key in ADAPTERS:
        sources = read_mixture(RECIPES / f"{key}.yaml").sources
        assert list(map(str, sources)) == [f"microlab:instructions:{ROWS}"]
