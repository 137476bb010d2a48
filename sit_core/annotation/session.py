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

from sit_core.annotation.requests import Message, SentSubmission, practice_of, read_message
from sit_core.annotation.responses import (
    brief_json,
    overlap_json,
    practice_json,
    practice_state_json,
    progress_json,
    sample_json,
    standing_json,
)
from sit_core.errors import OutOfReach
from sit_core.records import IN_ORDER, JudgeKind
from sit_core.store import queue, samples
from sit_core.store.engine import Store
from sit_core.store.guideline_versions import newest_version
from sit_core.store.judgments import CurrentVerdict, Remark, SampleVerdicts, judge_id, submit
from sit_core.store.practice import (
    PracticeRound,
    answer_practice,
    current_round,
    practise_again,
    skip_practice,
)
from sit_core.store.samples import Sample
from sit_core.store.studies import Study
from sit_core.store.study_progress import progress_of_all

AHEAD = 3
"""How many samples an annotator has in hand: the one on the screen and those loaded ahead."""
ATTEMPTS = 5
LISTED = 500
OTHERS = 3
"""So many further studies are offered at the end."""


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
        raw: the desk's message as received (see `requests`); None for a desk that just opened.
        clock: seconds since 1970; tests put their own in.

    Returns:
        JSON: ``turn``; ``stamp`` (of this reply); ``acks`` (per submission: ``id``, ``ok`` or
        ``reason``, and how the sample stands now); ``hand`` (ids of the samples to judge, in
        order); ``samples`` (texts and standing of those that the desk does not have yet, or asked
        for); ``opened`` (the id that was asked for, or None with ``reason``); ``progress``;
        ``list``; ``overlap``; ``practice`` (what is left of it while somebody practises; the hand
        holds practice samples then, and nothing of the queue is claimed); ``guidelines`` (with
        progress: the newest version); ``others`` (when nothing is left: studies that have something
        for this annotator).

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
        practising = _practice(connection, study, judge, message, now)
        reply["practice"] = practice_state_json(practising)
        if practising is None:
            claims = queue.take(connection, study, judge, now, AHEAD, skipped=message.take_skipped)
            reply["hand"] = [claim.prediction_id for claim in claims]
            tried: list[dict[str, Any]] = []
        else:
            tried = [practice_json(practising, one) for one in practising.left[:AHEAD]]
            reply["hand"] = [one["id"] for one in tried]
        wanted += reply["hand"]
        reply |= _earlier(connection, study, judge, message)
        if message.open:
            if practising is not None and practising.required:
                reply["reason"] = "This study asks you to finish the practice samples first."
            elif queue.hold(connection, study, judge, message.open, now):
                reply["opened"] = message.open
            else:
                reply["reason"] = (
                    "This sample is not yours to judge: it is not in this study, "
                    "or enough other annotators have it."
                )
        if reply["opened"]:
            wanted.append(reply["opened"])
        if message.progress or not reply["hand"]:
            progress = queue.progress(connection, study, judge, now)
            reply["progress"] = progress_json(progress)
            reply["guidelines"] = newest_version(connection, study.id) or None
            if not reply["hand"] and not progress.left:
                reply["others"] = _other_studies(connection, study, judge)
        if message.list:
            done = queue.finished(connection, study, judge, LISTED)
            judged = samples.load(connection, study, judge, done)
            reply["list"] = [brief_json(sample) for sample in judged]
        missing = [p for p in dict.fromkeys(wanted) if p not in message.have]
        loaded = samples.load(connection, study, judge, missing)
        compared = _compared(connection, study, judge, message, practising)
    reply["samples"] = [sample_json(sample) for sample in loaded]
    reply["samples"] += [one for one in tried if one["id"] in missing]
    if compared is not None:
        reply["overlap"] = overlap_json(compared)
    reply["acks"] = acks
    return reply


def _submissions(
    connection: Connection, study: Study, judge: int, message: Message, now: float
) -> list[dict[str, Any]]:
    asked = [step.key for step in study.steps] + ([IN_ORDER] if study.ask_order else [])
    acks = []
    for sent in message.submissions:
        prediction_id = sent.submission.prediction_id
        if (tried := practice_of(prediction_id)) is not None:
            acks.append(_practised(connection, study, judge, sent, tried, now))
            continue
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


def _practised(
    connection: Connection,
    study: Study,
    judge: int,
    sent: SentSubmission,
    tried: tuple[int, int],
    now: float,
) -> dict[str, Any]:
    """Keep a practice answer, in the tables for practice and nowhere else."""
    number, sample_id = tried
    said = sent.submission.verdicts
    if not said:
        return {"id": sent.id, "ok": False, "reason": "Nothing is said of the practice sample."}
    stands = answer_practice(
        connection, study, judge, sample_id, number, said, sent.submission.seconds, now
    )
    if stands is None:
        return {"id": sent.id, "ok": False, "reason": "This practice sample is not in the study."}
    shown = {step: CurrentVerdict(verdict, 1) for step, verdict in stands.items()}
    return {"id": sent.id, "ok": True, **standing_json(SampleVerdicts(shown, Remark()))}


def _practice(
    connection: Connection, study: Study, judge: int, message: Message, now: float
) -> PracticeRound | None:
    if message.practice == "skip":
        skip_practice(connection, study, judge, now)
    elif message.practice == "again":
        practise_again(connection, study, judge, now)
    return current_round(connection, study, judge, now)


def _compared(
    connection: Connection,
    study: Study,
    judge: int,
    message: Message,
    practising: PracticeRound | None,
) -> Sample | None:
    """The sample whose overlap is wanted."""
    if not message.overlap:
        return None
    tried = practice_of(message.overlap)
    if tried is None:
        found = samples.load(connection, study, judge, [message.overlap])
        return found[0] if found else None
    for one in practising.left if practising else ():
        if one.id == tried[1]:
            nothing = SampleVerdicts({}, Remark())
            return Sample(
                message.overlap, one.instruction, one.input, one.output, (), None, nothing
            )
    return None


def _other_studies(connection: Connection, study: Study, judge: int) -> list[dict[str, Any]]:
    """Studies that still have something for this annotator, the most first."""
    found = [
        one
        for one in progress_of_all(connection, judge)
        if one.left and not one.archived and one.study != study.name
    ]
    found.sort(key=lambda one: -one.left)
    return [{"study": one.study, "left": one.left} for one in found[:OTHERS]]


def _earlier(connection: Connection, study: Study, judge: int, message: Message) -> dict[str, Any]:
    if message.before is None:
        return {}
    earlier = queue.finished_before(connection, study, judge, message.before)
    return {"opened": earlier} if earlier else {"reason": "There is no earlier sample."}


def leave(store: Store, study: Study, annotator: str) -> None:
    """Give back what the annotator has in hand and has not judged (on signing out)."""
    with store.write() as connection:
        queue.release(connection, study, judge_id(connection, JudgeKind.HUMAN, annotator))
