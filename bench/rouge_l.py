"""``make bench-rouge-l``: ROUGE-L against the package `rouge_score`, on real outputs.

Two systems' outputs for each of the 805 SeqEval prompts, one taken as the other's reference; cut to
300 words, and whole (once: it takes the package half a minute). Both with the tokenizer of
`rouge_score`, without stemming.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.lines import Line, options, over_rounds, show, timed
from sit_core.metrics.rouge_l import ROUGE_SCORE, UNICODE, rouge_l

DATA = Path(__file__).parents[2] / "shared" / "data" / "seqeval"
RUNS = (
    "self-seq-Meta-Llama-3-8B-alpaca_rplus_it.jsonl",
    "self-seq-Meta-Llama-3-8B-flancot_it_same_instance_output_tokens.jsonl",
)
WORDS = 300
Pairs = list[tuple[str, str]]


def outputs(folder: Path) -> Pairs:
    """One system's output and the other's, for each prompt."""
    first, second = (
        [
            json.loads(line)["output"] or ""
            for line in (folder / run).read_text("utf-8").splitlines()
        ]
        for run in RUNS
    )
    return list(zip(first, second, strict=True))


def cut(pairs: Pairs, words: int) -> Pairs:
    """The first so many words of each.

    >>> cut([("a b c", "d")], 2)
    [('a b', 'd')]
    """
    return [tuple(" ".join(text.split()[:words]) for text in pair) for pair in pairs]  # type: ignore[misc]


def ours(pairs: Pairs, tokenizer: str = ROUGE_SCORE) -> list[float]:
    """By this project."""
    return [rouge_l(reference, output, tokenizer) for reference, output in pairs]


def theirs(pairs: Pairs, scorer: Any) -> list[float]:
    """By the package."""
    return [scorer.score(*pair)["rougeL"].fmeasure for pair in pairs]


def measure(name: str, pairs: Pairs, times: int) -> list[Line]:
    """The ratio, and the greatest difference of a value."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer, ratios, found = RougeScorer(["rougeL"]), list[float](), list[list[float]]()
    unicode = []
    for _ in range(times):
        one = timed(lambda: found.append(ours(pairs)))
        other = timed(lambda: found.append(theirs(pairs, scorer)))
        unicode.append(other / timed(lambda: ours(pairs, UNICODE)))
        ratios.append(other / one)
    return [
        over_rounds(f"{name}: times as fast", ratios, "x", 15),
        Line(
            f"{name}: greatest difference of a value", difference(*found[:2]), "", 0, at_most=True
        ),
        over_rounds(f"{name}: times as fast, words of any script", unicode, "x"),
    ]


def difference(one: Sequence[float], other: Sequence[float]) -> float:
    """The greatest.

    >>> difference([0.5, 0.25], [0.5, 0.5])
    0.25
    """
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def main() -> None:
    """Measure and print."""
    arguments = options(__doc__ or "").parse_args()
    if not DATA.is_dir():
        print(f"ROUGE-L: skipped, the folder of real outputs ({DATA.name}) is not here")  # noqa: T201
        return
    pairs = outputs(DATA)
    lines = measure(f"{WORDS} words", cut(pairs, WORDS), arguments.times)
    lines += measure("whole", pairs, 1)
    show(f"ROUGE-L of {len(pairs)} pairs of outputs against rouge_score", lines, arguments.out)


if __name__ == "__main__":
    main()
