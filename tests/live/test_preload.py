"""A model is made ready once, whoever asks how often; one that can't be is tried again."""

import pytest

from sit_core.errors import SitError
from sit_core.live import preload as warming
from sit_core.live.model_choices import NamedModel
from sit_core.live.preload import warm, warm_embedded
from sit_core.live.request import MOST_MODELS
from sit_core.live.sample_inputs import item, item_sets
from sit_core.models import ModelSpec
from tests.live.fakes import FakeModel

SPEC = ModelSpec("to be warmed")


@pytest.fixture(autouse=True)
def nothing_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_warming", {})


class Loads:
    def __init__(self, *results: FakeModel | Exception) -> None:
        self.results = list(results)
        self.specs: list[ModelSpec] = []

    def __call__(self, spec: ModelSpec) -> FakeModel:
        self.specs.append(spec)
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


class Writes(FakeModel):
    """Streams without being told when to stop."""

    def stream(self, prompt, settings, stop=None):
        return super().stream(prompt, settings, stop or (lambda: False))


def test_it_is_loaded_and_asked_once() -> None:
    model = Writes(SPEC)
    load = Loads(model)
    threads = [warm(SPEC, load) for _ in range(3)]
    threads[0].join()
    assert threads == [threads[0]] * 3
    assert load.specs == [SPEC]
    assert model.closed == 1


@pytest.mark.parametrize("error", [SitError("It does not fit."), RuntimeError("boom")])
def test_what_goes_wrong_is_left_to_the_one_who_runs_it(error: Exception) -> None:
    load = Loads(error, Writes(SPEC))
    warm(SPEC, load).join()
    warm(SPEC, load).join()
    assert load.specs == [SPEC, SPEC]


def test_what_live_offers_first_is_made_ready_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = [ModelSpec("base", adapter=f"adapter {i}") for i in range(MOST_MODELS + 1)]
    known = [NamedModel("theirs", "theirs", ModelSpec("theirs"), False)]
    known += [NamedModel(str(spec.adapter), str(spec.adapter), spec, True) for spec in ours]
    monkeypatch.setattr(warming, "choices", lambda: known)
    load = Loads(SitError("It does not fit."), *(Writes(spec) for spec in ours[1:]))
    warm_embedded(load)
    assert load.specs == ours[:MOST_MODELS]


def test_there_is_always_an_input_to_try_and_it_is_another_next_time() -> None:
    for path in item_sets().values():
        inputs = [item(path, number) for number in range(3)]
        assert all(inputs)
        assert len(set(inputs)) == 3
    assert item_sets()
