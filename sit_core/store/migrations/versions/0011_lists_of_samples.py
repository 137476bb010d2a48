"""Lists of samples: exactly the outputs behind one figure, so that a link opens them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sample_lists",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_lists")),
    )
    op.create_table(
        "sample_list_items",
        sa.Column("list_id", sa.String(length=24), nullable=False),
        sa.Column("prediction_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["sample_lists.id"],
            name=op.f("fk_sample_list_items_list_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_id", "prediction_id", name=op.f("pk_sample_list_items")),
    )


def downgrade() -> None:
    op.drop_table("sample_list_items")
    op.drop_table("sample_lists")
