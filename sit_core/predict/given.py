"""The prompts of a run whose intermediate text is given (`sit_core.predict.given_config`).

    for one in given_prompts(store, config, asked, how):
        one.prompt or one.fault; one.meta

An example stays what it was: the text is put in when its prompt is made, so that runs of all
conditions share their questions (`sit_core.matching`), and each output says what was given
(``meta["given"]``). What no text can be had for has no output, and the reason why.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.augment.example import with_texts
from sit_core.errors import SitError
from sit_core.matching import example_key, match_text
from sit_core.metrics.accuracy import accuracy, gold_answers, text_of_choices
from sit_core.metrics.generated_part import CHARACTERS, GIVEN
from sit_core.metrics.input_choices import asked as question_in
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.models import Prefilled, Prompt
from sit_core.predict.corruption import corrupted
from sit_core.predict.given_config import (
    CORRUPTED,
    INSTRUCTION,
    NEGATIVE,
    NONE,
    OWN,
    TRUE,
    GivenConfig,
)
from sit_core.records import Example, Prediction, Step, Unparsed
from sit_core.settings import user_path
from sit_core.sources import ExampleReading, Problem, named_examples
from sit_core.store import Store
from sit_core.store.run_contents import RunOutput, run_outputs

_TRIES = 200
"""So many training items are looked at for one example."""
_MOST_POOL = 100_000
_MOST_TEXT = 100_000
"""Characters of a text that a person wrote."""
_CHOICES = 4_000
"""An item's input is kept with a text taken from it up to this length: its choices say what the
implied answer is called."""


@dataclass(frozen=True, slots=True)
class GivenPrompt:
    """What is asked for one example."""

    prompt: Prompt | None
    """None: no text can be had for it."""
    meta: dict[str, Any] = field(default_factory=dict)
    """What is stored with its output."""
    fault: str = ""
    """Why there is no prompt."""
    given: str = ""
    """The beginning of its output."""


@dataclass(frozen=True, slots=True)
class _Text:
    """An intermediate text, and what answer it implies."""

    text: str
    implied: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def given_prompts(
    store: Store,
    config: GivenConfig,
    asked: Sequence[Example],
    plain: Sequence[Example],
    remarks: list[str],
) -> list[GivenPrompt]:
    """The prompt of each example, in their order.

    Args:
        store: where the run of a model's own texts is.
        config: the condition.
        asked: the examples in the run's wording.
        plain: the same in their own wording, which the condition none asks.
        remarks: told what of the training items can't be used.

    Raises:
        SitError: the texts' source can't be read.
    """
    if not config.differs:
        return [GivenPrompt(example) for example in asked]
    if config.condition == NONE:
        return [_asked_alone(config, *pair) for pair in zip(asked, plain, strict=True)]
    texts = _Texts(store, config, asked, remarks)
    return [_with_text(config, example, texts) for example in asked]


def _asked_alone(config: GivenConfig, example: Example, plain: Example) -> GivenPrompt:
    """The last step alone: its instruction without the wording of the chain."""
    instruction = config.answer_instruction or plain.instruction
    if config.answer_instruction is None and len(plain.steps) > 1:
        return GivenPrompt(
            None,
            fault="its own instruction asks for several steps; say what is asked for the answer "
            "alone (answer instruction)",
        )
    meta = {
        "condition": NONE,
        "instruction": instruction,
        "steps": [step.key for step in example.steps[:-1]],
        "characters": 0,
    }
    return GivenPrompt(replace(example, instruction=instruction), {GIVEN: meta})


def _with_text(config: GivenConfig, example: Example, texts: "_Texts") -> GivenPrompt:
    steps = _given_steps(config, example)
    found = steps if isinstance(steps, Unparsed) else texts.of(example, steps)
    if isinstance(found, Unparsed):
        return GivenPrompt(None, fault=found.reason)
    text = found.text
    begun = "" if config.place == INSTRUCTION else text if text.endswith("\n") else f"{text}\n"
    shown = example
    if config.place != "output":
        shown = replace(example, instruction=f"{example.instruction.rstrip()}\n{text.strip()}")
    meta = {
        "condition": config.condition,
        "place": config.place,
        "text": text,
        "characters": len(begun),
        # Put into the instruction alone, the text is no part of the output: all is the model's.
        "steps": [step.key for step in steps] if begun and not isinstance(steps, Unparsed) else [],
        "implied": found.implied,
        **found.more,
    }
    return GivenPrompt(
        Prefilled(shown, begun) if begun else shown,
        {GIVEN: meta, CHARACTERS: len(begun)},
        given=begun,
    )


def _given_steps(config: GivenConfig, example: Example) -> tuple[Step, ...] | Unparsed:
    """The steps whose text is given."""
    keys = [step.key for step in example.steps]
    if config.step is not None and config.step not in keys[:-1]:
        return Unparsed(f"its chain has no step {config.step!r} before the last")
    if config.step is None and len(keys) < 2 and config.text is None and config.file is None:
        return Unparsed("its chain has no step before the last, whose text could be given")
    end = len(keys) - 1 if config.step is None else keys.index(config.step) + 1
    return example.steps[: max(0, end)]


class _Texts:
    """The texts of one condition."""

    def __init__(
        self, store: Store, config: GivenConfig, asked: Sequence[Example], remarks: list[str]
    ) -> None:
        self._config = config
        self._pool: list[Example] = []
        self._answers = [answer for example in asked for answer in _answer_texts(example)]
        self._own: dict[str, RunOutput] = {}
        self._written: dict[str, _Text] = {}
        if config.pool is not None:
            self._pool = _training_items(config.pool, asked, remarks)
            self._answers = [answer for item in self._pool for answer in _answer_texts(item)]
        if config.from_run is not None:
            self._own = {example_key(p.example): p for p in run_outputs(store, config.from_run)}
        if config.file is not None:
            self._written = _written_texts(config.file)

    def of(self, example: Example, steps: Sequence[Step]) -> _Text | Unparsed:
        """The text for an example, or why there is none."""
        config = self._config
        if config.condition == OWN:
            return self._from_run(example, steps)
        if config.condition == NEGATIVE:
            return self._negative(example, steps)
        if config.condition in (TRUE, CORRUPTED):
            true = text_of_item(example, steps)
            if isinstance(true, Unparsed):
                return true
            gold = next(iter(gold_answers(example)), None)
            return _Text(true, gold) if config.condition == TRUE else self._changed(example, true)
        if config.text is not None:
            return _Text(config.text)
        found = self._written.get(match_text(example.input or example.instruction))
        return found or Unparsed("the file of texts has none for it")

    def _changed(self, example: Example, true: str) -> _Text | Unparsed:
        found = corrupted(true, example, self._answers, self._rng(example))
        if isinstance(found, Unparsed):
            return found
        changed = {"kind": found.kind, "before": found.before, "after": found.after}
        return _Text(found.text, found.implied, {"changed": changed})

    def _from_run(self, example: Example, steps: Sequence[Step]) -> _Text | Unparsed:
        run = self._config.from_run
        before = self._own.get(example_key(example))
        if before is None:
            return Unparsed(f"the run {run!r} has no output for it")
        parts = split_output(before.output, before.example)
        later = [step.key for step in before.example.steps[len(steps) :]]
        after = parts.get(later[0]) if later else None
        last = parts.get(steps[-1].key) if steps else None
        end = after.start if isinstance(after, OutputSegment) else 0
        if not isinstance(after, OutputSegment) and isinstance(last, OutputSegment):
            end = last.end
        text = before.output[:end].rstrip()
        if not text:
            return Unparsed(f"the run {run!r} wrote no intermediate text for it")
        return _Text(text, None, {"run": run})

    def _negative(self, example: Example, steps: Sequence[Step]) -> _Text | Unparsed:
        """The text of a training item that is another text and implies another answer."""
        if not gold_answers(example):
            return Unparsed("it has no gold answer, so no text is known to imply another")
        true = text_of_item(example, steps)
        same = {match_text(example.input)}
        if not isinstance(true, Unparsed):
            same.add(match_text(true))
        rng, reasons = self._rng(example), Counter[str]()
        for place in rng.sample(range(len(self._pool)), min(_TRIES, len(self._pool))):
            donor = self._pool[place]
            text = text_of_item(donor, steps)
            if isinstance(text, Unparsed):
                reasons[text.reason] += 1
            elif match_text(text) in same:
                reasons["its text is the same"] += 1
            elif not _answer_texts(donor):
                reasons["it has no answer"] += 1
            elif is_same_answer(example, donor):
                reasons["its answer is the same"] += 1
            else:
                return _Text(text, gold_answers(donor)[0], {"donor": _donor(donor)})
        why = f": {reasons.most_common(1)[0][0]}" if reasons else ""
        return Unparsed(f"none of the training items looked at gives a text for it{why}")

    def _rng(self, example: Example) -> random.Random:
        """Of the example alone: the same whatever else is in the run."""
        return random.Random(f"{self._config.condition}/{self._config.seed}/{example.id}")


def text_of_item(item: Example, steps: Sequence[Step]) -> str | Unparsed:
    """What an item's steps of these tasks should yield, joined as outputs are: by line ends.

    By its own steps' expected texts, else as training files are made (`sit_core.augment.example`):
    what its tasks derive from it, and the texts that came with it.
    """
    own = {step.key: step.expected for step in item.steps if (step.expected or "").strip()}
    texts = [own.get(step.key) or "" for step in steps]
    if not all(texts):
        filled = with_texts(item, steps)
        if isinstance(filled, Unparsed):
            return filled
        texts = [step.expected or "" for step in filled]
    return "\n".join(texts)


def is_same_answer(example: Example, other: Example) -> bool:
    r"""Whether another item's answer would be right here too, by letter or by words.

    >>> here = Example("…", "Where?\nChoices: A:bank, B:mall", reference="B")
    >>> [is_same_answer(here, Example("…", "Which?\nChoices: A:mall, B:sea", reference=gold))
    ...  for gold in ("A", "B")]
    [True, True]
    >>> is_same_answer(here, Example("…", "Which?\nChoices: A:hive, B:sea", reference="A"))
    False
    """
    said = {*gold_answers(other), *_answer_texts(other)}
    return any(accuracy(Prediction("", example, answer)) == 1.0 for answer in said)


def _answer_texts(example: Example) -> list[str]:
    """The gold answers in words: of a letter, its choice's."""
    question = question_in(text_of_choices(example))
    words = {choice.letter: choice.text for choice in question.choices}
    return [words.get(gold.strip().upper(), gold) for gold in gold_answers(example)]


def _donor(item: Example) -> dict[str, Any]:
    asked = text_of_choices(item)
    known: dict[str, Any] = {"id": item.id, "reference": gold_answers(item)[0]}
    if len(answers := gold_answers(item)) > 1:
        known["references"] = answers[1:]
    if question_in(asked).choices and len(asked) <= _CHOICES:
        known["input"] = asked
    return known


def _training_items(source: str, asked: Sequence[Example], remarks: list[str]) -> list[Example]:
    """The items of a source that are none of the run's questions."""
    questions = {match_text(example.input) for example in asked if example.input.strip()}
    kept: list[Example] = []
    bad = same = 0
    why = ""
    for found in _read_items(source):
        if isinstance(found, Problem):
            bad += 1
            why = why or str(found)
        elif match_text(found.input) in questions:
            same += 1
        else:
            kept.append(found)
    if bad:
        remarks.append(f"training items that can't be read: {bad:,}")
    if same:
        remarks.append(f"training items that are questions of this run, never given: {same:,}")
    if not kept:
        raise SitError(
            f"There are no training items in {source!r} whose texts could be given"
            + (f"; the first one that can't be read: {why}." if bad else ".")
        )
    return kept


def _read_items(source: str) -> Iterator[Example | Problem]:
    """Training items with the texts of their steps, as far as their file has them.

    A column ``output`` is their right output; of a file of chains it holds all steps' texts.
    """
    golds, items = (
        list(named_examples(source, ExampleReading(limit=_MOST_POOL, gold=gold, option="--pool")))
        for gold in (True, False)
    )
    for place, item in enumerate(golds):
        known = items[place] if len(items) == len(golds) else item
        yield item if isinstance(item, Problem) else _with_steps(item, known)


def _with_steps(item: Example, known: Example | Problem) -> Example:
    """An item with its right answer, and with the texts of its steps: named, or in its output."""
    steps = item.steps if isinstance(known, Problem) else known.steps or item.steps
    if len(steps) < 2:
        return item
    if not all(step.expected for step in steps):
        parts = split_output(item.reference or "", replace(item, steps=steps))
        found = [parts[step.key] for step in steps]
        texts = [part.text for part in found if isinstance(part, OutputSegment)]
        if len(texts) < len(steps):
            return replace(item, steps=steps)
        pairs = zip(steps, texts, strict=True)
        steps = tuple(replace(step, expected=text) for step, text in pairs)
    return replace(item, steps=steps, reference=steps[-1].expected)


def _written_texts(name: str) -> dict[str, _Text]:
    """Question → the text that a person wrote for it.

    Raises:
        SitError: the file can't be read, or a line is not as it should be.
    """
    found: dict[str, _Text] = {}
    for number, row in _rows(name):
        question, text, answer = row.get("input"), row.get("text"), row.get("answer")
        fits = isinstance(question, str) and isinstance(text, str) and text.strip()
        if not fits or len(str(text)) > _MOST_TEXT or not isinstance(answer, str | None):
            raise SitError(
                f"Line {number} of {name} needs an input and a text (at most {_MOST_TEXT:,} "
                "characters, not empty) as JSON texts; answer, a text too, may be left out."
            )
        found[match_text(str(question))] = _Text(str(text), answer)
    if not found:
        raise SitError(f"There are no texts in {name}.")
    return found


def _rows(name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with user_path(name).open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    yield number, row if isinstance(row, Mapping) else {}
    except (ValueError, RecursionError):
        raise SitError(f"The file of texts {name} is no JSONL.") from None
    except OSError as error:
        raise SitError(f"The file of texts {name} can't be read: {error.strerror}.") from None
