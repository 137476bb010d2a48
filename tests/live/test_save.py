"""Columns become outputs of runs that are told apart by what made them."""

import pytest

from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.live import LiveRequest, Streams
from sit_core.live.save import keep
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.models.interface import Thought
from sit_core.store import Store
from sit_core.store.browse_sample import get_output
from sit_core.store.runs import list_runs
from sit_core.store.study_plan import StudyPlan
from tests.live.fakes import FakeModel, loader

ONE, TWO = ModelSpec("org/one"), ModelSpec("two", adapter="some/lora")
CHAIN = "First repeat the input, then answer the question."


def asked(models, *specs: ModelSpec, **settings) -> tuple[Streams, LiveRequest]:
    ask = LiveRequest(CHAIN, "Why?", None, specs, GenerationSettings(**settings))
    streams = Streams(ask.example(), ask.models, ask.settings, loader(*models))
    streams.join()
    return streams, ask


def test_every_model_has_its_run_with_where_it_comes_from(sqlite_store: Store) -> None:
    models = [FakeModel(ONE, ["Why? ", "So."]), FakeModel(TWO, ["No."], cut=True)]
    streams, ask = asked(models, ONE, TWO, seed=5, temperature=0.5, stop=("END",))
    report = keep(sqlite_store, streams, ask, [], new=StudyPlan("s", []))
    assert report.added == 2
    runs = {run.model: run for run in list_runs(sqlite_store)}
    one, two = runs["org/one"], runs["two"]
    assert (two.adapter, one.settings["temperature"], one.settings["stop"]) == (
        "some/lora", 0.5, ["END"],
    )  # fmt: skip
    assert one.provenance["live"] is True
    assert one.provenance["model"] == {"model": "org/one", "weights": "of org/one"}
    views = [get_output(sqlite_store, sample) for sample in report.predictions]
    assert [view.output for view in views] == ["Why? So.", "No."]
    assert (views[0].meta["seed"], views[0].meta["tokens"]) == (5, 2)
    assert "cut" not in views[0].meta
    assert views[1].meta["cut"] is True


def test_thoughts_and_outcomes_are_kept_apart_from_the_output(sqlite_store: Store) -> None:
    models = [
        FakeModel(ONE, [Thought("Hm. "), Thought("So."), "Why?"]),
        FakeModel(TWO, refused=True),
    ]
    streams, ask = asked(models, ONE, TWO)
    shown, refused = streams.snapshot()
    assert (shown.text, shown.thoughts, refused.refused) == ("Why?", "Hm. So.", True)
    report = keep(sqlite_store, streams, ask, [], new=StudyPlan("s", []))
    first, second = (get_output(sqlite_store, sample) for sample in report.predictions)
    assert (first.output, first.thoughts, first.outcome) == ("Why?", "Hm. So.", "complete")
    assert (second.thoughts, second.outcome) == (None, "refused")


def test_thoughts_show_themselves_while_they_come() -> None:
    model = FakeModel(ONE, [Thought("Hm."), "Why?"], waits_at=1)
    ask = LiveRequest(CHAIN, "Why?", None, (ONE,), GenerationSettings())
    streams = Streams(ask.example(), ask.models, ask.settings, loader(model))
    while not streams.snapshot()[0].thoughts:
        streams.wait(0.01)
    assert (streams.snapshot()[0].text, streams.snapshot()[0].thoughts) == ("", "Hm.")
    model.gate.set()
    streams.join()
    assert streams.snapshot()[0].text == "Why?"


def test_what_ships_is_named_as_on_any_machine(sqlite_store: Store) -> None:
    ours = ModelSpec(str(shipped.BASE), adapter=str(shipped.FOLDER / "adapters" / "it"))
    keep(sqlite_store, *asked([FakeModel(ours)], ours), [], new=StudyPlan("s", []))
    (run,) = list_runs(sqlite_store)
    assert (run.model, run.adapter) == ("microlab", "data/microlab/adapters/it")
    assert str(shipped.FOLDER) not in str(run.settings)


def test_the_seed_of_a_greedy_output_does_not_matter(sqlite_store: Store) -> None:
    first = asked([FakeModel(ONE)], ONE, seed=1)
    keep(sqlite_store, *first, [], new=StudyPlan("s", []))
    again = asked([FakeModel(ONE)], ONE, seed=2)
    assert keep(sqlite_store, *again, [], study="s").known == 1


def test_other_weights_under_the_same_name_are_another_run(sqlite_store: Store) -> None:
    class Trained(FakeModel):
        def identity(self):
            return super().identity() | {"weights": "trained on"}

    keep(sqlite_store, *asked([FakeModel(ONE)], ONE), [], new=StudyPlan("s", []))
    assert keep(sqlite_store, *asked([Trained(ONE)], ONE), [], study="s").added == 1
    assert len(list_runs(sqlite_store)) == 2


def test_what_broke_off_is_no_output(sqlite_store: Store) -> None:
    broken = FakeModel(ONE, ["half"], fails=SitError("Gone."))
    with pytest.raises(SitError, match="no whole output"):
        keep(sqlite_store, *asked([broken], ONE), [], new=StudyPlan("s", []))
    with pytest.raises(SitError, match="Choose a study"):
        keep(sqlite_store, *asked([FakeModel(ONE)], ONE), [])
    assert list_runs(sqlite_store) == []
