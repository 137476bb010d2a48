"""Several models write at once; each is on its own, and stopping ends all of them at once."""

import threading

import pytest

from sit_core.errors import SitError
from sit_core.live import Phase, Streams
from sit_core.models import Generated, GenerationSettings, ModelSpec
from sit_core.records import Example
from tests.live.fakes import FakeModel, loader

A, B, C = (ModelSpec(name) for name in "abc")
EXAMPLE = Example("Say it.", "it")


def started(*models: FakeModel, specs: list[ModelSpec] | None = None) -> Streams:
    specs = specs or [model.spec for model in models]
    return Streams(EXAMPLE, specs, GenerationSettings(), loader(*models))


def until(streams: Streams, true) -> None:
    for _ in range(1000):
        if true(streams.snapshot()):
            return
        streams.wait(0.01)
    raise AssertionError(streams.snapshot())


def live_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "live stream"]


def test_all_write_to_their_ends_with_their_figures() -> None:
    models = FakeModel(A, ["x", "y"]), FakeModel(B, ["z"], cut=True)
    streams = started(*models)
    streams.join()
    first, second = streams.snapshot()
    assert (first.text, first.phase, first.tokens, first.cut) == ("xy", Phase.DONE, 2, False)
    assert (second.text, second.phase, second.tokens, second.cut) == ("z", Phase.DONE, 1, True)
    assert first.identity == {"model": "a", "weights": "of a"}
    assert first.loaded <= first.first <= first.last
    assert not streams.running
    assert [model.closed for model in models] == [1, 1]


def test_one_writes_while_another_waits() -> None:
    slow = FakeModel(A, ["first ", "second"], waits_at=1)
    streams = started(slow, FakeModel(B, ["all of it"]))
    until(streams, lambda now: now[1].phase is Phase.DONE and now[0].text == "first ")
    assert streams.running
    slow.gate.set()
    streams.join()
    assert streams.snapshot()[0].text == "first second"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SitError("The endpoint went away."), "The endpoint went away."),
        (RuntimeError("boom\nbang"), "The model failed (RuntimeError: boom bang)."),
    ],
)
def test_an_error_in_the_middle_is_said_and_leaves_the_others_alone(error, said) -> None:
    streams = started(FakeModel(A, ["half "], fails=error), FakeModel(B, ["whole"]))
    streams.join()
    broken, fine = streams.snapshot()
    assert (broken.phase, broken.text, broken.error) == (Phase.FAILED, "half ", said)
    assert broken.identity is None
    assert (fine.phase, fine.text, fine.error) == (Phase.DONE, "whole", None)


def test_a_model_that_can_not_be_loaded_leaves_the_others_alone() -> None:
    streams = started(FakeModel(B, ["whole"]), specs=[C, B])
    streams.join()
    missing, fine = streams.snapshot()
    assert (missing.phase, missing.error) == (Phase.FAILED, "There is no model c.")
    assert fine.phase is Phase.DONE


def test_stopping_keeps_what_has_come_and_leaves_no_thread() -> None:
    before = live_threads()
    models = [FakeModel(spec, ["come", "never"], waits_at=1) for spec in (A, B)]
    streams = started(*models)
    until(streams, lambda now: all(column.text for column in now))
    streams.stop()
    assert not streams.running  # at once, whatever the models do
    streams.join()
    assert [column.phase for column in streams.snapshot()] == [Phase.STOPPED] * 2
    assert [column.text for column in streams.snapshot()] == ["come"] * 2
    assert [model.closed for model in models] == [1, 1]
    assert live_threads() == before


def test_what_comes_after_stopping_is_not_shown() -> None:
    loading = threading.Event()

    def load(spec: ModelSpec) -> FakeModel:
        loading.wait(10)
        return FakeModel(spec, ["too late"])

    streams = Streams(EXAMPLE, [A], GenerationSettings(), load)
    streams.stop()
    loading.set()
    streams.join()
    (column,) = streams.snapshot()
    assert (column.phase, column.text, column.error) == (Phase.STOPPED, "", None)


def test_a_piece_that_comes_once_it_was_stopped_is_not_added() -> None:
    """A model in the middle of a piece has it ready only after somebody pressed Stop."""
    at_it, go_on = threading.Event(), threading.Event()
    asked: list[str] = []

    class Late(FakeModel):
        def stream(self, prompt, settings, stop=None):
            yield "come"
            at_it.set()
            go_on.wait(10)
            yield " too late"
            asked.append("once more")
            return Generated("come too late")

    model = Late(A)
    streams = started(model)
    assert at_it.wait(10)
    streams.stop()
    go_on.set()
    streams.join()
    (column,) = streams.snapshot()
    assert (column.phase, column.text, column.pieces) == (Phase.STOPPED, "come", 1)
    assert column.identity is None
    assert asked == []  # its next piece was its last
    assert model.closed == 1


def test_stopping_what_has_ended_changes_nothing() -> None:
    streams = started(FakeModel(A))
    streams.join()
    before = streams.snapshot()
    streams.stop()
    assert streams.snapshot() == before


def test_two_visitors_stream_without_each_other() -> None:
    one, other = FakeModel(A, ["x", "y"], waits_at=1), FakeModel(A, ["x", "y"], waits_at=1)
    mine, yours = started(one), started(other)
    until(mine, lambda now: now[0].text == "x")
    until(yours, lambda now: now[0].text == "x")
    mine.stop()
    other.gate.set()
    yours.join()
    assert yours.snapshot()[0].phase is Phase.DONE
    assert mine.snapshot()[0].phase is Phase.STOPPED
