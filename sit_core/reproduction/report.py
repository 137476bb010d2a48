"""``sit microlab report``: the paper's tables for the embedded models, from what they wrote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.metrics.following import RULES_WITHOUT_TRANSLATION
from sit_core.metrics.registry import Options
from sit_core.reproduction.outputs import FOLDER, read_index, read_outputs
from sit_core.reproduction.plan import MODELS
from sit_core.results.reproduction import (
    ACCURACY,
    FOLLOWING,
    NO_ENCODER,
    CellKey,
    Outputs,
    PaperCell,
    Reproduction,
    cell_dict,
    cell_from,
    cells_of,
)
from sit_core.results.reproduction_tables import directions, tables, with_seeds
from sit_core.settings import DATA

PAPER = DATA / "reproduction" / "paper_tables.json"
SEEDS = "seeds.json"
"""Beside the outputs: the same figures for adapters of other training seeds."""
FIGURES = "figures.json"
"""Beside the outputs: the figures of these, so that a page need not score them anew."""
MEANS = 2
"""Counts up when the same outputs get other means or intervals: kept figures are then made anew."""


def reproduction(
    folder: Path = FOLDER, *, encoder: str | None = None, layers: int | None = None
) -> Reproduction:
    """The report on the outputs in a folder, all of them scored now.

    Args:
        folder: as `sit_core.reproduction.outputs` writes it.
        encoder: of BERTScore; None: no BERTScore.
        layers: BERTScore's, where it is not known for the encoder.

    Raises:
        SitError: there are no outputs.
    """
    options = Options("unicode", encoder, layers) if encoder else Options()
    cells, no_bertscore = cells_of(read_outputs(folder), options, encoder=bool(encoder))
    return _report(folder, cells, no_bertscore or f"encoder {encoder}", no_bertscore)


def kept_reproduction(folder: Path = FOLDER) -> Reproduction:
    """The same, without BERTScore, from the figures that were kept; made anew if these are old.

    Raises:
        SitError: there are no outputs.
    """
    try:
        kept = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return reproduction(folder)
    if kept["of"] != _state(read_index(folder)):
        return reproduction(folder)
    cells = {cell.place: cell for cell in map(cell_from, kept["cells"])}
    return _report(folder, cells, NO_ENCODER, NO_ENCODER)


def keep_figures(folder: Path, found: Reproduction) -> None:
    """Keep the figures beside the outputs that they are of."""
    cells = [cell_dict(replace(cell, seeds=())) for cell in found.cells.values()]
    kept = {"of": _state(read_index(folder)), "cells": cells}
    write_json(folder / FIGURES, kept, indent=None)


def _state(index: Mapping[str, Any]) -> dict[str, Any]:
    """What the figures depend on."""
    outputs = {key: known["sha256"] for key, known in index["models"].items()}
    return {
        "rules": RULES_WITHOUT_TRANSLATION,
        "version": __version__,
        "outputs": outputs,
        "means": MEANS,
    }


def _report(
    folder: Path, cells: Mapping[CellKey, PaperCell], bertscore: str, no_bertscore: str
) -> Reproduction:
    index, others = read_index(folder), other_seeds(folder)
    told = with_seeds(cells, list(others.values()))
    titles = {key: MODELS[key].title for key in MODELS if key in index["models"]}
    known = {
        "questions": index["questions"],
        "outputs": _state(index)["outputs"],
        "rules": RULES_WITHOUT_TRANSLATION,
        "paper": paper()["source"],
        "training_seeds": [0, *map(int, others)],
        "bertscore": bertscore,
    }
    return Reproduction(
        tables(told, titles, paper(), no_bertscore), directions(told, titles), told, known
    )


def paper() -> dict[str, Any]:
    """The paper's numbers."""
    return dict(json.loads(PAPER.read_text(encoding="utf-8")))


def other_seeds(folder: Path) -> dict[str, dict[CellKey, float]]:
    """Training seed → the figures of its adapters; empty where none were made.

    Means of parts that were kept before they counted a missing part as 0 (their rows don't say how
    many have a value) are other figures, and so are rates of following by earlier rules: they are
    left out.
    """
    try:
        said = json.loads((folder / SEEDS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise SitError(f"The figures of other trainings ({SEEDS}) can't be read.") from None
    return {
        name: {
            CellKey(r["model"], r["test"], r["metric"], r["step"]): r["value"]
            for r in rows
            if _is_of_now(r)
        }
        for name, rows in said.items()
    }


def _is_of_now(row: Mapping[str, Any]) -> bool:
    if row["metric"] == FOLLOWING:
        return bool(row.get("rules") == RULES_WITHOUT_TRANSLATION)
    return "scored" in row or row["metric"] == ACCURACY


def figures_of(outputs: Outputs) -> list[dict[str, Any]]:
    """The figures of one training, for `SEEDS`."""
    cells, _ = cells_of(outputs)
    return [
        {
            "model": place.model,
            "test": place.test,
            "metric": place.metric,
            "step": place.step,
            "value": cell.value,
            "n": cell.n,
            "scored": cell.scored,
            "rules": RULES_WITHOUT_TRANSLATION if place.metric == FOLLOWING else "",
        }
        for place, cell in cells.items()
        if cell.value is not None
    ]


def runs_of(places: Sequence[CellKey]) -> list[str]:
    """The runs in the store that hold the outputs behind these numbers."""
    return list(dict.fromkeys(MODELS[place.model].run(place.test) for place in places))
