"""Runs with factors and verdicts by rule, for tests of analyses."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update

from sit_core.records import Step, chain
from sit_core.store import Store
from sit_core.store.schema import runs
from tests.factories import judge, make_run

LETTERS = {"R": "repeat", "P": "paraphrase", "A": "answer"}
SAID = {"y": "yes", "n": "no", "u": "unsure", "p": "partly"}


def steps_of(letters: str) -> tuple[Step, ...]:
    """The chain of these letters."""
    return chain([Step(LETTERS[letter], letter) for letter in letters])


def run_of(
    store: Store,
    name: str,
    letters: str,
    states: Sequence[str],
    factors: Mapping[str, str] | None = None,
    *,
    instruction: str | None = None,
    inputs: Sequence[str] = (),
) -> list[str]:
    """A run with one output per word of states: y, n, u per step, then perhaps of the order.

    The i-th outputs of all runs are of the same question. Returns the outputs' ids.
    """
    steps = steps_of(letters)
    asked = instruction or f"Do {letters}."
    ids = make_run(store, name, len(states), steps=steps, instruction=asked, inputs=inputs)
    keys = [*(step.key for step in steps), "in_order"]
    for one, word in zip(ids, states, strict=True):
        said = {key: SAID[c] for key, c in zip(keys, word, strict=False)}
        judge(store, None, one, "rules-3", said, kind="rule")
    if factors:
        with store.write() as connection:
            known = update(runs).where(runs.c.name == name)
            connection.execute(known.values(provenance={"factors": dict(factors)}))
    return ids
