"""A study over made-up outputs, put straight into the store."""

from collections.abc import Callable

import pytest

from sit_core.store import Store
from sit_core.store.studies import Study, StudyPlan, create_study
from tests.factories import REPEAT_ANSWER as STEPS
from tests.factories import make_run

MakeStudy = Callable[..., Study]


def fill(store: Store, run: str, count: int) -> None:
    """A run of ``count`` outputs; the examples are the same for every run."""
    make_run(store, run, [f"{run} says {i}" for i in range(count)], expected=True)


@pytest.fixture
def make_study(store: Store) -> MakeStudy:
    """``make_study(count, runs=1, **plan)``: a study of count × runs samples, R+A."""

    def make(count: int, runs: int = 1, **plan: object) -> Study:
        names = [f"model {i}" for i in range(runs)]
        for name in names:
            fill(store, name, count)
        return create_study(
            store,
            StudyPlan(name="study", runs=names, steps=STEPS, **plan),  # type: ignore[arg-type]
        )

    return make
