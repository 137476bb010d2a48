"""One turn between an annotator's desk and the store: judgments in, samples out.

`exchange` is all that the Annotate page calls. It is stateless: what the desk says it has and
wants, plus the store, decide the reply, so that a turn may be lost, repeated or answered by a
server that was started a second ago. A submission is acknowledged only after its transaction is
committed.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sit_core.annotation.requests import Message, read_message
from sit_core.annotation.responses import (
    brief_json,
    overlap_json,
    progress_json,
    sample_json,
    standing_json,
)
from sit_core.errors import OutOfReach
from sit_core.records import IN_ORDER, JudgeKind
from sit_core.store import queue, samples
from sit_core.store.engine import Store
from sit_core.store.judgments import judge_id, submit
from sit_core.store.studies import Study

AHEAD = 3
"""How many samples an annotator has in hand: the one on the screen and those loaded ahead."""
ATTEMPTS = 5
LISTED = 500


def exchange(
    store: Store,
    study: Study,
    annotator: str,
    raw: Any = None,
    clock: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """Take what the desk says and reply.

    Args:
        store: where.
        study: the study that is open on the desk.
        annotator: the annotator's cleaned name.
        raw: the desk's message as received (see `messages`); None for a desk that just opened.
        clock: seconds since 1970; tests put their own in.

    Returns:
        JSON: ``turn``; ``stamp`` (of this reply); ``acks`` (per submission: ``id``, ``ok`` or
        ``reason``, and how the sample stands now); ``hand`` (ids of the samples to judge, in
        order); ``samples`` (texts and standing of those that the desk does not have yet, or asked
        for); ``opened`` (the id that was asked for, or None with ``reason``); ``progress``;
        ``list``; ``overlap``.

    Raises:
        OutOfReach: the database does not answer; nothing of the turn was stored.
    """
    message = read_message(raw, study.steps, study.ask_order) if raw is not None else Message()
    for attempt in range(ATTEMPTS):
        try:
            return _exchange(store, study, annotator, message, clock())
        except (IntegrityError, OutOfReach) as error:
            # Two windows of one annotator claimed the same sample at once, or PostgreSQL broke a
            # deadlock: nothing of this turn was stored, so it is simply taken again.
            if attempt == ATTEMPTS - 1 or not _passing(error):
                raise OutOfReach("The database does not answer just now; try again.") from error
    raise AssertionError("unreachable")


def _passing(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        return True
    words = str(error.__cause__).lower()
    return any(word in words for word in ("deadlock", "could not serialize"))


def _exchange(
    store: Store, study: Study, annotator: str, message: Message, now: float
) -> dict[str, Any]:
    # The stamp tells the desk whether it has seen this very reply before.
    reply: dict[str, Any] = {
        "turn": message.turn,
        "stamp": secrets.token_hex(6),
        "opened": None,
        "reason": None,
    }
    wanted: list[str] = []
    with store.write() as connection:
        judge = judge_id(connection, JudgeKind.HUMAN, annotator)
        acks = _submissions(connection, study, judge, message, now)
        acks += [{"id": r.id, "ok": False, "reason": r.reason} for r in message.refused]
        queue.skip(connection, study, judge, message.skip, now)
        hand = queue.take(connection, study, judge, now, AHEAD, skipped=message.take_skipped)
        reply["hand"] = [claim.prediction_id for claim in hand]
        wanted += reply["hand"]
        reply |= _earlier(connection, study, judge, message)
        if message.open:
            if queue.hold(connection, study, judge, message.open, now):
                reply["opened"] = message.open
            else:
                reply["reason"] = (
                    "This sample is not yours to judge: it is not in this study, "
                    "or enough other annotators have it."
                )
        if reply["opened"]:
            wanted.append(reply["opened"])
        if message.progress or not hand:
            reply["progress"] = progress_json(queue.progress(connection, study, judge, now))
        if message.list:
            done = queue.finished(connection, study, judge, LISTED)
            judged = samples.load(connection, study, judge, done)
            reply["list"] = [brief_json(sample) for sample in judged]
        missing = [p for p in dict.fromkeys(wanted) if p not in message.have]
        loaded = samples.load(connection, study, judge, missing)
        compared = message.overlap and samples.load(connection, study, judge, [message.overlap])
    reply["samples"] = [sample_json(sample) for sample in loaded]
    if compared:
        reply["overlap"] = overlap_json(compared[0])
    reply["acks"] = acks
    return reply


def _submissions(
    connection: Connection, study: Study, judge: int, message: Message, now: float
) -> list[dict[str, Any]]:
    asked = [step.key for step in study.steps] + ([IN_ORDER] if study.ask_order else [])
    acks = []
    for sent in message.submissions:
        prediction_id = sent.submission.prediction_id
        if not queue.hold(connection, study, judge, prediction_id, now):
            acks.append(
                {
                    "id": sent.id,
                    "ok": False,
                    "reason": "Your time for this sample ran out and another annotator has it now.",
                }
            )
            continue
        stands, agreed = submit(connection, study.id, judge, sent.submission, now)
        if all(step in stands.said for step in asked):
            queue.finish(connection, study, judge, prediction_id, now)
        ack = {"id": sent.id, "ok": agreed, **standing_json(stands)}
        if not agreed:
            ack["reason"] = "You judged this sample differently in another window; that stays."
        acks.append(ack)
    return acks


def _earlier(connection: Connection, study: Study, judge: int, message: Message) -> dict[str, Any]:
    if message.before is None:
        return {}
    earlier = queue.finished_before(connection, study, judge, message.before)
    return {"opened": earlier} if earlier else {"reason": "There is no earlier sample."}


def leave(store: Store, study: Study, annotator: str) -> None:
    """Give back what the annotator has in hand and has not judged (on signing out)."""
    with store.write() as connection:
        queue.release(connection, study, judge_id(connection, JudgeKind.HUMAN, annotator))
