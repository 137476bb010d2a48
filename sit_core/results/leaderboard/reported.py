"""Columns by their keys, benchmarks, and others' reported results as rows. Pure.

The keys of columns that have several parts: ``score/accuracy//``, ``benchmark/…``. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from sit_core.metrics.registry import METRICS
from sit_core.results.leaderboard.records import (
    BENCHMARK,
    CHARACTERS,
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    QUALITY,
    SCORE,
    WINS,
    WORDS,
    BoardColumn,
    BoardFigure,
    Kind,
    LeaderboardQuestion,
    LeaderboardRow,
)
from sit_core.store.leaderboard import BenchmarkRow
from sit_core.store.systems import System

NORMAL = 1.959963984540054
"""So many standard errors to each side hold 95 %."""
KINDS: dict[str, tuple[str, Kind, str]] = {
    FOLLOWING: (
        "following (LLM)",
        "share",
        "Share of outputs in which the LLM judge found all tasks done, right or wrong.",
    ),
    FOLLOWING_HUMAN: (
        "following (people)",
        "share",
        "Share of outputs in which people found all tasks done, right or wrong.",
    ),
    FOLLOWING_RULE: (
        "following (rules)",
        "share",
        "Share of outputs in which rules found all tasks done: an estimate.",
    ),
    QUALITY: ("quality", "quality", "Mean of the LLM judge's ratings, 1 to 5."),
    WINS: ("win rate", "share", "Share of comparisons won; a tie counts half."),
    CHARACTERS: ("characters", "length", "Mean length of the outputs in characters."),
    WORDS: ("words", "length", "Mean length of the outputs in words between white space."),
}
"""Key → label, kind, and what is counted."""


def column_of(key: str, question: LeaderboardQuestion) -> BoardColumn:
    """The column of a key."""
    if key in KINDS:
        label, kind, about = KINDS[key]
        if key == WINS and question.reference is not None:
            label = f"wins vs {question.reference}"
        return BoardColumn(key, label, kind, about, tested=key in (FOLLOWING, QUALITY))
    name, setting, part = parts_of(key)
    if key.startswith(f"{SCORE}/"):
        label = f"{name} ({setting})" if setting else name
        about = (
            f"Mean of the automatic score {name}; an output without what was asked for counts as "
            "0, one with nothing to be compared with is left out."
        )
        return BoardColumn(key, f"{label} · {part}" if part else label, "share", about)
    label = f"{name} · {setting}" + (f" ({part})" if part else "")
    return BoardColumn(key, label, "number", f"The benchmark {name}, {setting}.")


def known_key(key: str) -> bool:
    """Whether a key is a column's.

    >>> known_key("quality"), known_key("score/accuracy//"), known_key("score/x"), known_key("x")
    (True, True, False, False)
    """
    kind, *parts = key.split("/")
    if kind == SCORE:
        return len(parts) == 3 and parts_of(key)[0] in METRICS
    return key in KINDS or (kind == BENCHMARK and len(parts) == 3 and all(parts[:2]))


def benchmark_figures(rows: Sequence[BenchmarkRow]) -> dict[str, dict[str, BoardFigure]]:
    """System → column → figure; the interval is the benchmark's own standard error."""
    found: dict[str, dict[str, BoardFigure]] = {}
    for row in rows:
        span = None if row.stderr is None else NORMAL * row.stderr
        found.setdefault(row.system, {})[key_of(BENCHMARK, row.task, row.metric, row.setting)] = (
            BoardFigure(
                row.value,
                row.n or 0,
                None if span is None else row.value - span,
                None if span is None else row.value + span,
                None if span is None else "stderr",
            )
        )
    return found


def reported_rows(systems: Sequence[System]) -> list[LeaderboardRow]:
    """Others' results as they said them."""
    return [
        LeaderboardRow(
            system=system.name,
            run=None,
            base_model=system.base_model,
            training_data=system.training_data,
            outputs=0,
            empty=0,
            errors=0,
            figures={
                key: _reported(figure) for key, figure in system.figures.items() if known_key(key)
            },
            source=_source(system.provenance),
            registered=True,
        )
        for system in systems
    ]


def _source(provenance: Mapping[str, Any]) -> str:
    """Where a row came from, and by whose verdicts, which may be others than the board's.

    >>> _source({"source": "x.csv", "judge": "J"})
    'x.csv (judge: J)'
    """
    words = {"judge": "judge", "duels_by": "comparing judge", "reference": "wins against"}
    said = [f"{word}: {provenance[key]}" for key, word in words.items() if provenance.get(key)]
    source = str(provenance.get("source", ""))
    return f"{source} ({'; '.join(said)})" if said else source


def _reported(figure: Any) -> BoardFigure:
    low, high = figure.get("low"), figure.get("high")
    return BoardFigure(
        figure["value"],
        figure.get("n") or 0,
        low,
        high,
        "reported" if low is not None and high is not None else None,
        without=figure.get("without") or 0,
    )


def key_of(kind: str, *parts: str) -> str:
    """The column's key.

    >>> key_of("score", "rouge-l", "a/b", "")
    'score/rouge-l/a%2Fb/'
    """
    return "/".join([kind, *(quote(part, safe=" ") for part in parts)])


def parts_of(key: str) -> tuple[str, str, str]:
    """The three parts behind the kind.

    >>> parts_of("score/rouge-l/a%2Fb/")
    ('rouge-l', 'a/b', '')
    """
    _, first, second, third = key.split("/")
    return unquote(first), unquote(second), unquote(third)
