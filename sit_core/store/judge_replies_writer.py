"""What LLM judges say, kept: replies by content, verdicts as judgments, what has none as unusable.

Judgments are only ever added: a verdict that is there already changes nothing, another one is its
next revision. An output of which a judge has a verdict keeps it when a later reply is unusable.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from sit_core.errors import SitError
from sit_core.records import JudgeKind, Verdict
from sit_core.store.background_writer import BackgroundWriter
from sit_core.store.engine import Store
from sit_core.store.judgments import judge_id
from sit_core.store.run_writing import storable_text
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import duels, judge_replies, judgments, unusable
from sit_core.store.write_lock import AdvisoryLock, hold

REASON = 500
"""At most so many characters of a reason are kept."""
_OF_REPLY = ("reply", "prompt_tokens", "tokens", "provenance", "created_at")
_PAGE = 400


@dataclass(frozen=True, slots=True)
class KeptReply:
    """What a judge replied, by the hash of all it depends on."""

    key: str
    reply: str
    prompt_tokens: int | None = None
    tokens: int | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    created_at: float = 0.0
    """Seconds since 1970, UTC; 0: now."""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What came of one question about one output."""

    prediction_id: str
    step: str
    verdict: Verdict | None = None
    quality: float | None = None
    reason: str | None = None
    """Why there is no verdict, or no preference."""
    reply: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    against_id: str | None = None
    """Of a comparison: the other output."""
    place: int = 0
    """Where the prompt had the output, 1 or 2."""
    preferred: float | None = None
    """1: the output, 0: the other one, 0.5: neither."""


class JudgeWriter(BackgroundWriter[tuple[QuestionResult, KeptReply | None]]):
    """Writes answers, each with its reply where that is to be kept, as they come."""

    def __init__(self, store: Store, judge: str) -> None:
        super().__init__("verdict")
        self.store, self.judge = store, judge

    def store_batch(self, batch: Sequence[tuple[QuestionResult, KeptReply | None]]) -> None:
        """One transaction."""
        replies = [reply for _, reply in batch if reply is not None]
        save_answers(self.store, self.judge, [answer for answer, _ in batch], replies)


def kept_replies(store: Store, keys: Sequence[str]) -> dict[str, KeptReply]:
    """The replies that are there, by key."""
    found: dict[str, KeptReply] = {}
    r = judge_replies.c
    with store.read() as connection:
        for start in range(0, len(keys), _PAGE):
            rows = connection.execute(
                select(r.key, r.reply, r.prompt_tokens, r.tokens, r.provenance, r.created_at).where(
                    r.key.in_(keys[start : start + _PAGE])
                )
            )
            found |= {row.key: KeptReply(*row) for row in rows}
    return found


def save_answers(
    store: Store, judge: str, answers: Sequence[QuestionResult], replies: Sequence[KeptReply] = ()
) -> None:
    """Keep what a judge said; one transaction, repeatable.

    Args:
        store: where.
        judge: the judge's name.
        answers: what came of the questions.
        replies: those that shall not be asked for again.

    Raises:
        SitError: some of the outputs are in the store no more.
    """
    try:
        with store.write() as connection:
            if replies:
                _keep(connection, replies)
            save_answers_in(connection, judge, answers)
    except IntegrityError:
        raise SitError(
            "A run was deleted while it was judged; what was said of others is kept."
        ) from None


def save_answers_in(connection: Connection, judge: str, answers: Sequence[QuestionResult]) -> int:
    """The same as part of a transaction; how many verdicts are new or have changed."""
    if not answers:
        return 0
    who, now = judge_id(connection, JudgeKind.LLM, judge), time.time()
    # Two at once would both write the same revision.
    hold(connection, AdvisoryLock.JUDGMENTS, who)
    single = [answer for answer in answers if answer.against_id is None]
    changed = 0
    for start in range(0, len(single), _PAGE):
        changed += _judgments(connection, who, single[start : start + _PAGE], now)
    if changed:
        summarise(connection, [answer.prediction_id for answer in single], [JudgeKind.LLM])
    compared = [answer for answer in answers if answer.against_id is not None]
    if compared:
        _duels(connection, who, compared, now)
    return changed


def _keep(connection: Connection, replies: Sequence[KeptReply]) -> None:
    now = time.time()
    statement = _of(connection).insert(judge_replies)
    new = {name: statement.excluded[name] for name in _OF_REPLY}
    before, after = (
        cast(provenance, Text).like('%"outcome"%')
        for provenance in (judge_replies.c.provenance, statement.excluded.provenance)
    )
    connection.execute(
        # The first reply stands, unless it is from before it was kept how calls ended.
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_=new,
            where=~before & after,
        ),
        [
            {
                "key": kept.key,
                "reply": storable_text(kept.reply),
                "prompt_tokens": kept.prompt_tokens,
                "tokens": kept.tokens,
                "provenance": dict(kept.provenance),
                "created_at": kept.created_at or now,
            }
            for kept in replies
        ],
    )


def _judgments(
    connection: Connection, who: int, answers: Sequence[QuestionResult], now: float
) -> int:
    j, u = judgments.c, unusable.c
    said = {
        (row.prediction_id, row.step): (row.verdict, row.score, row.revision)
        for row in connection.execute(
            select(j.prediction_id, j.step, j.verdict, j.score, j.revision)
            .where(
                j.study_id.is_(None),
                j.judge_id == who,
                j.prediction_id.in_([a.prediction_id for a in answers]),
            )
            .order_by(j.revision)
        )
    }
    new, without, mended = {}, {}, []
    for answer in answers:
        key = (answer.prediction_id, answer.step)
        verdict, quality, revision = said.get(key, (None, None, 0))
        if answer.verdict is None:
            if verdict is None:
                without[key] = {
                    "prediction_id": answer.prediction_id,
                    "judge_id": who,
                    "step": answer.step,
                    "reason": storable_text(answer.reason or "")[:REASON],
                    "reply": storable_text(answer.reply),
                    "created_at": now,
                }
            continue
        mended.append(key)
        if (verdict, quality) != (answer.verdict.value, answer.quality):
            new[key] = {
                "prediction_id": answer.prediction_id,
                "judge_id": who,
                "step": answer.step,
                "revision": revision + 1,
                "verdict": answer.verdict.value,
                "score": answer.quality,
                "provenance": dict(answer.provenance),
                "created_at": now,
            }
    if mended:
        place = tuple_(u.prediction_id, u.step)
        connection.execute(delete(unusable).where(u.judge_id == who, place.in_(mended)))
    if new:
        connection.execute(insert(judgments), list(new.values()))
    if without:
        statement = _of(connection).insert(unusable)
        changes = {name: statement.excluded[name] for name in ("reason", "reply", "created_at")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["prediction_id", "judge_id", "step"],
                set_=changes,
                where=(unusable.c.reason != statement.excluded.reason)
                | (unusable.c.reply != statement.excluded.reply),
            ),
            list(without.values()),
        )
    return len(new)


def _duels(connection: Connection, who: int, answers: Sequence[QuestionResult], now: float) -> None:
    statement = _of(connection).insert(duels)
    changes = ("preferred", "reason", "reply", "provenance", "created_at")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["judge_id", "prediction_id", "against_id", "place"],
            set_={name: statement.excluded[name] for name in changes},
            # What was said stands when a later reply is unusable.
            where=(statement.excluded.preferred.is_not(None) | duels.c.preferred.is_(None))
            & (
                duels.c.preferred.is_distinct_from(statement.excluded.preferred)
                | (duels.c.reply != statement.excluded.reply)
            ),
        ),
        [
            {
                "judge_id": who,
                "prediction_id": answer.prediction_id,
                "against_id": answer.against_id,
                "place": answer.place,
                "preferred": answer.preferred,
                "reason": None
                if answer.preferred is not None
                else storable_text(answer.reason or "it has no verdict")[:REASON],
                "reply": storable_text(answer.reply),
                "provenance": dict(answer.provenance),
                "created_at": now,
            }
            for answer in answers
        ],
    )


def _of(connection: Connection) -> Any:
    return postgresql if connection.dialect.name == "postgresql" else sqlite
