"""What LLM judges replied about one output, as it came: verdicts, unusable ones, comparisons."""

from dataclasses import dataclass

from sqlalchemy import select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import (
    duels,
    judge_replies,
    judges,
    judgments,
    predictions,
    runs,
    unusable,
)


@dataclass(frozen=True, slots=True)
class ReplyAboutOutput:
    """One reply about an output."""

    judge: str
    step: str
    """A step's key; of a comparison empty."""
    said: str
    """The verdict; of a comparison ``better``, ``worse`` or ``tie``; empty where there is none."""
    quality: float | None
    reason: str
    """Why there is no verdict; empty where there is one."""
    reply: str | None
    """As it came; untrusted text. None: it is not kept."""
    against: str = ""
    """Of a comparison: the other run."""
    place: int = 0
    """Of a comparison: where the output stood, 1 or 2."""


def replies_about(store: Store, prediction_id: str) -> list[ReplyAboutOutput]:
    """All of them, judge by judge: its current verdicts, what was unusable, its comparisons."""
    j, u, d = judgments.c, unusable.c, duels.c
    mine = select(judges.c.name, j.step, j.verdict, j.score, j.provenance).join(
        judges, judges.c.id == j.judge_id
    )
    with store.read() as connection:
        said = {
            (row.name, row.step): row
            for row in connection.execute(
                mine.where(j.prediction_id == prediction_id, judges.c.kind == JudgeKind.LLM.value)
                .where(j.study_id.is_(None))
                .order_by(j.id)
            )
        }
        keys = [row.provenance.get("key") for row in said.values() if row.provenance]
        query = select(judge_replies.c.key, judge_replies.c.reply)
        kept = {
            row.key: row.reply
            for row in connection.execute(query.where(judge_replies.c.key.in_(filter(None, keys))))
        }
        without = connection.execute(
            select(judges.c.name, u.step, u.reason, u.reply)
            .join(judges, judges.c.id == u.judge_id)
            .where(u.prediction_id == prediction_id)
            .order_by(u.id)
        ).all()
        compared = connection.execute(
            select(judges.c.name, runs.c.name.label("against"), d.place, d.preferred)
            .add_columns(d.reason, d.reply)
            .join(judges, judges.c.id == d.judge_id)
            .join(predictions, predictions.c.id == d.against_id)
            .join(runs, runs.c.id == predictions.c.run_id)
            .where(d.prediction_id == prediction_id)
            .order_by(runs.c.name, d.place)
        ).all()
    found = []
    for row in said.values():
        origin = row.provenance or {}
        reply = kept.get(origin.get("key"), origin.get("reply"))
        found.append(ReplyAboutOutput(row.name, row.step, row.verdict, row.score, "", reply))
    found += [
        ReplyAboutOutput(row.name, row.step, "", None, row.reason, row.reply)
        for row in without
        if (row.name, row.step) not in said
    ]
    words = {1.0: "better", 0.0: "worse", 0.5: "tie", None: ""}
    found += [
        ReplyAboutOutput(
            *(row.name, "", words[row.preferred], None, row.reason or "", row.reply),
            against=row.against,
            place=row.place,
        )
        for row in compared
    ]
    return sorted(found, key=lambda one: one.judge)
