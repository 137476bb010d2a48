"""A row per sample, scope and kind of judge with what they say of it now, which tables count.

Filled from the judgments, a part at a time. The rule is that of `sit_core.store.verdict_patterns`
as it was when this was written.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PAGE = 2000
_TOLD = 100_000
"""Of larger stores it is said how far this is."""
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    repeated = sa.text("ordinal > 0")
    op.create_index(
        "ix_predictions_repeated",
        "predictions",
        ["run_id"],
        sqlite_where=repeated,
        postgresql_where=repeated,
    )
    op.create_index("ix_predictions_order", "predictions", ["run_id", "row", "id"])
    op.drop_index("ix_predictions_run_id_predictions_row", "predictions")
    op.add_column(
        "study_runs", sa.Column("samples", sa.Integer(), nullable=False, server_default="0")
    )
    patterns = op.create_table(
        "verdict_patterns",
        sa.Column("id", _number, autoincrement=False, nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict_patterns")),
    )
    summary = op.create_table(
        "sample_verdicts",
        sa.Column("prediction_id", sa.String(length=24), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("pattern_id", _number, nullable=False),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_sample_verdicts_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prediction_id", "scope", "kind", name=op.f("pk_sample_verdicts")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    _count_samples(connection)
    _fill(connection, patterns, summary)
    op.create_index(
        "ix_sample_verdicts_count",
        "sample_verdicts",
        ["scope", "kind", "run_id", "pattern_id"],
        postgresql_include=["prediction_id"],
    )


def _count_samples(connection: sa.Connection) -> None:
    rows = connection.execute(
        sa.text(
            "select s.study_id, p.run_id, count(*) as n from slots s "
            "join predictions p on p.id = s.prediction_id where s.place = 0 "
            "group by s.study_id, p.run_id"
        )
    ).all()
    for row in rows:
        connection.execute(
            sa.text("update study_runs set samples = :n where study_id = :study and run_id = :run"),
            {"n": row.n, "study": row.study_id, "run": row.run_id},
        )


def _fill(connection: sa.Connection, patterns: sa.Table, summary: sa.Table) -> None:
    total = connection.scalar(sa.text("select count(*) from judgments")) or 0
    known: set[int] = set()
    done, told = 0, time.monotonic()
    for judgments, of_run, studies in _pages(connection) if total else ():
        rows: list[dict[str, Any]] = []
        new: dict[int, str] = {}
        for (prediction, kind), given in groupby(judgments, key=lambda row: (row[0], row[1])):
            found = _patterns(list(given), kind, studies.get(prediction, ()))
            for scope, pattern in found.items():
                number = _hash(pattern)
                if number not in known:
                    new[number] = pattern
                rows.append(
                    {"prediction_id": prediction, "scope": scope, "kind": kind}
                    | {"run_id": of_run[prediction], "pattern_id": number}
                )
        if new:
            _insert(connection, patterns, [{"id": n, "pattern": text} for n, text in new.items()])
            known |= new.keys()
        if rows:
            _insert(connection, summary, rows)
        done += len(judgments)
        if total >= _TOLD and time.monotonic() - told > 5:
            told = time.monotonic()
            sys.stderr.write(f"Summing up the verdicts: {done:,} of {total:,}.\n")


def _pages(
    connection: sa.Connection,
) -> Iterator[tuple[list[Any], dict[str, int], dict[str, list[int]]]]:
    """Some outputs at a time: their judgments, their runs, and the studies that they are in."""
    last = ""
    while True:
        of_run = {
            row.id: row.run_id
            for row in connection.execute(
                sa.text("select id, run_id from predictions where id > :last order by id limit :n"),
                {"last": last, "n": _PAGE},
            )
        }
        if not of_run:
            return
        among = {"last": last, "upto": max(of_run)}
        judgments = connection.execute(
            sa.text(
                "select j.prediction_id, d.kind, j.study_id, j.judge_id, j.step, j.revision, "
                "j.verdict, j.score, j.created_at, j.id from judgments j "
                "join judges d on d.id = j.judge_id "
                "where j.prediction_id > :last and j.prediction_id <= :upto"
            ),
            among,
        ).all()
        studies: dict[str, list[int]] = {}
        for row in connection.execute(
            sa.text(
                "select study_id, prediction_id from slots where place = 0 and study_id in "
                "(select id from studies) and prediction_id > :last and prediction_id <= :upto"
            ),
            among,
        ):
            studies.setdefault(row.prediction_id, []).append(row.study_id)
        yield sorted(judgments, key=lambda row: (row[0], row[1])), of_run, studies
        last = among["upto"]


def _patterns(rows: list[Any], kind: str, studies: Any) -> dict[int, str]:
    """Scope → what the judges of one kind say of one sample."""
    newest: dict[tuple[int, int, str], Any] = {}
    for row in rows:
        place = (row.study_id or 0, row.judge_id, row.step)
        if place not in newest or row.revision > newest[place].revision:
            newest[place] = row
    found: dict[int, dict[tuple[int, str], Any]] = {}
    for (study, judge, step), row in newest.items():
        for scope in {study, 0, *(studies if kind != "human" and study == 0 else ())}:
            said = found.setdefault(scope, {})
            known = said.get((judge, step))
            if known is None or (row.created_at, row.id) > (known.created_at, known.id):
                said[judge, step] = row
    texts: dict[int, str] = {}
    for scope, said in found.items():
        parts: dict[str, dict[str, Any]] = {}
        for (judge, step), row in sorted(said.items()):
            value = row.verdict if row.score is None else [row.verdict, row.score]
            parts.setdefault(str(judge), {})[step] = value
        texts[scope] = json.dumps(parts, separators=(",", ":"))
    return texts


def _hash(pattern: str) -> int:
    return int.from_bytes(hashlib.blake2b(pattern.encode(), digest_size=8).digest(), "big") >> 1


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sa.insert(table), rows)
        return
    names = list(rows[0])  # column by column, which PostgreSQL takes in a tenth of the time
    types = {"id": "bigint", "pattern_id": "bigint", "scope": "integer", "run_id": "integer"}
    arrays = ", ".join(f"cast(:{name} as {types.get(name, 'text')}[])" for name in names)
    connection.execute(
        sa.text(f"insert into {table.name} ({', '.join(names)}) select * from unnest({arrays})"),
        {name: [row[name] for row in rows] for name in names},
    )


def downgrade() -> None:
    op.drop_table("sample_verdicts")
    op.drop_table("verdict_patterns")
    with op.batch_alter_table("study_runs") as batch:
        batch.drop_column("samples")
    op.create_index(op.f("ix_predictions_run_id_predictions_row"), "predictions", ["run_id", "row"])
    op.drop_index("ix_predictions_order", "predictions")
    op.drop_index("ix_predictions_repeated", "predictions")
