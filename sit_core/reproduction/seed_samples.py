"""The outputs behind a claim, question by question: what was asked, written and counted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sit_core.embedded.quiz_tests import TestQuestion
from sit_core.reproduction import claims
from sit_core.reproduction.seed_files import (
    SUFFIX,
    read_lines,
    read_questions,
    values_of_model,
)
from sit_core.results.claims import Claim, Quantity


def samples_of(
    claim: Claim, seed: int, titles: Mapping[str, str], folder: Path | None = None
) -> list[dict[str, Any]]:
    """A row per question, with the outputs that the claim compares and what each counts.

    Args:
        claim: a testable one.
        seed: a training seed whose outputs are there.
        titles: key of a model → what it is called.
        folder: of the seeds; None: those that ship.

    Raises:
        SitError: an output can't be read.
    """
    folder = folder or claims.SEEDS
    questions = read_questions(folder / str(seed))
    rows: list[dict[str, Any]] = [
        {"question": one.input, "right answer": one.reference} for one in questions
    ]
    for quantity in (claim.value, claim.minus):
        if quantity is not None:
            _add(rows, quantity, folder / str(seed), titles, questions)
    return rows


def _add(
    rows: list[dict[str, Any]],
    of: Quantity,
    folder: Path,
    titles: Mapping[str, str],
    questions: list[TestQuestion],
) -> None:
    key = (of.test, of.condition, of.where)
    lines = [
        row
        for row in read_lines(folder / f"{of.model}{SUFFIX}")
        if (row["test"], row.get("condition", ""), row.get("where", "")) == key
    ]
    outputs = {row["place"]: row["output"] for row in lines}
    values = values_of_model(of.model, lines, questions)[of]
    for place, row in enumerate(rows):
        value = values[place]
        row[of.said(titles)] = "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
        row[f"output: {of.said(titles)}"] = outputs.get(place, "")
