"""Which outputs a researcher wants to see: a filter, and its conditions in SQL.

A verdict is that of the highest revision of one judge at one step. Without an annotator, an output
is found when at least one judge's verdicts fit.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)

from sit_core.errors import UsageError
from sit_core.metrics.following import WITH_ENCODER
from sit_core.records import IN_ORDER, JudgeKind, steps_from_json
from sit_core.registry import unknown
from sit_core.store.pairs import samples_said_so, samples_that_differ
from sit_core.store.pairwise_filter import DUEL_OUTCOMES, compared_so
from sit_core.store.pattern_counts import patterns_there, samples_in_state, with_pattern
from sit_core.store.run_contents import ENDINGS, ended_so
from sit_core.store.sample_lists import samples_on
from sit_core.store.sample_selection import scopes_of_runs
from sit_core.store.schema import (
    examples,
    judges,
    judgments,
    predictions,
    remarks,
    runs,
    slots,
    studies,
    unusable,
)
from sit_core.store.score_filter import ScoreFilter, scored_so
from sit_core.store.study_plan import is_text
from sit_core.store.study_samples import keys_of_all
from sit_core.store.verdict_state import (
    CHAIN,
    DECIDED,
    STATES,
    Selection,
    VerdictFilter,
)

VERDICTS = ("yes", "partly", "no", "unsure", "missing", "done", "not-done", "decided")
"""What can be asked for; ``decided``: done or not done. For the chain, in this order: missing while
a step has no verdict, else not done when a step is not, else unsure when a step is, else done."""
RULED = ("done", "not-done", "unsure", "differs")
"""``differs``: from what people say at the same step, where both said something."""
REMARKS = ("flagged", "noted", "either")
"""What annotators may have left beside their verdicts; a flag taken back or a note emptied is
none."""
WHITE_SPACE = " \t\n\r\f\v\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class Filter:
    """All that is set must hold; nothing set: all outputs."""

    runs: tuple[str, ...] = ()
    study: str | None = None
    """Only samples of this study; verdicts are those given in it."""
    annotator: str | None = None
    """A judge's name. Without a verdict: outputs that they judged."""
    step: str | None = None
    """A step's key, ``in_order`` or `CHAIN`; None: any step. Says what `verdict` is about."""
    verdict: str | None = None
    """One of `VERDICTS`."""
    by: str | None = None
    """A kind of judge: the verdict is the one that the following-rate table counts (their majority,
    or that of ``annotator``, per step and sample); None: that of any one judge. Needs a study and a
    step."""
    partly_done: bool = True
    """Whether *partly* is *done* (else it is *not-done*)."""
    shortest: int | None = None
    longest: int | None = None
    """Length of the output in characters, both included."""
    text: str = ""
    """Contained in the instruction, the input or the output, in upper or lower case."""
    empty_only: bool = False
    """Only outputs in which there is nothing but white space."""
    rule: str | None = None
    """What the rules say at that step, as the following-rate table counts it: one of `RULED`. Needs
    a study and a step."""
    llm: str | None = None
    """An LLM judge's name, for `says`."""
    says: str | None = None
    """What the judge `llm` says at that step, as the following-rate table counts it: one of
    `RULED`. Needs a step of the study, or of the runs."""
    against: str | None = None
    """From whom it differs: another LLM judge; None: from people."""
    other_says: str | None = None
    """Beside `says`: what the other one (`against`, or people) says at that step: done, not-done,
    unsure."""
    score: ScoreFilter | None = None
    """What must hold of an automatic score."""
    kind: str | None = None
    """Only verdicts of judges of this kind (``human``, ``llm``, ``rule``). Alone: outputs that any
    of them judged. Of machines the chain is the example's own."""
    unusable: bool = False
    """Only outputs that an LLM judge (``annotator``, if given) was asked about without a usable
    verdict."""
    rated_from: float | None = None
    rated_to: float | None = None
    """Bounds of the rating that the judges meant gave, 1 to 5, both included."""
    iteration: int | None = None
    """Only prompts that were grown so often (SeqEval's 1 to 4)."""
    duels_by: str | None = None
    """Only outputs that this LLM judge compared with another."""
    duel: str | None = None
    """What came of that: one of `sit_core.store.pairwise_filter.DUEL_OUTCOMES`."""
    duel_with: str | None = None
    """The run it was compared with; None: any."""
    example: str | None = None
    """Only outputs for this example, also where another run has written it in another way."""
    shared_by: tuple[str, ...] = ()
    """Only outputs for prompts that all these runs have."""
    remark: str | None = None
    """One of `REMARKS`: only outputs that an annotator (``annotator``, if given; in ``study``, if
    given) flagged or wrote a note on."""
    ended: str | None = None
    """How the output's call ended: one of `sit_core.store.run_contents.ENDINGS`."""
    listed: str | None = None
    """The id of a list of samples (`sit_core.store.sample_lists`): only the outputs on it."""


def conditions(connection: Connection, of: Filter) -> list[ColumnElement[bool]]:
    """What must hold of ``predictions``.

    Raises:
        UsageError: all names and verdicts that are not there, in one message.
    """
    numbers = _Numbers(connection, of)
    where: list[ColumnElement[bool]] = []
    p = predictions.c
    if of.runs:
        where.append(p.run_id.in_(numbers.runs))
    if numbers.study is not None:
        mine = (slots.c.study_id == numbers.study, slots.c.place == 0)
        where.append(p.id.in_(select(slots.c.prediction_id).where(*mine)))
    if of.verdict:
        where.append(_verdict(connection, of, numbers))
    elif (of.annotator is not None or of.kind is not None) and not (of.unusable or of.remark):
        where.append(_judged_by(connection, numbers))
    if of.rated_from is not None or of.rated_to is not None:
        where.append(p.id.in_(_rated(of, numbers)))
    if of.unusable:
        bad = select(unusable.c.prediction_id)
        if numbers.judges is not None:
            bad = bad.where(unusable.c.judge_id.in_(numbers.judges))
        where.append(p.id.in_(bad))
    if of.duels_by is not None:
        where.append(compared_so(of.duels_by, of.duel, of.duel_with))
    if of.iteration is not None:
        said = cast(examples.c.meta["iteration"].as_string(), String)
        grown = select(examples.c.id).where(said.in_((str(of.iteration), f"{of.iteration}.0")))
        where.append(p.example_id.in_(grown))
    if of.example is not None:
        key = select(examples.c.match_key).where(examples.c.id == of.example)
        where.append(p.example_id.in_(select(examples.c.id).where(examples.c.match_key.in_(key))))
    if of.shared_by:
        asked = select(examples.c.id).where(examples.c.match_key.in_(keys_of_all(of.shared_by)))
        where.append(p.example_id.in_(asked))
    if of.remark is not None:
        where.append(p.id.in_(_remarked(of, numbers)))
    if of.ended is not None:
        where.append(ended_so(of.ended))
    if of.listed is not None:
        where.append(p.id.in_(samples_on(of.listed)))
    if of.rule:
        where.append(p.id.in_(_ruled(connection, of, numbers)))
    if of.says:
        where.append(or_(*_judged(connection, of, numbers)))
    if of.score is not None:
        where.append(scored_so(of.score))
    if of.shortest is not None:
        where.append(p.length >= of.shortest)
    if of.longest is not None:
        where.append(p.length <= of.longest)
    if of.empty_only:
        where.append(or_(p.length == 0, func.trim(p.output, WHITE_SPACE) == ""))
    if of.text:
        where.append(_contains(connection, of.text))
    return where


class _Numbers:
    """The rows that a filter's names stand for."""

    def __init__(self, connection: Connection, of: Filter) -> None:
        problems: list[str] = []
        known = {row.name: row.id for row in connection.execute(select(runs.c.name, runs.c.id))}
        problems += [unknown("run", name, list(known)) for name in of.runs if name not in known]
        self.runs = [known[name] for name in of.runs if name in known]
        self.study: int | None = None
        if of.study is not None:
            found = {r.name: r.id for r in connection.execute(select(studies.c.name, studies.c.id))}
            self.study = found.get(of.study)
            if self.study is None:
                problems.append(unknown("study", of.study, list(found)))
        self.scope: Selection | None = None
        """The study's samples as `sit_core.store.verdict_state` wants them."""
        if self.study is not None and (of.by or of.rule or of.says):
            steps = connection.scalar(select(studies.c.steps).where(studies.c.id == self.study))
            self.scope = Selection(self.study, (), (), steps_from_json(steps or ()))
        self.judges: list[int] | None = None
        if of.annotator is not None or of.kind is not None:
            people = connection.execute(select(judges.c.name, judges.c.id, judges.c.kind)).all()
            people = [row for row in people if of.kind in (None, row.kind)]
            if of.annotator is None and of.kind == JudgeKind.RULE:  # as in `VerdictFilter`
                people = [row for row in people if WITH_ENCODER not in row.name]
            self.judges = [row.id for row in people if of.annotator in (None, row.name)]
            if of.annotator is not None and not self.judges:
                problems.append(unknown("annotator", of.annotator, [row.name for row in people]))
        if of.kind is not None and of.kind not in list(JudgeKind):
            problems.append(unknown("kind of judge", of.kind, list(JudgeKind)))
        if of.verdict is not None and of.verdict not in VERDICTS:
            problems.append(unknown("verdict", of.verdict, list(VERDICTS)))
        if of.remark is not None and of.remark not in REMARKS:
            problems.append(unknown("remark", of.remark, list(REMARKS)))
        if of.ended is not None and of.ended not in ENDINGS:
            problems.append(unknown("outcome", of.ended, list(ENDINGS)))
        if of.duel is not None and of.duel not in DUEL_OUTCOMES:
            problems.append(unknown("outcome", of.duel, list(DUEL_OUTCOMES)))
        if of.duel_with is not None and of.duel_with not in known:
            problems.append(unknown("run", of.duel_with, list(known)))
        if of.rule is not None and of.rule not in RULED:
            problems.append(unknown("ruling", of.rule, list(RULED)))
        elif of.rule and (self.scope is None or of.step not in self.scope.keys):
            problems.append("What the rules say is asked for a study and one of its steps.")
        self.scopes: list[Selection] = []
        """Of what an LLM judge says."""
        if of.says:
            problems += self._look_for_judge(connection, of)
        if problems:
            raise UsageError(" ".join(problems))

    def _look_for_judge(self, connection: Connection, of: Filter) -> Iterator[str]:
        """Find the samples whose steps an LLM judge is asked about; what is wrong."""
        if of.says not in RULED:
            yield unknown("ruling", str(of.says), list(RULED))
        if of.other_says is not None and of.other_says not in STATES:
            yield unknown("ruling", of.other_says, list(STATES))
        query = select(judges.c.name).where(judges.c.kind == JudgeKind.LLM.value)
        known = list(connection.scalars(query))
        for name in (of.llm, of.against):
            if name is not None and name not in known:
                yield unknown("llm judge", name, known)
        if of.llm is None or of.llm == of.against:
            yield "Name an LLM judge whose verdicts are asked for, and another one to compare with."
        found = [self.scope] if self.scope is not None else []
        if not found and self.runs and len(self.runs) == len(of.runs):
            try:
                found = scopes_of_runs(connection, of.runs)
            except UsageError as error:
                yield str(error)
                return
        self.scopes = [scope for scope in found if of.step in scope.keys]
        if found and of.step and not self.scopes and _asked_by_llm(connection, of.step):
            self.scopes = [scope.beside(of.step) for scope in found]
        if not self.scopes:
            yield "What an LLM judge says is asked for a study or runs, and one of their steps."


def _asked_by_llm(connection: Connection, step: str) -> bool:
    """Whether an LLM judge has said anything at a step, which chains need not have."""
    llm = select(judges.c.id).where(judges.c.kind == JudgeKind.LLM.value)
    said = select(judgments.c.id).where(judgments.c.step == step, judgments.c.judge_id.in_(llm))
    return connection.scalar(said.limit(1)) is not None


def _said(numbers: _Numbers) -> list[ColumnElement[bool]]:
    """Current verdicts of the judges meant, in the study meant."""
    later = judgments.alias("later")
    j = judgments.c
    where: list[ColumnElement[bool]] = [
        ~exists().where(
            func.coalesce(later.c.study_id, 0) == func.coalesce(j.study_id, 0),
            later.c.prediction_id == j.prediction_id,
            later.c.judge_id == j.judge_id,
            later.c.step == j.step,
            later.c.revision > j.revision,
        )
    ]
    if numbers.study is not None:
        where.append(j.study_id == numbers.study)
    if numbers.judges is not None:
        where.append(j.judge_id.in_(numbers.judges))
    return where


def _judged_by(connection: Connection, numbers: _Numbers) -> ColumnElement[bool]:
    """Whether any of the judges meant said anything of ``predictions``."""
    who = set(numbers.judges or ())
    kinds = [
        JudgeKind(kind)
        for kind in connection.scalars(select(judges.c.kind).where(judges.c.id.in_(who)).distinct())
    ]
    if numbers.study is not None and kinds != [JudgeKind.HUMAN]:
        # What machines say in no study is not said in this one, though its tables count it.
        return predictions.c.id.in_(select(judgments.c.prediction_id).where(*_said(numbers)))
    whole = Selection(numbers.study, (), (), ())
    return or_(
        false(),
        *(
            predictions.c.id.in_(
                with_pattern(
                    connection,
                    whole,
                    kind,
                    [
                        number
                        for number, said in patterns_there(connection, whole, kind).items()
                        if not who.isdisjoint(said)
                    ],
                )
            )
            for kind in kinds
        ),
    )


def _remarked(of: Filter, numbers: _Numbers) -> Select[Any]:
    """The outputs with such a remark, as each annotator's newest revision has it."""
    r, later = remarks.c, remarks.alias("later")
    wanted = {
        "flagged": r.flagged.is_(True),
        "noted": func.trim(r.note, WHITE_SPACE) != "",
    }
    newest = ~exists().where(
        later.c.study_id == r.study_id,
        later.c.prediction_id == r.prediction_id,
        later.c.judge_id == r.judge_id,
        later.c.revision > r.revision,
    )
    found = select(r.prediction_id).where(
        newest, wanted[of.remark] if of.remark in wanted else or_(*wanted.values())
    )
    if numbers.study is not None:
        found = found.where(r.study_id == numbers.study)
    if numbers.judges is not None:
        found = found.where(r.judge_id.in_(numbers.judges))
    return found


def _verdict(connection: Connection, of: Filter, numbers: _Numbers) -> ColumnElement[bool]:
    counted = _counted(connection, of, numbers)
    if counted is not None:
        return predictions.c.id.in_(counted)
    if of.step == CHAIN:
        found = _chain(of, numbers)
    else:
        found = select(judgments.c.prediction_id).where(*_said(numbers))
        if of.step:
            found = found.where(judgments.c.step == of.step)
        else:
            found = found.where(judgments.c.step != IN_ORDER)
        if of.verdict != "missing":
            found = found.where(judgments.c.verdict.in_(_meant(of)))
    among = predictions.c.id.in_(found)
    return ~among if of.verdict == "missing" else among


def _counted(connection: Connection, of: Filter, numbers: _Numbers) -> Select[Any] | None:
    """The outputs that the following-rate table counts so; None where it does not apply."""
    scope, kind = numbers.scope, of.by
    counts = of.verdict in STATES or of.verdict in ("missing", DECIDED)
    if scope is None or of.verdict is None or not counts or not of.step:
        return None
    if kind not in list(JudgeKind):
        return None
    if of.step not in scope.keys:
        if kind != JudgeKind.LLM:
            return None
        scope = scope.beside(of.step)
    reading = VerdictFilter(JudgeKind(kind), of.annotator, of.partly_done)
    return samples_in_state(connection, scope, reading, of.step, of.verdict)


def _ruled(connection: Connection, of: Filter, numbers: _Numbers) -> Select[Any]:
    """The outputs of which the rules say so, or of which they say something else than people."""
    scope, step = numbers.scope, of.step
    assert scope is not None  # see `_Numbers`
    assert step is not None
    rules = VerdictFilter(by=JudgeKind.RULE, partly_done=of.partly_done)
    if of.rule != "differs":
        return samples_in_state(connection, scope, rules, step, of.rule or "")
    people = VerdictFilter(JudgeKind.HUMAN, of.annotator, of.partly_done)
    return samples_that_differ(connection, scope, people, rules, step)


def _judged(connection: Connection, of: Filter, numbers: _Numbers) -> Iterator[ColumnElement[bool]]:
    """Whether an LLM judge says so of ``predictions``, or something else than another one."""
    step = of.step
    assert step is not None  # see `_Numbers`
    judge = VerdictFilter(JudgeKind.LLM, of.llm, of.partly_done)
    other = VerdictFilter(JudgeKind.HUMAN, of.annotator, of.partly_done)
    if of.against is not None:
        other = VerdictFilter(JudgeKind.LLM, of.against, of.partly_done)
    for scope in numbers.scopes:
        if of.says == "differs":
            found = samples_that_differ(connection, scope, other, judge, step)
        elif of.other_says is not None:
            both = (of.other_says, of.says or "")
            found = samples_said_so(connection, scope, other, judge, step, both)
        else:
            found = samples_in_state(connection, scope, judge, step, of.says or "")
        yield predictions.c.id.in_(found)


def _meant(of: Filter) -> Sequence[str]:
    done = ("yes", "partly") if of.partly_done else ("yes",)
    not_done = ("no",) if of.partly_done else ("no", "partly")
    decided = ("yes", "partly", "no")
    meant = {"done": done, "not-done": not_done, DECIDED: decided}
    return meant.get(of.verdict or "", (of.verdict or "",))


def _chain(of: Filter, numbers: _Numbers) -> Select[Any]:
    """Outputs that one judge has judged completely, at all steps of a study, with that outcome."""
    j = judgments.c

    def many(*verdicts: str) -> ColumnElement[int]:
        return func.sum(case((j.verdict.in_(verdicts), 1), else_=0))

    not_done = many("no") if of.partly_done else many("no", "partly")
    outcome: dict[str | None, ColumnElement[bool]] = {
        "yes": many("yes") == func.count(),
        "partly": and_(many("partly") > 0, many("no", "unsure") == 0),
        "no": many("no") > 0,
        "unsure": and_(many("unsure") > 0, not_done == 0),
        "done": and_(not_done == 0, many("unsure") == 0),
        "not-done": not_done > 0,
        DECIDED: or_(not_done > 0, many("unsure") == 0),
    }
    steps, joined = studies.c.steps, judgments.join(studies, studies.c.id == j.study_id)
    if of.kind in (JudgeKind.LLM, JudgeKind.RULE):  # they judge in no study
        of_output = predictions.join(examples, examples.c.id == predictions.c.example_id)
        steps, joined = (
            examples.c.steps,
            judgments.join(of_output, predictions.c.id == j.prediction_id),
        )
    complete = func.count() == func.min(func.json_array_length(steps))
    return (
        select(j.prediction_id)
        .select_from(joined)
        .where(*_said(numbers), j.step != IN_ORDER)
        .group_by(j.study_id, j.prediction_id, j.judge_id)
        .having(and_(complete, *([outcome[of.verdict]] if of.verdict in outcome else [])))
    )


def _rated(of: Filter, numbers: _Numbers) -> Select[Any]:
    """The outputs whose rating is within the bounds."""
    found = select(judgments.c.prediction_id).where(*_said(numbers))
    if of.step and of.step != CHAIN:
        found = found.where(judgments.c.step == of.step)
    if of.rated_from is not None:
        found = found.where(judgments.c.score >= of.rated_from)
    if of.rated_to is not None:
        found = found.where(judgments.c.score <= of.rated_to)
    return found.where(judgments.c.score.is_not(None))


def _contains(connection: Connection, text: str) -> ColumnElement[bool]:
    if not is_text(text):
        return false()

    def has(column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool]
        if connection.dialect.name != "sqlite":
            found = column.icontains(text, autoescape=True)
        elif text.isascii():  # SQLite's LIKE knows upper and lower case of ASCII only
            found = column.contains(text, autoescape=True)
        else:
            found = func.instr(func.sit_fold(column), fold(text)) > 0
        return found

    if connection.dialect.name == "sqlite" and not text.isascii():
        raw: Any = connection.connection.driver_connection
        raw.create_function("sit_fold", 1, fold, deterministic=True)
    asked = select(examples.c.id).where(or_(has(examples.c.instruction), has(examples.c.input)))
    return or_(has(predictions.c.output), predictions.c.example_id.in_(asked))


def fold(text: str) -> str:
    """A text without the difference between upper and lower case, in any script."""
    return unicodedata.normalize("NFC", text).casefold()
