"""Tables 1, 2, 5 and 6 of the paper for any set of models: from predictions to cells, pure.

Every cell has its n, a 95 % interval and the outputs behind it. As on the Scores page an output
without what was asked for (an answer, the part) counts as 0, and beside it stands how many there
are; what there is nothing to compare with is left out, with the reason.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sit_core.errors import SitError
from sit_core.metrics.registry import Options, Score, scores_of
from sit_core.records import Prediction, Unparsed
from sit_core.results.scores import score_interval
from sit_core.statistics import LEVEL
from sit_core.statistics.interval import figure_text

FOLLOWING, ACCURACY, ROUGE, BERT = "following", "accuracy", "rouge-l", "bertscore"
NO_ENCODER = "BERTScore was not asked for; sit microlab report --encoder names an encoder for it."
Outputs = Mapping[str, Mapping[str, Sequence[Prediction]]]
"""Model → test instruction (its chain, such as ``R+A``) → outputs."""


@dataclass(frozen=True, slots=True)
class CellKey:
    """What a number is about."""

    model: str
    test: str
    """The chain that was asked."""
    metric: str
    step: str = ""
    """A step's key; empty: the whole output."""


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One number of a table."""

    place: CellKey
    value: float | None
    """0 to 1, over the n outputs; None where there is none."""
    low: float | None
    high: float | None
    n: int
    """The outputs that have something to be compared with."""
    without: int = 0
    """Outputs without an answer or the part (in n, as 0), or with nothing to be compared with (not
    in n); ``reasons`` say which."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why, the commonest first."""
    seeds: tuple[float, ...] = ()
    """The same number for other trainings."""
    method: str | None = None
    """How `low` and `high` were made; a key of `sit_core.statistics.METHODS`."""
    scored: int | None = None
    """Of the n outputs, those that have a value."""
    mean_scored: float | None = None
    """Over those alone: *accuracy of answered*, *rouge-l of present*."""

    @property
    def shown(self) -> str:
        """In percent, with interval and n.

        >>> place = CellKey("it", "R+A", "following")
        >>> PaperCell(place, .18, .117, .267, 100, seeds=(.1, .25)).shown
        '18.0 [11.7–26.7] n=100 · seeds 10–25'
        >>> PaperCell(place, None, None, None, 0, 100).shown
        '– (100 without)'
        """
        if self.value is None:
            return f"– ({self.without} without)" if self.without else "–"
        text = figure_text(self.value, self.low, self.high, n=self.n)
        if self.without:
            text += f", {self.without} without"
        if self.seeds:
            text += f" · seeds {100 * min(self.seeds):.0f}–{100 * max(self.seeds):.0f}"
        return text


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row as the paper has it, in percent; None where it gives nothing."""

    model: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ReproductionTable:
    """One table: our rows, and below them the paper's."""

    key: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PaperCell | None, ...]], ...]
    """Title of the model and its cells."""
    paper: tuple[PaperRow, ...] = ()
    notes: tuple[str, ...] = ()
    """Why a column is empty, and whatever else must be known."""


@dataclass(frozen=True, slots=True)
class Direction:
    """One thing that the paper lets expect, and whether it came out."""

    text: str
    bound: str
    found: str
    holds: bool | None
    """None where the models that it is about are not there."""
    places: tuple[CellKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Reproduction:
    """All of it."""

    tables: tuple[ReproductionTable, ...]
    directions: tuple[Direction, ...]
    cells: Mapping[CellKey, PaperCell]
    """Every number, also those that are in no table."""
    about: Mapping[str, Any]
    """Questions, seeds, hashes, versions."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit microlab report --json``."""
        return {
            "about": dict(self.about),
            "level": LEVEL,
            "tables": [_table_dict(table) for table in self.tables],
            "directions": [asdict(direction) for direction in self.directions],
        }


def cells_of(
    outputs: Outputs, options: Options | None = None, *, encoder: bool = False
) -> tuple[dict[CellKey, PaperCell], str]:
    """Every number there is about these outputs, and why there is no BERTScore ("": there is).

    Args:
        outputs: by model and test instruction.
        options: of the metrics.
        encoder: whether BERTScore is wanted; else the reason is that nobody asked for it.
    """
    options = options or Options()
    found: dict[CellKey, PaperCell] = {}
    reason = "" if encoder else NO_ENCODER
    for model, tests in outputs.items():
        for test, predictions in tests.items():
            for metric in (FOLLOWING, ACCURACY, ROUGE):
                found |= _cells(model, test, metric, predictions, options)
            if not reason:
                try:
                    found |= _cells(model, test, BERT, predictions, options)
                except SitError as error:
                    reason = str(error)
    if reason:
        found = {place: cell for place, cell in found.items() if place.metric != BERT}
    return found, reason


def _cells(
    model: str,
    test: str,
    metric: str,
    predictions: Sequence[Prediction],
    options: Options,
) -> dict[CellKey, PaperCell]:
    scores = list(scores_of(metric, predictions, options))
    steps = list(dict.fromkeys(key for score in scores for key in score.steps))
    found = {}
    for step in ("", *steps):
        place = CellKey(model, test, metric, step)
        found[place] = _cell(place, scores)
    return found


def _cell(place: CellKey, scores: Sequence[Score]) -> PaperCell:
    said = [score.steps.get(place.step) if place.step else score.value for score in scores]
    values = [value for value in said if isinstance(value, float)]
    lacking = [value for value in said if isinstance(value, Unparsed)]
    counted = values + [v.counted for v in lacking if v.counted is not None]
    reasons = Counter(value.reason for value in lacking)
    n = len(counted)
    span = score_interval(place.metric, counted, [1] * n)
    return PaperCell(
        place,
        value=sum(counted) / n if n else None,
        low=span.low if span else None,
        high=span.high if span else None,
        n=n,
        without=len(lacking),
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        method=span.method if span else None,
        scored=len(values),
        mean_scored=sum(values) / len(values) if values else None,
    )


def _table_dict(table: ReproductionTable) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "about": table.about,
        "columns": list(table.columns),
        "rows": [
            {"model": title, "cells": [None if c is None else cell_dict(c) for c in cells]}
            for title, cells in table.rows
        ],
        "paper": [{"model": row.model, "values": list(row.values)} for row in table.paper],
        "notes": list(table.notes),
    }


def cell_dict(cell: PaperCell) -> dict[str, Any]:
    """A cell as JSON."""
    known = asdict(cell)
    place = known.pop("place")
    return {**place, **known, "seeds": list(cell.seeds), "reasons": dict(cell.reasons)}


def cell_from(known: Mapping[str, Any]) -> PaperCell:
    """A cell as `cell_dict` wrote it."""
    place = CellKey(*(known[name] for name in ("model", "test", "metric", "step")))
    names = ("value", "low", "high", "n", "without", "reasons", "method", "scored", "mean_scored")
    numbers = {name: known[name] for name in names}
    return PaperCell(place, **numbers, seeds=tuple(known["seeds"]))
