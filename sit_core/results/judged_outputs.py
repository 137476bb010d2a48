"""Each output of some runs with its chain and what is known of each step, for runs of any chains.

    outputs, left_out = judged_outputs(store, runs, VerdictSettings(by="rule"))
    outputs[0].state("repeat"), outputs[0].whole, outputs[0].in_order

`sit_core.results.output_values` has one figure per output; this is for questions about the chain:
which step is dropped first, how steps fare by their place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER, Step, chain_name
from sit_core.results.output_values import NOT_IN_STUDY
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.output_values import OutputRow, chain_states, outputs_of_runs
from sit_core.store.sample_selection import whole_runs
from sit_core.store.studies import get_study
from sit_core.store.verdict_state import CHAIN, DONE, NOT_DONE, UNDECIDED, Selection

NO_CHAIN = "its chain is not known"


@dataclass(frozen=True, slots=True)
class JudgedOutput:
    """One output, its chain, and the state of each step (1 done, 0 not, -1 undecided, None)."""

    output: OutputRow
    steps: tuple[Step, ...]
    """In the order in which they are to be done."""
    states: Mapping[str, int | None]

    @property
    def chain(self) -> str:
        """``R+A``."""
        return chain_name(self.steps)

    def state(self, key: str) -> int | None:
        """Of one step."""
        return self.states.get(key)

    @property
    def whole(self) -> int | None:
        """Of the chain; of its only step, where it has one."""
        return self.states.get(CHAIN if len(self.steps) > 1 else self.steps[0].key)

    @property
    def in_order(self) -> int | None:
        """Whether the steps that were done were done in the order asked for."""
        return self.states.get(IN_ORDER)

    @property
    def first_dropped(self) -> int | None:
        """The place (from 0) of the first step that was not done; their number, where none is.

        None where that is not known: a step before it, or any where none was dropped, was not
        decided.
        """
        for place, step in enumerate(self.steps):
            state = self.states.get(step.key)
            if state == NOT_DONE:
                return place
            if state != DONE:
                return None
        return len(self.steps)


def state_reason(state: int | None) -> str:
    """Why a state is neither done nor not done.

    >>> state_reason(None), state_reason(-1)
    ('not judged', 'unsure')
    """
    return "unsure" if state == UNDECIDED else "not judged"


def judged_outputs(
    store: Store, runs: Sequence[str], verdicts: VerdictSettings
) -> tuple[list[JudgedOutput], dict[str, int]]:
    """The outputs, and why others are not among them → how many those are.

    A run's chain is that of its studies, else that of its examples, as everywhere; a run with
    several is taken apart by the chains of its examples.

    Args:
        store: where.
        runs: their names.
        verdicts: whose; a study's samples only, where one is named (its runs, else none).

    Raises:
        SitError: a judge or study is unknown.
    """
    if verdicts.study is not None:
        in_study = get_study(store, verdicts.study).runs
        runs = [run for run in runs if run in in_study]
    outputs = {one.id: one for one in outputs_of_runs(store, runs)}
    left_out: dict[str, int] = {}
    found: dict[str, JudgedOutput] = {}
    for scope, only in _scopes(store, runs, verdicts, list(outputs.values())):
        for name, states in chain_states(store, scope, verdicts.query(runs).reading).items():
            if only is None or name in only:
                found[name] = JudgedOutput(outputs[name], scope.steps, states)
    for name in outputs:
        if name not in found:
            why = NO_CHAIN if verdicts.study is None else NOT_IN_STUDY
            left_out[why] = left_out.get(why, 0) + 1
    return [found[name] for name in outputs if name in found], left_out


def _scopes(
    store: Store, runs: Sequence[str], verdicts: VerdictSettings, outputs: Sequence[OutputRow]
) -> list[tuple[Selection, set[str] | None]]:
    """Selections of one chain each, with the ids that count of it (None: all)."""
    if not runs:
        return []
    try:
        return [(scope, None) for scope in verdicts.query(runs).scopes(store)]
    except UsageError:
        if verdicts.study is not None:
            raise
    found: list[tuple[Selection, set[str] | None]] = []
    for run in runs:
        try:
            found += [(scope, None) for scope in verdicts.query([run]).scopes(store)]
            continue
        except UsageError:
            (whole,) = whole_runs(store, [run])
        of_chain: dict[tuple[Step, ...], set[str]] = {}
        for one in outputs:
            if one.run == run and one.example.steps:
                bare = tuple(replace(step, expected=None) for step in one.example.steps)
                of_chain.setdefault(bare, set()).add(one.id)
        found += [(replace(whole, steps=steps), ids) for steps, ids in of_chain.items()]
    return found
