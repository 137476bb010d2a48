"""Held-out items and how well a model does on them, greedy."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.embedded.prompt import prompt
from sit_core.embedded.skills import SKILLS, Item
from sit_core.embedded.strings import known_words
from sit_core.embedded.world import World

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SLACK = 8
"""Tokens beyond the reference's length that a model may write before it is cut off."""


@dataclass(frozen=True)
class SkillRate:
    """How one skill went."""

    skill: str
    sort: str
    """Kind of input, or ``all``."""
    items: int
    followed: float
    """Share that did what was asked, right or wrong."""
    right: float
    """Share that is the reference, character by character."""


def held_out_items(world: World, skill: str, count: int, seed: int = 0) -> list[Item]:
    """Items of this skill that training never shows; the same for the same seeds."""
    rng = random.Random(f"{world.seed}/held out/{skill}/{seed}")
    found: dict[str, Item] = {}
    while len(found) < count:
        item = SKILLS[skill](world, rng, held=True)
        found.setdefault(f"{item.instruction}\n{item.input}", item)
    return list(found.values())


def greedy(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    items: Sequence[Item],
    batch_size: int = 32,
) -> list[str]:
    """What the model writes for each item, up to the end mark, in the order of the items."""
    import torch

    outputs = [""] * len(items)
    order = sorted(range(len(items)), key=lambda i: len(items[i].input))
    model.eval()
    for start in range(0, len(order), batch_size):
        places = order[start : start + batch_size]
        prompts = [prompt(items[i].instruction, items[i].input) for i in places]
        given = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
        longest = max(len(tokenizer(items[i].response)["input_ids"]) for i in places)
        with torch.no_grad():
            written = model.generate(
                **given.to(model.device), max_new_tokens=longest + SLACK, do_sample=False
            )
        for i, ids in zip(places, written[:, given["input_ids"].shape[1] :], strict=True):
            outputs[i] = tokenizer.decode(ids, skip_special_tokens=True)
    model.train()
    return outputs


def followed(item: Item, output: str) -> bool:
    r"""Whether the output does what was asked, right or wrong.

    An answer is the text of one of the choices; a repetition, paraphrase or translation
    shares nine tenths (eight, for translations) of its words, in order, with the reference, and a
    paraphrase is not the input again.

    >>> item = Item("answer", "Answer.", "Question: What?\nChoices: A:cow, B:owl", "cow")
    >>> followed(item, "owl"), followed(item, "dog"), followed(item, "")
    (True, False, False)
    """
    if item.skill == "answer":
        choices = item.input.split("\n")[-1].split(": ", 1)[1].split(", ")
        return output in {choice.partition(":")[2] for choice in choices}
    if item.skill == "open answer":
        return output in known_words()
    if item.skill == "paraphrase" and output == item.input:
        return False
    return overlap(item.response, output) >= (0.8 if item.skill == "translate" else 0.9)


def overlap(reference: str, output: str) -> float:
    """Share of words in the longest common subsequence, of the longer text's words.

    >>> overlap("a cow is brown", "a cow is an animal")
    0.6
    """
    from rapidfuzz.distance import LCSseq

    left, right = reference.split(), output.split()
    longer = max(len(left), len(right))
    return LCSseq.similarity(left, right) / longer if longer else 1.0


def figures(items: Sequence[Item], outputs: Sequence[str], *, by_sort: bool) -> list[SkillRate]:
    """One figure per skill, and per kind of input if asked."""
    groups: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for item, output in zip(items, outputs, strict=True):
        judged = followed(item, output), output == item.response
        groups.setdefault((item.skill, "all"), []).append(judged)
        if by_sort:
            groups.setdefault((item.skill, item.sort), []).append(judged)
    return [
        SkillRate(
            skill,
            sort,
            len(judged),
            sum(f for f, _ in judged) / len(judged),
            sum(r for _, r in judged) / len(judged),
        )
        for (skill, sort), judged in sorted(groups.items())
    ]


def measure(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    world: World,
    count: int,
    *,
    by_sort: bool = False,
) -> list[SkillRate]:
    """Figures of all skills on ``count`` held-out items each."""
    items = [item for skill in SKILLS for item in held_out_items(world, skill, count)]
    return figures(items, greedy(model, tokenizer, items), by_sort=by_sort)


def as_rows(found: Sequence[SkillRate]) -> list[dict[str, Any]]:
    """The figures for a JSON file."""
    return [
        {
            "skill": f.skill,
            "sort": f.sort,
            "items": f.items,
            "followed": round(f.followed, 6),
            "right": round(f.right, 6),
        }
        for f in found
    ]
