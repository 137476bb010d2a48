"""The part of an output that the model wrote, where its beginning was given to it.

A stored output is whole; ``meta["given_characters"]`` says where the given text ends. Metrics and
rules see what comes after, and judge the steps that were left to do. A step whose text was given,
or that was not asked (the condition *none*), has no score and is in no mean.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sit_core.records import Prediction

GIVEN, CHARACTERS = "given", "given_characters"
"""Keys of `Prediction.meta`: what was given (condition, text, place, steps, implied answer, …), and
how many characters of the output that is."""


def given_to(prediction: Prediction) -> Mapping[str, Any]:
    """What was given; empty for an ordinary output."""
    found = prediction.meta.get(GIVEN)
    return found if isinstance(found, Mapping) else {}


def given_characters(prediction: Prediction) -> int:
    r"""How many characters at the output's beginning the model did not write.

    >>> from sit_core.records import Example
    >>> given_characters(Prediction("r", Example("?"), "a\nb", meta={"given_characters": 2}))
    2
    """
    found = prediction.meta.get(CHARACTERS)
    known = isinstance(found, int) and not isinstance(found, bool) and found > 0
    return min(found, len(prediction.output)) if known and isinstance(found, int) else 0


def given_steps(prediction: Prediction) -> frozenset[str]:
    """The keys of steps whose text was given, or that were not asked."""
    keys = given_to(prediction).get("steps")
    named = keys if isinstance(keys, list) else ()
    return frozenset(key for key in named if isinstance(key, str))


def generated_part(prediction: Prediction) -> Prediction:
    r"""What is to be judged: the output after the given text, the steps that were left to do.

    >>> from sit_core.records import Example, Step, chain
    >>> steps = chain([Step("repeat", "R"), Step("answer", "A")])
    >>> meta = {"given": {"condition": "true", "steps": ["repeat"]}, "given_characters": 2}
    >>> part = generated_part(Prediction("r", Example("?", steps=steps), "q\na", meta=meta))
    >>> part.output, [step.key for step in part.example.steps]
    ('a', ['answer'])
    """
    count = given_characters(prediction)
    if not given_to(prediction) and not count:
        return prediction
    named = given_steps(prediction)
    steps = prediction.example.steps
    left = tuple(step for step in steps if step.key not in named)
    # What the other steps should yield stays known: a translation lists the choices, too.
    known = {s.task: s.expected for s in steps if s.key in named and s.expected}
    meta = dict(prediction.example.meta)
    if known:
        texts = meta.get("texts")
        meta["texts"] = {**known, **(texts if isinstance(texts, Mapping) else {})}
    example = replace(prediction.example, steps=left, meta=meta)
    return replace(prediction, example=example, output=prediction.output[count:])
