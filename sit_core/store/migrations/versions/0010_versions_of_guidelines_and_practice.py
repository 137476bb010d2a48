"""Versions of guidelines, which verdicts refer to; practice samples, apart from all verdicts.

Every study's guidelines become its version 1. Verdicts that are here keep none: nobody knows which
wording they were given under.
"""

import hashlib
import time

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _guidelines()
    op.add_column(
        "studies",
        sa.Column("practice_required", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "practice_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("removed_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["studies.id"],
            name=op.f("fk_practice_samples_study_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_samples")),
    )
    op.create_index(
        op.f("ix_practice_samples_study_id_practice_samples_position"),
        "practice_samples",
        ["study_id", "position"],
    )
    op.create_table(
        "practice_rounds",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'done', 'skipped')", name=op.f("ck_practice_rounds_state")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["studies.id"],
            name=op.f("fk_practice_rounds_study_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["judge_id"], ["judges.id"], name=op.f("fk_practice_rounds_judge_id")
        ),
        sa.PrimaryKeyConstraint("study_id", "judge_id", "round", name=op.f("pk_practice_rounds")),
    )
    op.create_table(
        "practice_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_sample_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("gold", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_sample_id"],
            ["practice_samples.id"],
            name=op.f("fk_practice_answers_practice_sample_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["judge_id"], ["judges.id"], name=op.f("fk_practice_answers_judge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_answers")),
        sa.UniqueConstraint(
            "practice_sample_id",
            "judge_id",
            "round",
            name=op.f("uq_practice_answers_practice_sample_id_judge_id_round"),
        ),
    )


def _guidelines() -> None:
    op.create_table(
        "guidelines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_guidelines_study_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidelines")),
        sa.UniqueConstraint("study_id", "version", name=op.f("uq_guidelines_study_id_version")),
    )
    # Written out: Alembic adds the reference by itself, which SQLite can do only with a new table.
    op.execute(
        "alter table judgments add column guidelines_id integer "
        "constraint fk_judgments_guidelines_id references guidelines (id)"
    )
    connection = op.get_bind()
    columns = ("study_id", "version", "text", "sha256", "created_at")
    table = sa.table("guidelines", *map(sa.column, columns))
    now = time.time()
    for row in connection.execute(sa.text("select id, guidelines from studies order by id")).all():
        digest = hashlib.sha256(row.guidelines.encode()).hexdigest()
        connection.execute(
            sa.insert(table).values(
                study_id=row.id, version=1, text=row.guidelines, sha256=digest, created_at=now
            )
        )


def downgrade() -> None:
    op.drop_table("practice_answers")
    op.drop_table("practice_rounds")
    op.drop_table("practice_samples")
    with op.batch_alter_table("studies") as batch:
        batch.drop_column("practice_required")
    with op.batch_alter_table("judgments") as batch:
        batch.drop_constraint("fk_judgments_guidelines_id", type_="foreignkey")
        batch.drop_column("guidelines_id")
    op.drop_table("guidelines")
