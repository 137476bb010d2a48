"""The files of a training seed's outputs, and what each output is worth, question by question.

A folder per seed: ``questions.jsonl.gz`` (`sit_core.embedded.quiz_tests.TestQuestion`, one a line)
and per model ``KEY.jsonl.gz``: ``test``, ``place`` (of the question), ``output``, ``cut``, and of
forced outputs ``condition`` and ``where``. Scored by the program's metrics and rules.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from sit_core.embedded.quiz_tests import FORCED, LETTERS, TESTS, TestQuestion
from sit_core.errors import SitError
from sit_core.files import replacing
from sit_core.metrics.registry import METRICS, Options, Score
from sit_core.records import Example, Outcome, Prediction, Step, Unparsed, chain
from sit_core.results.claims import Quantity

QUESTIONS_FILE = "questions.jsonl.gz"
SUFFIX = ".jsonl.gz"
METRIC_NAMES = ("following", "accuracy", "rouge-l")
FOLLOWS_GIVEN = "follows-given"
"""Of forced outputs: whether the answer is one that fits the given text and is not right."""


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A compressed JSONL file, written as a whole; the same bytes for the same rows."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with replacing(path) as part:
        part.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of such a file.

    Raises:
        SitError: it can't be read.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield dict(json.loads(line))
    except (OSError, EOFError, ValueError) as error:
        raise SitError(
            f"The outputs {path.parent.name}/{path.name} can't be read ({error}); make them again "
            "with: sit microlab tune."
        ) from None


def read_questions(folder: Path) -> list[TestQuestion]:
    """The questions of a seed, in order."""
    names = {field.name for field in fields(TestQuestion)}
    found = []
    for row in read_lines(folder / QUESTIONS_FILE):
        known = {name: value for name, value in row.items() if name in names}
        answers = tuple(known.pop("corrupted_answers"))
        found.append(TestQuestion(**known, corrupted_answers=answers))
    return found


def digest_of(folder: Path) -> str:
    """A hash of all outputs of a seed, of their texts rather than of how they were packed."""
    said = hashlib.sha256()
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        said.update(path.name.encode() + b"\0")
        for row in read_lines(path):
            said.update(json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return said.hexdigest()


def values_of(folder: Path) -> dict[Quantity, list[float | None]]:
    """Every quantity of one seed's outputs.

    Raises:
        SitError: a file is missing or damaged.
    """
    questions = read_questions(folder)
    found: dict[Quantity, list[float | None]] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.name != QUESTIONS_FILE:
            key = path.name.removesuffix(SUFFIX)
            found |= values_of_model(key, list(read_lines(path)), questions)
    return found


def predictions_of(
    key: str, rows: Sequence[Mapping[str, Any]], questions: Sequence[TestQuestion]
) -> list[Prediction]:
    """The outputs as predictions, each with its question and the steps that were asked.

    Of a forced one the output is what was generated after the given text, and its step the answer.
    """
    made = []
    for row in rows:
        forced = bool(row.get("condition"))
        example = _example(questions[row["place"]], row["test"], forced)
        outcome = Outcome.CUT if row.get("cut") else Outcome.COMPLETE
        made.append(Prediction(key, example, row["output"], outcome=outcome))
    return made


def values_of_model(
    key: str, rows: Sequence[Mapping[str, Any]], questions: Sequence[TestQuestion]
) -> dict[Quantity, list[float | None]]:
    """Every quantity of some of one model's outputs.

    Args:
        key: of the model.
        rows: of its file.
        questions: of the seed.
    """
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        forced = row.get("condition", ""), row.get("where", "")
        groups.setdefault((row["test"], *forced), []).append(row)
    found: dict[Quantity, list[float | None]] = {}
    for (test, condition, where), group in groups.items():
        places = [row["place"] for row in group]
        predictions = predictions_of(key, group, questions)
        metrics = ("accuracy",) if condition else METRIC_NAMES
        for metric in metrics:
            scores = list(METRICS.get(metric)(predictions, Options()))
            for step in ("", *dict.fromkeys(k for score in scores for k in score.steps)):
                quantity = Quantity(key, test, metric, step, condition, where)
                values: list[float | None] = [None] * len(questions)
                for place, score in zip(places, scores, strict=True):
                    values[place] = _counted(score, step)
                found[quantity] = values
        for given in ("corrupted", "negative"):
            if (condition or given) == given and (condition or test in FORCED):
                # Beside a forced text: how often the model says the same without being given it.
                quantity = Quantity(key, test, FOLLOWS_GIVEN, given, condition, where)
                found[quantity] = _follows(given, group, questions)
    return found


def _follows(
    given: str, rows: Sequence[Mapping[str, Any]], questions: Sequence[TestQuestion]
) -> list[float | None]:
    values: list[float | None] = [None] * len(questions)
    for row in rows:
        one = questions[row["place"]]
        fitting = (one.negative_answer,) if given == "negative" else one.corrupted_answers
        if fitting:
            last = row["output"].strip().rpartition("\n")[2].strip()
            values[row["place"]] = float(last in fitting)
    return values


def _counted(score: Score, step: str) -> float | None:
    value = score.steps.get(step) if step else score.value
    if isinstance(value, Unparsed):
        return value.counted
    return value


@cache
def _steps(test: str) -> tuple[Step, ...]:
    return chain([Step(LETTERS[letter], letter) for letter in test.split("+")])


def _example(question: TestQuestion, test: str, forced: bool) -> Example:
    texts = {
        "repeat": question.input,
        "paraphrase": question.paraphrase,
        "answer": question.reference,
    }
    steps = _steps("A" if forced else test)
    return Example(
        TESTS[test],
        question.input,
        language="en",
        steps=tuple(replace(step, expected=texts[step.task]) for step in steps),
        reference=question.reference,
    )
