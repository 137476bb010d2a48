"""How each call ended, thoughts apart from outputs, and the texts that outputs had before."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTERs: SQLite would copy the whole table in a batch.
    op.add_column("predictions", sa.Column("outcome", sa.String(length=10), nullable=True))
    op.add_column("predictions", sa.Column("thoughts", sa.Text(), nullable=True))
    # Until now it stood in the meta that a limit had ended an output.
    sqlite = op.get_bind().dialect.name == "sqlite"
    cut = "json_extract(meta, '$.cut') = 1" if sqlite else "meta ->> 'cut' = 'true'"
    op.execute(f"update predictions set outcome = 'cut' where {cut}")
    op.create_table(
        "former_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("prediction_id", sa.String(length=24), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_former_texts_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_texts")),
    )
    op.create_index(op.f("ix_former_texts_prediction_id"), "former_texts", ["prediction_id"])
    op.create_index(op.f("ix_former_texts_run_id"), "former_texts", ["run_id"])


def downgrade() -> None:
    op.drop_table("former_texts")
    op.drop_column("predictions", "thoughts")
    op.drop_column("predictions", "outcome")
