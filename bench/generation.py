"""``make bench-generation``: 200 prompts, embedded model, in batches against one at a time.

Greedy, as many tokens at most as a run has by default, on two kinds of prompts: 200 held-out
questions asked for in sequence (repeat the input, then answer: what runs are made of), and 40
held-out items of each of the five skills, whose outputs are of 2 to 100 tokens. The target is set
for the first; of the second, reading the prompts is most of the work, which batches save little of.
Everything goes through ``load_model(...).generate``. Beside it, in the same run: transformers' own
``generate`` with padding, at its best batch size and number of threads, and its continuous batching
(``generate_batch``) at the best of a few settings; by itself that takes all of the memory there is,
and 40 times as long.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

from bench.lines import Line, options, over_rounds, show, timed
from sit_core.embedded.heldout import held_out_items
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.shipped import shipped_base
from sit_core.embedded.skills import SKILLS
from sit_core.embedded.world import World
from sit_core.models import GenerationSettings, Model, ModelSpec, load_model
from sit_core.records import Example

SEQUENCE = "First repeat the input, then answer the question."
SETTINGS = GenerationSettings()
SIZES = (16, 32, 64, 100, 200)
PAGED = ((32, 128), (64, 256), (128, 512))
"""Blocks of memory, tokens at once: settings of `generate_batch` to be tried."""
Texts = list[str]


def prompts(model: Model, count: int) -> dict[str, Texts]:
    """Both kinds, as they are sent."""
    world = World(Recipe().seed)
    asked = [Example(SEQUENCE, item.input) for item in held_out_items(world, "answer", count)]
    mixed = [
        Example(item.instruction, item.input)
        for skill in SKILLS
        for item in held_out_items(world, skill, count // len(SKILLS))
    ]
    return {
        "repeat, then answer": [model.prompt(example) for example in asked],
        "five skills": [model.prompt(example) for example in mixed],
    }


def together(model: Model, texts: Texts) -> Texts:
    """All prompts at once."""
    made = dict(model.generate(texts, SETTINGS))
    return [made[i].text for i in range(len(texts))]


def one_by_one(model: Model, texts: Texts) -> Texts:
    """Batches of one."""
    return [next(iter(model.generate([text], SETTINGS)))[1].text for text in texts]


class Theirs:
    """The same model by transformers alone."""

    def __init__(self, folder: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.config: Any = self.model.generation_config
        self.config.max_new_tokens = SETTINGS.max_new_tokens
        self.threads = torch.get_num_threads()

    def padded(self, texts: Texts, size: int, threads: int) -> None:
        """``generate``, so many prompts at once, in the order given."""
        import torch

        torch.set_num_threads(threads)
        for start in range(0, len(texts), size):
            given = self.tokenizer(
                texts[start : start + size],
                return_tensors="pt",
                padding=True,
                return_token_type_ids=False,
            )
            with torch.no_grad():
                made = self.model.generate(**given, do_sample=False)
            self.tokenizer.batch_decode(made, skip_special_tokens=True)
        torch.set_num_threads(self.threads)

    def paged(self, texts: Texts, blocks: int, tokens: int, threads: int) -> None:
        """``generate_batch``."""
        import torch
        from transformers import ContinuousBatchingConfig

        torch.set_num_threads(threads)
        made = self.model.generate_batch(
            [self.tokenizer(text)["input_ids"] for text in texts],
            generation_config=self.config,
            continuous_batching_config=ContinuousBatchingConfig(
                num_blocks=blocks, max_batch_tokens=tokens
            ),
        )
        self.tokenizer.batch_decode([one.generated_tokens for one in made.values()])
        torch.set_num_threads(self.threads)


Way = tuple[str, Callable[[], object]]


def fastest(ways: Iterable[Way]) -> Way:
    """The one that took least, each tried once."""
    return min(((timed(work), name, work) for name, work in ways), key=lambda way: way[0])[1:]


def same(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of equal texts, in percent.

    >>> same(["a", "b"], ["a", "c"])
    50.0
    """
    return 100 * sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def measure(kind: str, model: Model, theirs: Theirs, texts: Texts, times: int) -> list[Line]:
    """Ratios to batches of one; each round measures every way once."""
    threads = sorted({1, theirs.threads})
    padded = fastest(
        (f"size {size}, threads {n}", lambda size=size, n=n: theirs.padded(texts, size, n))
        for size in SIZES
        for n in threads
    )
    paged = fastest(
        (f"{a} blocks, {b} tokens", lambda a=a, b=b: theirs.paged(texts, a, b, threads[0]))
        for a, b in PAGED
    )
    together(model, texts[:20])
    found: dict[str, list[float]] = {"ours": [], "padded": [], "paged": []}
    alone, batched = list[str](), list[str]()
    for _ in range(times):
        slow = timed(lambda: alone.extend(one_by_one(model, texts)))
        found["ours"].append(slow / timed(lambda: batched.extend(together(model, texts))))
        found["padded"].append(slow / timed(padded[1]))
        found["paged"].append(slow / timed(paged[1]))
    target = 8 if kind == "repeat, then answer" else None
    return [
        over_rounds(f"{kind}: in batches / one at a time", found["ours"], "x", target),
        Line(f"{kind}: same texts as one at a time", same(alone, batched), "%", 99),
        over_rounds(f"  transformers, {padded[0]}", found["padded"], "x"),
        over_rounds(f"  generate_batch, {paged[0]}", found["paged"], "x"),
    ]


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--model", help="a folder  [default: the embedded model]")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    folder = arguments.model or str(shipped_base())
    theirs, lines = Theirs(folder), list[Line]()
    with closing(load_model(ModelSpec(folder, device="cpu"))) as model:
        for kind, texts in prompts(model, arguments.prompts).items():
            lines += measure(kind, model, theirs, texts, arguments.times)
    show(
        f"Generation: {arguments.prompts} prompts, embedded model, times as fast as one at a time",
        lines,
        arguments.out,
    )


if __name__ == "__main__":
    main()
