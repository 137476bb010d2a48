"""From revisions of verdicts to what stands of each output, written a second time.

Nothing here is taken from `sit_core.store`. Of each judge the highest revision counts, of several
studies the verdict given last, of several rules those that were made last. *Done* or *not done* is
what has more voices than each of the two others (done, not done, unsure); else the output is
undecided. A chain is missing where a step is, else not done where a step is not, else undecided
where a step is, else done.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sit_core.errors import SitError
from sit_core.results_check.exported_files import (
    ExportedFiles,
    ExportedStep,
    ExportedVerdict,
    Output,
)

ASKED_ENCODER = ", encoder "
"""In the name of rules that asked a sentence encoder: their verdicts count where they are named."""
DONE, NOT_DONE, UNSURE = "done", "not-done", "unsure"
CHAIN, IN_ORDER, FOLLOW = "chain", "in_order", "follow"
States = dict[str, str]
"""Output → DONE, NOT_DONE or UNSURE; those that nobody judged are not there."""


class VerdictQuery:
    """Whose verdicts on which outputs, read how."""

    def __init__(
        self,
        files: ExportedFiles,
        *,
        kind: str,
        judge: str | None = None,
        study: str | None = None,
        partly_done: bool = True,
    ) -> None:
        self.files = files
        self.kind, self.judge, self.study = kind, judge, study
        self.partly_done = partly_done
        self.sample: frozenset[str] | None = None
        if study is not None:
            self.sample = frozenset(_study(files, study)["outputs"])
        self.said = self._current()
        """(output, step) → judge → the verdict that counts."""

    def _current(self) -> dict[tuple[str, str], dict[str, ExportedVerdict]]:
        newest: dict[tuple[str | None, str, str, str], ExportedVerdict] = {}
        for said in self.files.judgments:
            if not self._is_meant(said):
                continue
            place = (said.study, said.output, said.judge, said.step)
            before = newest.get(place)
            if before is None or said.revision > before.revision:
                newest[place] = said
        voices: dict[tuple[str, str], dict[str, ExportedVerdict]] = {}
        for (_, output, judge, step), said in newest.items():
            of = voices.setdefault((output, step), {})
            before = of.get(judge)
            if before is None or (said.when, said.place) > (before.when, before.place):
                of[judge] = said
        if self.kind == "rule" and self.judge is None:
            return self._by_newest_rules(voices)
        return voices

    def _by_newest_rules(
        self, voices: dict[tuple[str, str], dict[str, ExportedVerdict]]
    ) -> dict[tuple[str, str], dict[str, ExportedVerdict]]:
        """Of each output only what the rules say that came last, in the order of the file."""
        came: dict[str, int] = {}
        for said in self.files.judgments:
            if said.kind == "rule":
                came.setdefault(said.judge, said.place)
        newest: dict[str, str] = {}
        for (output, _), of in voices.items():
            for judge in of:
                if output not in newest or came[judge] > came[newest[output]]:
                    newest[output] = judge
        kept = {}
        for (output, step), of in voices.items():
            if newest[output] in of:
                kept[output, step] = {newest[output]: of[newest[output]]}
        return kept

    def _is_meant(self, said: ExportedVerdict) -> bool:
        if said.kind != self.kind or self.judge not in (None, said.judge):
            return False
        if self.judge is None and said.kind == "rule" and ASKED_ENCODER in said.judge:
            return False
        if said.output not in self.files.outputs:
            return False
        if self.study is None or said.study == self.study:
            return True
        outside = said.study is None and self.kind != "human"
        return outside and self.sample is not None and said.output in self.sample

    def outputs(self, runs: Iterable[str]) -> list[Output]:
        """The outputs meant."""
        found = [output for run in runs for output in self.files.of_run.get(run, [])]
        return [o for o in found if self.sample is None or o.id in self.sample]

    def reading(self, verdict: str) -> str:
        """One verdict as a state."""
        if verdict == "unsure":
            return UNSURE
        return DONE if verdict == "yes" or (verdict == "partly" and self.partly_done) else NOT_DONE

    def voices(self, output: str, step: str) -> dict[str, str]:
        """Judge → what they say at one step."""
        of = self.said.get((output, step), {})
        return {judge: self.reading(said.verdict) for judge, said in of.items()}

    def state(self, output: str, step: str) -> str | None:
        """What most say at one step."""
        return most(list(self.voices(output, step).values()))

    def states(self, outputs: Iterable[Output], step: str, chain: Sequence[ExportedStep]) -> States:
        """What stands of each output at a step, the whole chain or the order."""
        found = {o.id: self.at(o.id, step, chain) for o in outputs}
        return {output: state for output, state in found.items() if state is not None}

    def at(self, output: str, step: str, chain: Sequence[ExportedStep]) -> str | None:
        """The same of one output."""
        whole = step == CHAIN or (len(chain) == 1 and step == chain[0].key)
        if step == CHAIN:
            state = together([self.state(output, one.key) for one in chain])
        else:
            state = self.state(output, step)
        if state is None and whole and self.kind == "llm":
            return self.state(output, FOLLOW)
        return state

    def of_judge(self, output: str, step: str, chain: Sequence[ExportedStep]) -> dict[str, str]:
        """Judge → what they alone say at a step, the chain or the order."""
        if step != CHAIN:
            return self.voices(output, step)
        steps = [self.voices(output, one.key) for one in chain]
        names = {name for of in steps for name in of}
        found = {name: together([of.get(name) for of in steps]) for name in sorted(names)}
        return {name: state for name, state in found.items() if state is not None}


def most(states: Sequence[str]) -> str | None:
    """What more say than each of the two others; None where nobody said anything.

    >>> most(["done", "done", "unsure"]), most(["done", "unsure"]), most([])
    ('done', 'unsure', None)
    """
    if not states:
        return None
    done, not_done, unsure = (states.count(of) for of in (DONE, NOT_DONE, UNSURE))
    if done > max(not_done, unsure):
        return DONE
    return NOT_DONE if not_done > max(done, unsure) else UNSURE


def together(states: Sequence[str | None]) -> str | None:
    """The state of a chain.

    >>> together(["done", "not-done", None]), together(["done", "unsure", "not-done"])
    (None, 'not-done')
    """
    if not states or None in states:
        return None
    if NOT_DONE in states:
        return NOT_DONE
    return UNSURE if UNSURE in states else DONE


def chains_of(files: ExportedFiles, run: str) -> list[tuple[ExportedStep, ...]]:
    """The different chains of a run: those of the studies it is in, else of its examples."""
    found: dict[tuple[ExportedStep, ...], None] = {}
    for study in files.studies:
        if run in study["runs"] and study["steps"]:
            found[steps_of(study)] = None
    if not found:
        found = {output.steps: None for output in files.of_run.get(run, []) if output.steps}
    return list(found)


def steps_of(study: Mapping[str, Any]) -> tuple[ExportedStep, ...]:
    """A study's chain."""
    return tuple(ExportedStep(s["task"], s["letter"], s["key"]) for s in study["steps"])


def chain_of(files: ExportedFiles, run: str, study: str | None) -> tuple[ExportedStep, ...] | None:
    """The one chain of a run (in a study); None where there is none, or several."""
    if study is not None:
        return steps_of(_study(files, study))
    found = chains_of(files, run)
    return found[0] if len(found) == 1 else None


def whole_states(asked: VerdictQuery, run: str) -> States:
    """What stands of a run's outputs as wholes: of its one chain, else of each one's own steps."""
    files = asked.files
    chain = chain_of(files, run, asked.study)
    found: States = {}
    for output in asked.outputs([run]):
        steps = chain if chain is not None else output.steps
        if steps:
            key = CHAIN if len(steps) > 1 else steps[0].key
            state = asked.at(output.id, key, steps)
        elif asked.kind == "llm":
            state = asked.state(output.id, FOLLOW)
        else:
            state = None
        if state is not None:
            found[output.id] = state
    return found


def _study(files: ExportedFiles, name: str) -> Mapping[str, Any]:
    for study in files.studies:
        if study["name"] == name:
            return study
    raise SitError(f"studies.json holds no study {name!r}.")
