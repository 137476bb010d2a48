"""Each wording that a study's guidelines had, so that a verdict can say which it was given under.

Versions are numbered from 1 and never changed or removed. Verdicts that were given before versions
were kept refer to none: nobody knows which wording their annotators had.
"""

import hashlib
import time
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from sit_core.store.engine import Store
from sit_core.store.schema import guidelines, judges, judgments, studies

UNKNOWN = "unknown, before versions were kept"
"""What exports say of a person's verdict without a version."""


@dataclass(frozen=True, slots=True)
class GuidelineVersion:
    """One wording of a study's guidelines."""

    study: str
    version: int
    """From 1."""
    text: str
    sha256: str
    """Of the text, in UTF-8."""
    created_at: float
    """Seconds since 1970; of what was there before versions were kept, when that began."""
    verdicts: int
    """Given under this wording, all revisions counted."""


def add_version(connection: Connection, study_id: int, text: str) -> int:
    """Keep a wording as the study's newest version, unless it is that already; its number."""
    # Locked: two people who save at once get two numbers.
    connection.execute(select(studies.c.id).where(studies.c.id == study_id).with_for_update())
    g = guidelines.c
    newest = connection.execute(
        select(g.version, g.sha256)
        .where(g.study_id == study_id)
        .order_by(g.version.desc())
        .limit(1)
    ).first()
    digest = hashlib.sha256(text.encode()).hexdigest()
    if newest is not None and newest.sha256 == digest:
        return int(newest.version)
    version = newest.version + 1 if newest is not None else 1
    connection.execute(
        insert(guidelines).values(
            study_id=study_id, version=version, text=text, sha256=digest, created_at=time.time()
        )
    )
    return int(version)


def version_id(connection: Connection, study_id: int, version: int | None) -> int | None:
    """What a verdict refers to; None where the study has no such version, which is then unknown."""
    if version is None:
        return None
    g = guidelines.c
    found: int | None = connection.scalar(
        select(g.id).where(g.study_id == study_id, g.version == version)
    )
    return found


def newest_version(connection: Connection, study_id: int) -> int:
    """The number of the wording that holds now; 0 where none is kept."""
    g = guidelines.c
    return connection.scalar(select(func.max(g.version)).where(g.study_id == study_id)) or 0


def guideline_versions(
    store: Store, study_names: list[str] | None = None
) -> list[GuidelineVersion]:
    """All wordings of these studies, or of all; each study's oldest first."""
    g = guidelines.c
    given = (
        select(func.count())
        .where(judgments.c.study_id == g.study_id, judgments.c.guidelines_id == g.id)
        .scalar_subquery()
    )
    query = (
        select(
            studies.c.name,
            g.version,
            g.text,
            g.sha256,
            g.created_at,
            given,
        )
        .join_from(guidelines, studies, studies.c.id == g.study_id)
        .order_by(studies.c.id, g.version)
    )
    if study_names is not None:
        query = query.where(studies.c.name.in_(study_names))
    with store.read() as connection:
        return [GuidelineVersion(*row) for row in connection.execute(query)]


def verdicts_without_version(store: Store, study_name: str) -> int:
    """How many verdicts of people in this study refer to no wording, all revisions counted."""
    query = (
        select(func.count())
        .select_from(judgments)
        .join(studies, studies.c.id == judgments.c.study_id)
        .join(judges, judges.c.id == judgments.c.judge_id)
        .where(
            studies.c.name == study_name,
            judges.c.kind == "human",
            judgments.c.guidelines_id.is_(None),
        )
    )
    with store.read() as connection:
        return connection.scalar(query) or 0
