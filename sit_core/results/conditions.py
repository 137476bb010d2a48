"""Runs of systems under conditions: which intermediate text each output came after, and what of it.

    for run in condition_runs(store, ["sit none", "sit true", "sit negative"], measure("accuracy")):
        run.system, run.condition, run.right, run.follows

What was given stands with each output (`sit_core.metrics.generated_part`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sit_core.metrics.accuracy import accuracy, gold_answers, text_of_choices
from sit_core.metrics.generated_part import GIVEN, generated_part, given_to
from sit_core.metrics.input_choices import asked
from sit_core.records import Prediction
from sit_core.results.output_values import Measure, OutputValue, why_missing
from sit_core.results.run_factors import CONDITION, RunFactors, run_factors, varying
from sit_core.store import Store
from sit_core.store.output_values import OutputRow, outputs_of_runs

CONDITIONS = ("none", "own", "true", "corrupted", "negative", "written")
"""In the order of tables."""
NONE, OWN, TRUE = CONDITIONS[:3]
FOLLOWS = "follows the text"
"""The column of answers that are the one that a wrong text implies."""
Place = tuple[str, int]
"""A question, and which of a run's outputs for it."""


@dataclass
class ConditionRun:
    """One run: a system under a condition."""

    name: str
    system: str
    """What its factors are but for the condition, as far as they vary among the runs."""
    condition: str
    """One of `CONDITIONS`."""
    label: str
    """What tables call it: its factor *condition*, else the condition with the place."""
    place: str = ""
    """Where the text stood; empty: none was given."""
    outputs: dict[Place, OutputRow] = field(default_factory=dict)
    right: dict[str, float] = field(default_factory=dict)
    """Output → its value of the measure."""
    follows: dict[str, bool] = field(default_factory=dict)
    """Output whose wrong text implies a known answer → whether its answer is that one."""

    @property
    def is_wrong(self) -> bool:
        """Whether the texts may be wrong."""
        return self.condition not in (NONE, OWN, TRUE)

    def prediction(self, one: OutputRow) -> Prediction:
        """An output as metrics take it."""
        return Prediction(self.name, one.example, one.output, meta=one.meta, outcome=one.outcome)


def condition_runs(
    store: Store, names: Sequence[str], always: Sequence[str] = ()
) -> tuple[list[ConditionRun], int]:
    """The runs of systems that were given a text, in the order of tables; how many others are not.

    Args:
        store: where.
        names: of the runs that are looked at.
        always: of these, runs that are wanted whatever their system.
    """
    factors = run_factors(store, names)
    outputs: dict[str, dict[Place, OutputRow]] = {one.run: {} for one in factors}
    seen: dict[tuple[str, str], int] = {}
    for one in outputs_of_runs(store, list(outputs)):
        place = seen[one.run, one.question] = seen.get((one.run, one.question), -1) + 1
        outputs[one.run][one.question, place] = one
    told = [name for name in varying(factors) if name != CONDITION]
    made = [_run(one, told, outputs[one.run]) for one in factors]
    with_text = {run.system for run in made if run.condition not in (NONE, OWN)}
    kept = [run for run in made if run.system in with_text or run.name in always]
    systems = list(dict.fromkeys(run.system for run in kept))
    kept.sort(key=lambda run: (systems.index(run.system), CONDITIONS.index(run.condition)))
    return kept, len(made) - len(kept)


def _run(factors: RunFactors, told: Sequence[str], outputs: dict[Place, OutputRow]) -> ConditionRun:
    said = next((one.meta[GIVEN] for one in outputs.values() if one.meta.get(GIVEN)), None)
    given = said if isinstance(said, Mapping) else {}
    named = factors.values.get(CONDITION, "")
    condition = next((one for one in (given.get("condition"), named) if one in CONDITIONS), OWN)
    place = str(given.get("place") or "")
    usual = f"{condition} ({place})" if place not in ("", "both") else str(condition)
    label = usual if named in ("", condition) else named
    values = dict.fromkeys(factors.value(name) for name in told)  # adapter and method may be one
    system = ", ".join(values) or factors.value("model")
    return ConditionRun(factors.run, system, str(condition), label, place, outputs)


def fill(run: ConditionRun, of: Measure, values: Mapping[str, OutputValue]) -> Iterator[str]:
    """Note which outputs are right and which follow a wrong text; why others are in no figure."""
    for one in run.outputs.values():
        value = values.get(one.id)
        if value is None or value.value is None:
            yield f"{run.name}: {value.reason if value else why_missing(of)}"
            continue
        run.right[one.id] = value.value
        given = given_to(prediction := run.prediction(one))
        if not run.is_wrong or not given.get("text"):
            continue
        implied = given.get("implied")
        if not isinstance(implied, str) or not implied.strip():
            yield f"{run.name}: the answer that the text implies is not known"
        else:
            run.follows[one.id] = is_implied(prediction, implied)


def is_implied(prediction: Prediction, implied: str) -> bool:
    r"""Whether the answer after a given text is the one that the text implies.

    By the choices of the item that the text is from, by those of the question itself, or in words.

    >>> from sit_core.records import Example
    >>> question = Example("…", "Where?\nChoices: A:bank, B:mall", reference="mall")
    >>> donor = {"input": "What flies?\nChoices: A:owl, B:cow", "reference": "A"}
    >>> meta = {"given": {"text": "What flies?", "donor": donor}, "given_characters": 12}
    >>> [is_implied(Prediction("r", question, f"What flies?\n{said}", meta=meta), "A")
    ...  for said in ("owl", "A", "mall", "B", "")]
    [True, True, False, False, False]
    """
    part = generated_part(prediction)
    donor = given_to(prediction).get("donor")
    more = donor.get("references") if isinstance(donor, Mapping) else None
    meta = {"references": more} if isinstance(more, list) else {}
    given = str(given_to(prediction).get("text") or "")
    for text in dict.fromkeys((_of_donor(prediction), given, text_of_choices(part.example), "")):
        question = replace(part.example, instruction="", input=text, reference=implied, meta=meta)
        if accuracy(replace(part, example=question)) == 1.0:
            return True
    return False


def mentioned(prediction: Prediction) -> str:
    r"""Which of the two answers the given text mentions in words.

    >>> from sit_core.records import Example
    >>> question = Example("…", "Where?\nChoices: A:bank, B:mall", reference="B")
    >>> def of(text):
    ...     meta = {"given": {"text": text, "implied": "hive"}}
    ...     return mentioned(Prediction("r", question, "", meta=meta))
    >>> of("A hive or a mall."), of("The hives."), of("Hive!"), of("mall")
    ('both answers', 'neither answer', 'the implied answer alone', 'the right answer alone')
    """
    given = given_to(prediction)
    text, implied = str(given.get("text") or ""), str(given.get("implied") or "")
    example = prediction.example
    right = any(_holds(text, gold, text_of_choices(example)) for gold in gold_answers(example))
    other = _holds(text, implied, _of_donor(prediction) or text_of_choices(example))
    if right and other:
        return "both answers"
    alone = "the right answer alone" if right else "the implied answer alone"
    return alone if right or other else "neither answer"


def _of_donor(prediction: Prediction) -> str:
    """The choices of the item that the text is from; empty where it has none."""
    donor = given_to(prediction).get("donor")
    found = donor.get("input") if isinstance(donor, Mapping) else None
    return found if isinstance(found, str) else ""


def _holds(text: str, answer: str, listed: str) -> bool:
    words = {choice.letter: choice.text for choice in asked(listed).choices}
    said = words.get(answer.strip().upper(), answer).strip()
    # Scripts that put no blanks between words have no edges to look for.
    left, right = (r"(?<!\w)", r"(?!\w)") if said.isascii() else ("", "")
    return bool(said) and re.search(left + re.escape(said) + right, text, re.I) is not None


def pairs_of(first: ConditionRun, second: ConditionRun) -> list[tuple[Place, float, float]]:
    """(question, value of the first, of the second) where both have a value."""
    return [
        (place, first.right[one.id], second.right[other.id])
        for place, one in first.outputs.items()
        if (other := second.outputs.get(place)) is not None
        and one.id in first.right
        and other.id in second.right
    ]


def compared_with(
    run: ConditionRun, made: Sequence[ConditionRun], condition: str, baseline: str | None = None
) -> ConditionRun | None:
    """The run that this one is compared with: of the same place, where there are several."""
    if condition == NONE and baseline is not None:
        return next((one for one in made if one.name == baseline), None)
    found = [one for one in made if (one.system, one.condition) == (run.system, condition)]
    return next(iter([one for one in found if one.place == run.place] or found), None)
