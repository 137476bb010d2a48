"""Judges: people, LLMs and rules, by kind and name."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.names import new_name
from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import judges

MAX_NAME = 80


def annotator_name(name: str, known: Sequence[str] = ()) -> str:
    """A person's name as it is stored.

    Args:
        name: as typed.
        known: those who judged before; one of them is found however they were stored.

    >>> annotator_name("  Ann   Lee "), annotator_name(" x ", [" x "])
    ('Ann Lee', ' x ')

    Raises:
        UsageError: nothing is left of it, or it is too long.
    """
    if name in known:
        return name
    cleaned = new_name(name, "annotator", MAX_NAME)
    bare = "".join(c for c in cleaned if c not in "\u200c\u200d")  # as earlier versions stored it
    return bare if cleaned not in known and bare in known else cleaned


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
