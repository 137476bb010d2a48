"""Names that runs and studies had before, and since when they are archived."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = (("runs", "former_run_names", "run_id"), ("studies", "former_study_names", "study_id"))


def upgrade() -> None:
    for table, names, owner in _TABLES:
        op.add_column(table, sa.Column("original_name", sa.String(length=200), nullable=True))
        op.add_column(table, sa.Column("archived_at", sa.Float(), nullable=True))
        op.create_table(
            names,
            sa.Column("name", sa.String(length=200), nullable=False),
            sa.Column(owner, sa.Integer(), nullable=False),
            sa.Column("created_at", sa.Float(), nullable=False),
            sa.ForeignKeyConstraint(
                [owner], [f"{table}.id"], name=op.f(f"fk_{names}_{owner}"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("name", name=op.f(f"pk_{names}")),
        )
        op.create_index(op.f(f"ix_{names}_{owner}"), names, [owner])


def downgrade() -> None:
    for table, names, _ in reversed(_TABLES):
        op.drop_table(names)
        op.drop_column(table, "archived_at")
        op.drop_column(table, "original_name")
