"""Automatic scores of outputs, by metric, settings and step."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prediction_id", sa.String(length=24), nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("how", sa.String(length=300), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "(value is null) = (reason is not null)", name=op.f("ck_scores_value_or_reason")
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_scores_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint(
            "prediction_id",
            "metric",
            "how",
            "step",
            name=op.f("uq_scores_prediction_id_metric_how_step"),
        ),
    )


def downgrade() -> None:
    op.drop_table("scores")
