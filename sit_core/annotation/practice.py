"""Practice samples that a study's maker can take: worked examples of ours, or a file of their own.

A file is JSON lines; each row is one sample::

    {"instruction": "…", "input": "…", "output": "…",
     "verdicts": {"repeat": "yes", "answer": "no"}, "reason": "No answer follows."}

``verdicts`` (step key → yes, partly, no or unsure) and ``reason`` may be missing: such a sample is
practice only, without anything said of it afterwards.
"""

import json
from collections.abc import Mapping
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import Verdict
from sit_core.store.practice import PracticeSample, asked_of, practice_problems
from sit_core.store.studies import Study

MAX_SHOWN = 20
"""So many faults of a file are named."""
MAX_BYTES = 20_000_000
"""Of a file; a study has at most a hundred practice samples."""

_INSTRUCTION = "First repeat the input, then answer the question."
_YES, _PARTLY, _NO = Verdict.YES, Verdict.PARTLY, Verdict.NO
# (input, output, repeat, answer, why): the rules of sit_core.tasks.guidelines, one at a time.
_WORKED = (
    (
        "Where do bees carry nectar?\nA: to the hive\nB: to the sea",
        "Where do bees carry nectar?\nA: to the hive\nB: to the sea\n\nAnswer: B",
        _YES,
        _YES,
        "The question and its choices are there, and an answer is given. That it is wrong plays no "
        "part.",
    ),
    (
        "What does a tailor chalk on?\nA: cloth\nB: bread",
        "The question is: What does a tailor chalk on? It is cloth.",
        _PARTLY,
        _YES,
        "The choices are missing, so the input is repeated only in part.",
    ),
    (
        "When does a ferry leave?\nA: at high tide\nB: never",
        "When does a ferry leave?\nA: at high tide\nB: never\n\nI will now answer the question.",
        _YES,
        _NO,
        "To announce an answer is not to give one.",
    ),
    (
        "What is a kiln for?\nA: to fire clay\nB: to sleep",
        "A kiln is for firing clay.",
        _NO,
        _YES,
        "The question completed with a choice is an answer, but no repetition.",
    ),
    (
        "Who mends shoes?\nA: a cobbler\nB: a cook",
        "I'm sorry, I can't help with that.",
        _NO,
        _NO,
        "A refusal does neither of the steps.",
    ),
)


def worked_samples(study: Study) -> list[PracticeSample]:
    """Worked examples with verdicts and reasons; empty unless the study asks to repeat and answer.

    The texts are our own and no outputs of any model.
    """
    keys = {step.task: step.key for step in study.steps}
    if set(keys) != {"repeat", "answer"} or len(study.steps) != 2 or study.ask_order:
        return []
    return [
        PracticeSample(
            _INSTRUCTION, question, output, {keys["repeat"]: repeat, keys["answer"]: answer}, why
        )
        for question, output, repeat, answer, why in _WORKED
    ]


def read_practice(data: bytes, study: Study) -> list[PracticeSample]:
    """The practice samples of a file.

    Raises:
        UsageError: all that is wrong with it, with the lines' numbers.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB; give fewer samples."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The file is no UTF-8 text; save it as UTF-8.") from None
    found: list[PracticeSample] = []
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"Line {number} is no JSON.")
            continue
        sample = _sample(row, study)
        if isinstance(sample, str):
            problems.append(f"Line {number}: {sample}")
        else:
            found.append(sample)
    if not found and not problems:
        problems = ["The file has no rows."]
    if not problems:
        problems = practice_problems(study, found)
    if problems:
        more = len(problems) - MAX_SHOWN
        rest = [f"{more} more such faults."] if more > 0 else []
        raise UsageError(" ".join([*problems[:MAX_SHOWN], *rest]))
    return found


def _sample(row: Any, study: Study) -> PracticeSample | str:
    """A row's sample, or what is wrong with it."""
    if not isinstance(row, Mapping):
        return "it is no object with instruction, input and output."
    texts = {name: row.get(name) or "" for name in ("instruction", "input", "output", "reason")}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        return f"{' and '.join(wrong)} must be text."
    if "output" not in row:
        return "it has no output."
    verdicts = row.get("verdicts") or {}
    if not isinstance(verdicts, Mapping):
        return 'verdicts must be an object, such as {"repeat": "yes"}.'
    known = {verdict.value for verdict in Verdict}
    for step, verdict in verdicts.items():
        if step not in asked_of(study):
            return f"{step[:100]!r} is no step of this study ({', '.join(asked_of(study))})."
        if verdict not in list(known):
            return f"{str(verdict)[:100]!r} is no verdict; use {', '.join(Verdict)}."
    return PracticeSample(
        texts["instruction"],
        texts["input"],
        texts["output"],
        {step: Verdict(verdict) for step, verdict in verdicts.items()},
        texts["reason"],
    )
