"""The key by which runs share a question, for every example there is."""

import sqlalchemy as sa
from alembic import op

from sit_core.matching import match_key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = 1000
"""Examples in memory at once."""


def upgrade() -> None:
    op.add_column(
        "examples",
        sa.Column("match_key", sa.String(length=24), nullable=False, server_default=""),
    )
    _fill(op.get_bind())
    op.create_index(op.f("ix_examples_match_key"), "examples", ["match_key"], unique=False)


def _fill(connection: sa.Connection) -> None:
    """Set the key of the examples, in the order of their ids."""
    e = sa.table(
        "examples",
        *(sa.column(name) for name in ("id", "instruction", "input", "image", "match_key")),
        sa.column("variant", sa.Integer),
    )
    update = (
        sa.update(e).where(e.c.id == sa.bindparam("this")).values(match_key=sa.bindparam("key"))
    )
    last = ""
    while True:
        rows = connection.execute(
            sa.select(e.c.id, e.c.instruction, e.c.input, e.c.image, e.c.variant)
            .where(e.c.id > last)
            .order_by(e.c.id)
            .limit(_BATCH)
        ).all()
        if rows:
            connection.execute(
                update, [{"this": row[0], "key": match_key(*row[1:])} for row in rows]
            )
        if len(rows) < _BATCH:
            return
        last = rows[-1].id


def downgrade() -> None:
    op.drop_index(op.f("ix_examples_match_key"), table_name="examples")
    op.drop_column("examples", "match_key")
