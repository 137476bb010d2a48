"""Factors given with a run win; what nobody gave is derived from what the run was asked."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from sit_core.actions import Context
from sit_core.config.fields import check
from sit_core.predict.action import ACTION
from sit_core.predict.run import predict
from sit_core.records import Step, chain
from sit_core.results.run_factors import UNKNOWN, run_factors
from sit_core.store import Store
from sit_core.store.runs import list_runs
from sit_core.store.schema import examples, runs
from tests.factories import make_run
from tests.predict.conftest import examples_file, folder, options  # noqa: F401


def test_factors_are_kept_with_the_run_and_are_no_setting_of_its_outputs(
    store: Store,
    folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    asked = options(examples_file(tmp_path, "a"), factors=("method=IT", "note=a=b, c"))
    predict(asked, Context(store, job=1))
    (run,) = list_runs(store)
    assert run.provenance["factors"] == {"method": "IT", "note": "a=b, c"}
    assert "factors" not in run.settings
    (known,) = run_factors(store, ["r"])
    assert (known.value("method"), known.value("model")) == ("IT", "m")
    assert known.value("instruction") == "repeat-answer"
    assert known.value("chain") == "R+A"
    assert "method" not in known.derived
    assert {"model", "chain", "instruction"} <= known.derived


def test_a_run_gone_on_with_takes_further_factors_and_loses_none(
    store: Store,
    folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    asked = options(examples_file(tmp_path, "a"), factors=("method=IT", "seed=1"))
    predict(asked, Context(store, job=1))
    done = predict(replace(asked, factors=("seed=2", "place=both")), Context(store, job=2))
    assert (done.written, done.known) == (0, 1)
    predict(replace(asked, factors=()), Context(store, job=3))
    (known,) = run_factors(store, ["r"])
    assert known.values | {"method": "IT", "seed": "2", "place": "both"} == known.values


def test_what_nobody_gave_is_derived_from_model_and_examples(store: Store) -> None:
    make_run(store, "one", 4, instruction="First repeat the input, then answer.")
    make_run(store, "other", 2, steps=chain([Step("answer", "A")]), instruction="Answer.")
    with store.write() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.name == "one")
            .values(model="org/Base-7B", adapter="adapters/sit")
        )
        connection.execute(
            update(examples).where(examples.c.instruction == "Answer.").values(language="es")
        )
    one, other = run_factors(store, ["one", "other", "nowhere"])
    assert one.values == {
        "model": "Base-7B",
        "adapter": "sit",
        "instruction": "First repeat the input, then answer.",
        "chain": "R+A",
    }
    assert other.values == {"instruction": "Answer.", "chain": "A", "language": "es"}
    assert other.value("model") == UNKNOWN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("IT",), "NAME=VALUE"),
        (("=IT",), "NAME=VALUE"),
        (("method=",), "NAME=VALUE"),
        (("a=1", "a=2"), "twice"),
        (("a" * 61 + "=1",), "too long"),
        (("a=" + "1" * 201,), "too long"),
    ],
)
def test_a_factor_that_can_not_be_kept_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in " ".join(check(options("f", factors=words)))


def test_factors_are_words_of_the_job() -> None:
    asked = options("f", factors=("method=IT", "b=x y"))
    assert ACTION.words(asked)[-2:] == ["--factor=method=IT", "--factor=b=x y"]
