"""What the models of a training seed write: greedy, one compressed JSONL file a model.

A line is an output: ``test`` (the chain that was asked), ``place`` (of the question), ``output``,
``cut`` where it reached the limit, and of forced ones ``condition`` and ``where`` the text was put.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.embedded.prompt import prompt
from sit_core.embedded.quiz_tests import (
    CONDITIONS,
    FORCED,
    LETTERS,
    OF_LONG,
    TESTS,
    TestQuestion,
    quiz_questions,
)
from sit_core.microlab.build import load_base
from sit_core.microlab.seed_run import Say, SeedRun
from sit_core.microlab.tuning_rows import CHAINS, JOIN
from sit_core.reproduction.seed_files import QUESTIONS_FILE, SUFFIX, write_lines

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

WHERE = ("output", "both")
"""The text stands at the beginning of the output; and at the end of the instruction as well."""
SLACK = 24
"""Tokens beyond the longest expected output that a model may write before it is cut off."""
ANSWER_TOKENS = 12
"""The same for an answer after a forced text."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt, as the model is given it."""

    test: str
    place: int
    text: str
    """With the forced text, where there is one."""
    condition: str = ""
    where: str = ""


def write_outputs(run: SeedRun, models: Sequence[str], say: Say, questions: int) -> None:
    """Ask the models that have no outputs yet.

    Args:
        run: whose models are there.
        models: their keys.
        say: gets a line per model.
        questions: how many.
    """
    import torch

    torch.set_num_threads(run.threads)
    asked = quiz_questions(run.world, questions)
    write_lines(run.folder / QUESTIONS_FILE, [one.to_dict() for one in asked])
    for key in models:
        path = run.folder / f"{key}{SUFFIX}"
        if path.exists():
            continue
        model, tokenizer = load_base(run.place(key))
        prompts = list(_tests(asked))
        if CHAINS.get(key):  # texts are forced where a chain was learned
            prompts += _forced(asked)
        groups: dict[tuple[str, bool], list[int]] = {}
        for i, one in enumerate(prompts):
            groups.setdefault((one.test, bool(one.condition)), []).append(i)
        rows: list[dict[str, Any] | None] = [None] * len(prompts)
        for (test, forced), places in groups.items():
            limit = ANSWER_TOKENS if forced else _limit(tokenizer, asked, test)
            outputs = generate(model, tokenizer, [prompts[i].text for i in places], limit)
            for i, (output, cut) in zip(places, outputs, strict=True):
                rows[i] = _row(prompts[i], output, cut=cut)
        write_lines(path, [row for row in rows if row is not None])
        say(f"{key}: {len(rows):,} outputs")


def generate(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    texts: Sequence[str],
    limit: int,
) -> list[tuple[str, bool]]:
    """What the model writes after each text, and whether it was cut off; greedy.

    Args:
        model: in evaluation or training mode; it is put into the first.
        tokenizer: pads on the left.
        texts: whole prompts.
        limit: tokens that are written at most.
    """
    import torch

    model.eval()
    found: list[tuple[str, bool]] = [("", False)] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        given = tokenizer(
            [texts[i] for i in places],
            return_tensors="pt",
            padding=True,
            return_token_type_ids=False,
        )
        with torch.no_grad():
            written = model.generate(**given, max_new_tokens=limit, do_sample=False)
        end = tokenizer.eos_token_id
        for i, ids in zip(places, written[:, given["input_ids"].shape[1] :].tolist(), strict=True):
            cut = end not in ids
            found[i] = (tokenizer.decode(ids, skip_special_tokens=True), cut)
    return found


def _tests(asked: Sequence[TestQuestion]) -> Iterator[Asked]:
    for test, instruction in TESTS.items():
        for place, one in enumerate(asked[: OF_LONG if test.count("+") > 1 else None]):
            yield Asked(test, place, prompt(instruction, one.input))


def _forced(asked: Sequence[TestQuestion]) -> Iterator[Asked]:
    for test, task in FORCED.items():
        for condition in CONDITIONS:
            for where in WHERE:
                for place, one in enumerate(asked):
                    text = _text_of(one, task, condition)
                    if text:
                        instruction = TESTS[test] + (f"\n{text}" if where == "both" else "")
                        given = prompt(instruction, one.input) + text + JOIN
                        yield Asked(test, place, given, condition, where)


def _text_of(one: TestQuestion, task: str, condition: str) -> str:
    if condition == "negative":
        return one.negative
    if condition == "corrupted":
        return one.corrupted
    return one.input if task == "repeat" else one.paraphrase


def _limit(tokenizer: "PreTrainedTokenizerBase", asked: Sequence[TestQuestion], test: str) -> int:
    """Tokens of the longest expected output, and some."""
    texts = (
        JOIN.join(
            {"repeat": one.input, "paraphrase": one.paraphrase, "answer": one.reference}[
                LETTERS[letter]
            ]
            for letter in test.split("+")
        )
        for one in asked
    )
    return max(len(tokenizer(text)["input_ids"]) for text in texts) + SLACK


def _row(asked: Asked, output: str, *, cut: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"test": asked.test, "place": asked.place, "output": output}
    if asked.condition:
        said |= {"condition": asked.condition, "where": asked.where}
    return said | ({"cut": True} if cut else {})
