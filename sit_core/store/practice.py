"""Practice: samples to try on before one judges, and what people answered; in no figure.

Practice samples hold texts of their own and lie in tables of their own (see `schema`): they are no
predictions and what is said of them is no judgment, so no table, export or progress can count them.
Somebody practises in rounds. The first is open for whoever has not judged in the study yet; it ends
when every sample is answered, or is skipped where the study allows that. A further round is begun
on request.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER, Verdict
from sit_core.store.engine import Store
from sit_core.store.run_writing import storable_text
from sit_core.store.schema import (
    examples,
    practice_answers,
    practice_rounds,
    practice_samples,
    predictions,
    slots,
    studies,
)
from sit_core.store.studies import Study
from sit_core.store.study_samples import first_outputs, run_ids, shared_ids

MAX_SAMPLES = 100
"""Practice samples per study."""
MAX_TEXT = 1_000_000
"""Characters of one text of a practice sample."""
OPEN, DONE, SKIPPED = "open", "done", "skipped"


@dataclass(frozen=True, slots=True)
class PracticeSample:
    """One output to practise on. All texts are untrusted."""

    instruction: str
    input: str
    output: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """Step key (or ``in_order``) → what the study's maker says; steps may be missing."""
    reason: str = ""
    """Why that is so; shown after the annotator's verdicts."""
    id: int = 0
    """0: not stored."""


@dataclass(frozen=True, slots=True)
class PracticeRound:
    """What is left of the round that somebody is in."""

    number: int
    """From 1."""
    left: tuple[PracticeSample, ...]
    size: int
    """Samples of the round, the answered ones included."""
    required: bool
    """It can't be skipped: the study demands practice, and this person has not finished any."""


def practice_samples_of(store: Store, study: Study) -> list[PracticeSample]:
    """The study's practice samples, in their order."""
    with store.read() as connection:
        return _samples(connection, study)


def add_practice(store: Store, study: Study, new: Sequence[PracticeSample]) -> int:
    """Put practice samples at the end; those that are there already are left out.

    Returns:
        How many were added.

    Raises:
        UsageError: all that is wrong with them, in one message; nothing is stored then.
    """
    if problems := practice_problems(study, new):
        raise UsageError(" ".join(problems))
    with store.write() as connection:
        return _add(connection, study, new)


def practice_problems(study: Study, new: Sequence[PracticeSample]) -> list[str]:
    """All that is wrong with practice samples, one sentence each."""
    asked = asked_of(study)
    problems = []
    for place, one in enumerate(new, 1):
        if not one.output.strip() and not one.input.strip() and not one.instruction.strip():
            problems.append(f"Practice sample {place} has no text.")
        if max(len(one.instruction), len(one.input), len(one.output), len(one.reason)) > MAX_TEXT:
            problems.append(
                f"A text of practice sample {place} is longer than {MAX_TEXT:,} characters."
            )
        for step, verdict in one.verdicts.items():
            if step not in asked:
                problems.append(
                    f"Practice sample {place} has a verdict on {step!r}; this study asks for "
                    f"{', '.join(asked)}."
                )
            elif step == IN_ORDER and verdict == Verdict.PARTLY:
                problems.append(f"Practice sample {place}: the order can't be done partly.")
    return problems


def asked_of(study: Study) -> list[str]:
    """What a study asks of every sample: step keys, and ``in_order`` where it wants that."""
    return [step.key for step in study.steps] + ([IN_ORDER] if study.ask_order else [])


def draw_practice(store: Store, study: Study, count: int, seed: int = 0) -> int:
    """Add outputs of the study's runs whose examples are not among its samples, without verdicts.

    Nobody practises on what they judge afterwards. The examples are shuffled by
    ``random.Random(seed)``; the runs come in turn.

    Returns:
        How many were added: fewer than ``count`` where some of them are there already.

    Raises:
        UsageError: the runs share too few examples outside the study.
    """
    if count < 1:
        raise UsageError("Ask for at least 1 practice sample.")
    with store.write() as connection:
        of_runs = run_ids(connection, study.runs)
        sampled = (
            select(examples.c.match_key)
            .join(predictions, predictions.c.example_id == examples.c.id)
            .join(slots, slots.c.prediction_id == predictions.c.id)
            .where(slots.c.study_id == study.id)
        )
        judged = set(
            connection.scalars(select(examples.c.id).where(examples.c.match_key.in_(sampled)))
        )
        shared = shared_ids(connection, of_runs) if of_runs else []
        free = [one for one in shared if one not in judged]
        if len(free) < count:
            raise UsageError(
                f"The study's runs share {len(free)} examples that are not among its samples, "
                f"fewer than the {count} asked for; ask for fewer, or give practice samples in a "
                "file."
            )
        rng = random.Random(seed)
        rng.shuffle(free)
        chosen = [
            first_outputs(connection, [of_runs[place % len(of_runs)]], [example])[0]
            for place, example in enumerate(free[:count])
        ]
        rows = {
            row.id: PracticeSample(row.instruction, row.input, row.output)
            for row in connection.execute(
                select(
                    predictions.c.id,
                    examples.c.instruction,
                    examples.c.input,
                    predictions.c.output,
                )
                .join(examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.id.in_(chosen))
            )
        }
        return _add(connection, study, [rows[one] for one in chosen])


def set_practice(store: Store, study: Study, changed: PracticeSample) -> None:
    """Say what is right on a practice sample, and why; answers that were given keep what they saw.

    Raises:
        UsageError: it is no practice sample of this study, or a verdict is none.
    """
    if problems := practice_problems(study, [changed]):
        raise UsageError(" ".join(problems))
    with store.write() as connection:
        found = connection.execute(
            update(practice_samples)
            .where(practice_samples.c.id == changed.id, *_there(study))
            .values(
                verdicts={step: verdict.value for step, verdict in changed.verdicts.items()},
                reason=storable_text(changed.reason),
            )
        )
        if not found.rowcount:
            raise UsageError(f"The study {study.name!r} has no practice sample {changed.id}.")


def remove_practice(store: Store, study: Study, ids: Sequence[int]) -> int:
    """Take practice samples out; what was answered on them stays stored. How many went."""
    with store.write() as connection:
        gone = connection.execute(
            update(practice_samples)
            .where(practice_samples.c.id.in_(ids), *_there(study))
            .values(removed_at=time.time())
        )
        return gone.rowcount


def require_practice(store: Store, study: Study, required: bool) -> None:
    """Whether annotators must practise before they judge."""
    with store.write() as connection:
        connection.execute(
            update(studies).where(studies.c.id == study.id).values(practice_required=required)
        )


# ---- what an annotator does; inside the caller's write transaction


def current_round(
    connection: Connection, study: Study, judge: int, now: float
) -> PracticeRound | None:
    """The round that somebody is in; None where there is nothing to practise."""
    there = select(practice_samples.c.id).where(*_there(study)).limit(1)
    if connection.scalar(there) is None:
        return None
    number, state = _last_round(connection, study, judge)
    if state == DONE:
        return None
    required = _required(connection, study) and not _has_finished(connection, study, judge)
    if state != OPEN and (
        (state == SKIPPED and not required)
        or _has_judged(connection, study, judge)  # practice that came later stops nobody
    ):
        return None
    samples = _samples(connection, study)
    number = number or 1
    answered = set(
        connection.scalars(
            select(practice_answers.c.practice_sample_id)
            .join(practice_samples, practice_samples.c.id == practice_answers.c.practice_sample_id)
            .where(
                practice_samples.c.study_id == study.id,
                practice_answers.c.judge_id == judge,
                practice_answers.c.round == number,
            )
        )
    )
    left = tuple(one for one in samples if one.id not in answered)
    if not left:  # what was left has been taken out meanwhile
        _set_round(connection, study, judge, number, DONE, now)
        return None
    return PracticeRound(number, left, len(samples), required)


def answer_practice(
    connection: Connection,
    study: Study,
    judge: int,
    sample_id: int,
    number: int,
    verdicts: Mapping[str, Verdict],
    seconds: float | None,
    now: float,
) -> Mapping[str, Verdict] | None:
    """Keep what was answered on a practice sample; the first answer of a round stays.

    Returns:
        What stands, or None where it is no sample of this study or there is no such round.
    """
    gold = connection.scalar(
        select(practice_samples.c.verdicts).where(
            practice_samples.c.id == sample_id, practice_samples.c.study_id == study.id
        )
    )
    last, _ = _last_round(connection, study, judge)
    if gold is None or not 1 <= number <= (last or 1):
        return None
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    if not last:
        _set_round(connection, study, judge, 1, OPEN, now)
    connection.execute(
        dialect.insert(practice_answers)
        .values(
            practice_sample_id=sample_id,
            judge_id=judge,
            round=number,
            verdicts={step: verdict.value for step, verdict in verdicts.items()},
            gold=gold,
            seconds=seconds,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    a = practice_answers.c
    stands = connection.scalar(
        select(a.verdicts).where(
            a.practice_sample_id == sample_id, a.judge_id == judge, a.round == number
        )
    )
    current_round(connection, study, judge, now)  # ends the round with its last sample
    return {step: Verdict(verdict) for step, verdict in (stands or {}).items()}


def skip_practice(connection: Connection, study: Study, judge: int, now: float) -> bool:
    """Leave the round that somebody is in; False where the study demands it."""
    at = current_round(connection, study, judge, now)
    if at is None:
        return True
    if at.required:
        return False
    _set_round(connection, study, judge, at.number, SKIPPED, now)
    return True


def practise_again(connection: Connection, study: Study, judge: int, now: float) -> None:
    """Begin a further round, unless one is open."""
    if current_round(connection, study, judge, now) is not None:
        return
    last, _ = _last_round(connection, study, judge)
    _set_round(connection, study, judge, last + 1, OPEN, now)


def _samples(connection: Connection, study: Study) -> list[PracticeSample]:
    p = practice_samples.c
    query = (
        select(p.instruction, p.input, p.output, p.verdicts, p.reason, p.id)
        .where(*_there(study))
        .order_by(p.position, p.id)
    )
    return [
        PracticeSample(
            row.instruction,
            row.input,
            row.output,
            {step: Verdict(verdict) for step, verdict in row.verdicts.items()},
            row.reason,
            row.id,
        )
        for row in connection.execute(query)
    ]


def _there(study: Study) -> list[ColumnElement[bool]]:
    return [practice_samples.c.study_id == study.id, practice_samples.c.removed_at.is_(None)]


def _add(connection: Connection, study: Study, new: Sequence[PracticeSample]) -> int:
    there = _samples(connection, study)
    known = {(one.instruction, one.input, one.output) for one in there}
    rows = []
    for given in new:
        one = replace(
            given,
            instruction=storable_text(given.instruction),
            input=storable_text(given.input),
            output=storable_text(given.output),
        )
        if (one.instruction, one.input, one.output) in known:
            continue
        known.add((one.instruction, one.input, one.output))
        rows.append(one)
    if len(there) + len(rows) > MAX_SAMPLES:
        raise UsageError(f"A study can have at most {MAX_SAMPLES} practice samples; give fewer.")
    first = (
        connection.scalar(
            select(func.max(practice_samples.c.position)).where(
                practice_samples.c.study_id == study.id
            )
        )
        or 0
    ) + 1
    now = time.time()
    for position, one in enumerate(rows, first):
        connection.execute(
            insert(practice_samples).values(
                study_id=study.id,
                position=position,
                instruction=one.instruction,
                input=one.input,
                output=one.output,
                verdicts={step: verdict.value for step, verdict in one.verdicts.items()},
                reason=storable_text(one.reason),
                created_at=now,
            )
        )
    return len(rows)


def _last_round(connection: Connection, study: Study, judge: int) -> tuple[int, str | None]:
    r = practice_rounds.c
    found = connection.execute(
        select(r.round, r.state)
        .where(r.study_id == study.id, r.judge_id == judge)
        .order_by(r.round.desc())
        .limit(1)
    ).first()
    return (found.round, found.state) if found else (0, None)


def _set_round(
    connection: Connection, study: Study, judge: int, number: int, state: str, now: float
) -> None:
    r = practice_rounds.c
    connection.execute(
        delete(practice_rounds).where(
            r.study_id == study.id, r.judge_id == judge, r.round == number
        )
    )
    connection.execute(
        insert(practice_rounds).values(
            study_id=study.id, judge_id=judge, round=number, state=state, changed_at=now
        )
    )


def _has_judged(connection: Connection, study: Study, judge: int) -> bool:
    query = select(slots.c.id).where(
        slots.c.study_id == study.id, slots.c.judge_id == judge, slots.c.done_at.is_not(None)
    )
    return connection.scalar(query.limit(1)) is not None


def _has_finished(connection: Connection, study: Study, judge: int) -> bool:
    r = practice_rounds.c
    query = select(r.round).where(r.study_id == study.id, r.judge_id == judge, r.state == DONE)
    return connection.scalar(query.limit(1)) is not None


def _required(connection: Connection, study: Study) -> bool:
    """As it is now: a page may have been open since before it was changed."""
    return bool(
        connection.scalar(select(studies.c.practice_required).where(studies.c.id == study.id))
    )
