"""The figures in front: who follows all steps most and next, how much is judged, what is unsure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pages.results import cached
from pages.results.links import samples_address
from pages.results.rates import samples_of
from pages.shared.component import component, follow
from pages.shared.page_list import address
from sit_core.records import JudgeKind
from sit_core.results.following import FollowingRow, FollowingTable
from sit_core.results.table_query import TableQuery

_TILES = component("results_tiles", Path(__file__).parent, ["tiles.js"], ["tiles.css"])
NAMED = 2
"""So many runs with the same rate are named."""


def show_tiles(
    table: FollowingTable, question: TableQuery, state: str, places: Mapping[str, int]
) -> None:
    """Draw the tiles; a click on one opens its samples.

    Args:
        table: of the question.
        question: what is shown.
        state: of the store, see `cached`.
        places: run → its order of arrival, which is its colour.
    """
    tiles = [
        _rate(table.leading(1), question, places, first=True),
        _rate(table.leading(2), question, places, first=False),
        _judged(table, question, state),
        _unsure(table, question),
    ]
    data = {"tiles": [tile for tile in tiles if tile is not None]}
    result = _TILES(key="results tiles", data=data, on_go_change=_nothing)
    follow(result.go)


def _nothing() -> None:
    """A trigger reruns the page; it is answered there."""


def _rate(
    rows: Sequence[FollowingRow], question: TableQuery, places: Mapping[str, int], *, first: bool
) -> dict[str, Any] | None:
    """A rate with its interval, and whose it is: never how far it lies above another."""
    if not rows:
        return None
    row = rows[0]
    what = "all steps" if "+" in row.letter else row.letter
    more = len(rows) - NAMED
    words = f"95 %: {row.span} · n={row.n:,}"
    if len(rows) > 1:  # their n and intervals may differ
        words = "the same rate" if more <= 0 else f"and {more:,} more with the same rate"
    link = samples_of(question, row.run, row.step, "decided")
    return {
        "kind": "rate",
        "label": f"Follow{'s' * (len(rows) == 1)} {what} most" if first else "Next",
        "value": row.percent,
        "runs": [{"name": one.run, "place": places.get(one.run, 0)} for one in rows[:NAMED]],
        "words": words,
        "href": samples_address(**link) if len(rows) == 1 else None,
    }


def _judged(table: FollowingTable, question: TableQuery, state: str) -> dict[str, Any]:
    """How many samples are judged, and by whom; of several annotators also how many judgments."""
    judged, samples = cached.following(replace(question, combine="majority"), state).judged()
    words = []
    share = judged, samples
    if question.annotator is None:
        given, wanted = cached.following(replace(question, combine="each"), state).judged()
        if wanted > samples:
            words.append(f"{given:,} of {wanted:,} judgments given")
            share = given, wanted
    if unusable := sum(table.unusable.values()):
        words.append(f"{unusable:,} with nothing usable")
    words.append(", ".join(f"{one.name} {one.samples:,}" for one in table.annotators))
    go_on = question.by == JudgeKind.HUMAN and share[0] < share[1]
    return {
        "kind": "count",
        "label": "Samples judged",
        "value": f"{judged:,} of {samples:,}",
        "runs": [],
        "words": " · ".join(word for word in words if word),
        "share": share[0] / max(share[1], 1),
        "href": address("annotate", {"study": question.study}) if go_on else None,
    }


def _unsure(table: FollowingTable, question: TableQuery) -> dict[str, Any]:
    whole = table.whole()
    steps = {row.step for row in whole}
    unsure = sum(row.unsure for row in whole)
    link = samples_of(question, None, whole[0].step, "unsure") if whole else {}
    what = "samples" if question.combine == "majority" or question.annotator else "judgments"
    return {
        "kind": "count",
        "label": "Unsure",
        "value": f"{unsure:,}",
        "runs": [],
        "words": f"{what} counted apart, in no rate",
        "href": samples_address(**link) if unsure and len(steps) == 1 else None,
    }
