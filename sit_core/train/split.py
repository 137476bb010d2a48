"""Which rows are held out: by a hash of seed and question, so that none is trained on as well."""

import hashlib
from collections.abc import Sequence

from sit_core.errors import SitError
from sit_core.train.rows import TrainingRow


def split(
    rows: Sequence[TrainingRow], share: float, most: int, seed: int
) -> tuple[list[TrainingRow], list[TrainingRow]]:
    """Rows to train on and held-out rows, each in their order.

    A question that is there several times is wholly on one side.

    Args:
        rows: all rows.
        share: of the questions, that is held out; at least one is.
        most: so many held-out questions at most.
        seed: another seed holds out others.

    Raises:
        SitError: there are fewer than two questions.
    """
    questions = sorted({row.id for row in rows}, key=lambda one: _draw(seed, one))
    if len(questions) < 2:
        raise SitError("Expected at least two different rows, one to hold out, but found one.")
    held = set(questions[: max(1, min(most, round(len(questions) * share)))])
    return [r for r in rows if r.id not in held], [r for r in rows if r.id in held]


def sample(rows: Sequence[TrainingRow], most: int, seed: int) -> list[TrainingRow]:
    """At most so many rows, drawn by the seed, in their order."""
    if len(rows) <= most:
        return list(rows)
    places = sorted(range(len(rows)), key=lambda i: _draw(seed, f"{i}/{rows[i].id}"))[:most]
    return [rows[i] for i in sorted(places)]


def _draw(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}/{text}".encode()).digest()
