"""Judges: people, LLMs and rules, by kind and name."""

import time
import unicodedata

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.errors import UsageError
from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import judges, judgments

MAX_NAME = 80


def clean_name(name: str) -> str:
    """A person's name as it is stored: composed Unicode, single spaces, nothing invisible.

    >>> clean_name("  Ann   Lee ")
    'Ann Lee'

    Raises:
        UsageError: nothing is left of it, or it is too long.
    """
    visible = "".join(
        " " if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") else c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    cleaned = " ".join(visible.split())
    if not cleaned:
        raise UsageError("Please give a name; it is stored with your judgments.")
    if len(cleaned) > MAX_NAME:
        raise UsageError(f"A name may have {MAX_NAME} characters at most.")
    return cleaned


def judge_id(connection: Connection, kind: JudgeKind, name: str) -> int:
    """The judge's number; made on first use, also when two connections do so at once."""
    known = select(judges.c.id).where(judges.c.kind == kind.value, judges.c.name == name)
    found: int | None = connection.scalar(known)
    if found is not None:
        return found
    values = {"kind": kind.value, "name": name, "created_at": time.time()}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(judges).values(**values).on_conflict_do_nothing())
    made: int = connection.execute(known).scalar_one()
    return made


def annotator_names(store: Store) -> list[str]:
    """The people who have judged or signed in before, in alphabetical order."""
    with store.read() as connection:
        return list(
            connection.scalars(
                select(judges.c.name)
                .where(judges.c.kind == JudgeKind.HUMAN.value)
                .order_by(judges.c.name)
            )
        )


def annotators_of(store: Store, study_id: int) -> list[str]:
    """The people who have judged in this study, in alphabetical order."""
    with store.read() as connection:
        return list(
            connection.scalars(
                select(judges.c.name)
                .where(
                    judges.c.kind == JudgeKind.HUMAN.value,
                    select(judgments.c.id)
                    .where(judgments.c.study_id == study_id, judgments.c.judge_id == judges.c.id)
                    .exists(),
                )
                .order_by(judges.c.name)
            )
        )
