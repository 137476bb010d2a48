"""What a mean over all outputs takes each score for: ``scores.counted``.

Of scores made before it follows from the reason: those that say that there is nothing to compare an
output with are left out, all else is the output's lack and counts as 0; of several steps the mean
with the missing ones as 0. An output that a limit ended has no accuracy and counts as wrong, as
outputs that are scored from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOTHING_TO_COMPARE_WITH = (
    "no gold answer",
    "the gold answer is none of the choices",
    "the text that this step should yield is not known",
    "there is no intermediate step",
    "the steps of its instruction are not known",
)
"""The reasons as they were worded until now."""
CUT = "the output was cut off before its end"
OF_STEPS = ("rouge-l", "bertscore")


def upgrade() -> None:
    # A plain ALTER: SQLite would copy the whole table in a batch.
    op.add_column("scores", sa.Column("counted", sa.Float(), nullable=True))
    columns = ("prediction_id", "metric", "how", "step", "reason")
    s = sa.table("scores", *map(sa.column, columns), *_floats())
    op.execute(sa.update(s).where(s.c.value.is_not(None)).values(counted=s.c.value))
    lacking = sa.and_(
        s.c.value.is_(None),
        s.c.metric != "following",
        s.c.reason.not_in(NOTHING_TO_COMPARE_WITH),
    )
    op.execute(sa.update(s).where(lacking).values(counted=0.0))
    part = s.alias("part")
    same = sa.and_(
        part.c.prediction_id == s.c.prediction_id,
        part.c.metric == s.c.metric,
        part.c.how == s.c.how,
        part.c.step != "",
    )
    of_parts = sa.select(sa.func.avg(part.c.counted)).where(same).scalar_subquery()
    whole = sa.and_(lacking, s.c.step == "", s.c.metric.in_(OF_STEPS))
    op.execute(sa.update(s).where(whole).values(counted=sa.func.coalesce(of_parts, 0.0)))
    p = sa.table("predictions", sa.column("id"), sa.column("outcome"))
    ended = sa.select(p.c.id).where(p.c.outcome == "cut")
    of_cut = sa.and_(
        s.c.metric == "accuracy", s.c.counted.is_not(None), s.c.prediction_id.in_(ended)
    )
    op.execute(sa.update(s).where(of_cut).values(value=None, reason=CUT, counted=0.0))


def _floats() -> tuple[sa.ColumnClause[float], ...]:
    return (sa.column("value", sa.Float), sa.column("counted", sa.Float))


def downgrade() -> None:
    op.drop_column("scores", "counted")
