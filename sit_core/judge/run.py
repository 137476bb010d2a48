"""The judging itself: what has no reply yet is asked, and what comes is kept as it comes.

A reply is kept by the hash of all it depends on, in the same transaction as its verdict; so a
killed judging that is gone on with, or another one that happens to ask the same, asks nothing
twice. Refusals, empty replies and failures are not kept: the next attempt asks again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from sit_core.errors import SitError
from sit_core.judge.config import JudgeConfig
from sit_core.judge.question_batches import REFUSED, JudgePrompt, QuestionBatch, QuestionBatches
from sit_core.models import Generated, Model, load_model
from sit_core.models.interface import FailuresInARow
from sit_core.models.usage import Prices, Usage, estimated_tokens
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.judge_replies_writer import JudgeWriter, KeptReply, QuestionResult, save_answers

WAVE = 4096
"""Questions given to the model together: enough that the slow last ones of a wave don't count."""
TOLD_SECONDS = 5.0
"""Between two changes of what is told."""


class Report(Protocol):
    """Told how far it is; may raise to stop."""

    def __call__(self, done: int | None, total: int | None = None, message: str = "") -> None:
        """See `sit_core.jobs.worker.JobProcess.report`."""


class BudgetReached(SitError):
    """The budget is used up; what was said is kept, and judging can be gone on with."""


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What was done, in questions but for `outputs` and `without`."""

    judge: str
    """The judge's name in the store."""
    outputs: int
    asked: int
    """By this attempt."""
    known: int
    """Had a reply already."""
    settled: int
    """Needed no judge: two outputs that are the same text."""
    unusable: int
    """Of those asked and known: without a verdict."""
    reasons: Mapping[str, int]
    """Why, the commonest first."""
    without: Mapping[str, int]
    """Outputs about which nothing could be asked: why → how many."""
    usage: Usage
    """Of what this attempt asked."""
    known_usage: Usage
    """What the known replies took when they were made."""
    cost: float
    """Of what this attempt asked."""
    known_cost: float
    left_out: tuple[str, ...] = ()
    """Settings that the endpoint refused for this model, so that they were not sent."""


@dataclass
class _Count:
    """What has been done so far."""

    asked: int = 0
    known: int = 0
    settled: int = 0
    failures: FailuresInARow = field(default_factory=FailuresInARow)
    reasons: Counter[str] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)
    usage: Usage = field(default_factory=Usage)
    known_usage: Usage = field(default_factory=Usage)
    spent_before: Usage = field(default_factory=Usage)
    """By earlier attempts at the same job."""
    guessed: int = 0
    """Tokens of the prompts asked so far, as they were estimated."""


def judge_runs(
    store: Store,
    wanted: JudgeConfig,
    *,
    report: Report,
    stopped: Callable[[], bool] = lambda: False,
    since: float = float("inf"),
) -> JudgeReport:
    """Have a model judge outputs, and keep what it says.

    Args:
        store: where they are and where the verdicts go.
        wanted: which outputs, by whom.
        report: told how far it is, in questions.
        stopped: asked now and then; true ends the work.
        since: when this judging was begun at first (seconds since 1970): replies that came later
            count as spent for the budget.

    Raises:
        UsageError: the options can't work.
        BudgetReached: the next question could cost more than what is left of the budget.
        SitError: the model can't be loaded, or nothing comes any more. Always: what was said is
            kept.
    """
    wanted.check(store)
    return _Judging(store, wanted, report, stopped, since).run()


class _Judging:
    """One judging under way."""

    def __init__(
        self,
        store: Store,
        wanted: JudgeConfig,
        report: Report,
        stopped: Callable[[], bool],
        since: float,
    ) -> None:
        self.store, self.wanted, self.report, self.stopped = store, wanted, report, stopped
        self.since = since
        self.questions = QuestionBatches(store, wanted)
        self.count = _Count()
        self.total = 0
        self.model: Model | None = None
        self.told, self.told_at = "judging", time.monotonic()

    def run(self) -> JudgeReport:
        """Do it."""
        report, count = self.report, self.count
        report(None, None, "reading the outputs")
        waiting: list[JudgePrompt] = []
        left_out: tuple[str, ...] = ()
        try:
            # What is known first, so that the figures and the budget are right from the start.
            for group in self.questions.groups():
                self._known(group)
                waiting += group.open
                self.total += len(group.kept) + len(group.settled) + len(group.open)
                report(self._done, None, "reading the outputs")
            # Questions that are the same (an output twice) are asked once.
            first: dict[str, list[JudgePrompt]] = {}
            for question in waiting:
                first.setdefault(question.key, []).append(question)
            self._ask(list(first.values()))
        finally:
            if self.model is not None:
                left_out = tuple(self.model.identity().get("left_out", ()))
                self.model.close()
        prices = self.wanted.prices
        made = JudgeReport(
            judge=self.questions.name,
            outputs=self.questions.outputs,
            asked=count.asked,
            known=count.known,
            settled=count.settled,
            unusable=count.reasons.total(),
            reasons=dict(count.reasons.most_common()),
            without=dict(count.without.most_common()),
            usage=count.usage,
            known_usage=count.known_usage,
            cost=count.usage.cost(prices),
            known_cost=count.known_usage.cost(prices),
            left_out=left_out,
        )
        report(self._done, self.total, _said(made))
        return made

    @property
    def _done(self) -> int:
        return self.count.asked + self.count.known + self.count.settled

    def _known(self, group: QuestionBatch) -> None:
        """Keep what follows from replies that are there."""
        count, answers = self.count, list(group.settled)
        for question, kept in group.kept:
            answer = self._read(question, kept)
            answers.append(answer)
            usage = _usage(question, kept)
            count.known_usage = count.known_usage.plus(usage)
            if kept.created_at >= self.since:
                count.spent_before = count.spent_before.plus(usage)
        count.known += len(group.kept)
        count.settled += len(group.settled)
        count.without.update(group.without)
        save_answers(self.store, self.questions.name, answers)

    def _read(self, question: JudgePrompt, kept: KeptReply) -> QuestionResult:
        answer = self.questions.answer(
            question, kept.reply, cut=bool(kept.provenance.get("cut", False))
        )
        self._count(answer)
        return answer

    def _count(self, answer: QuestionResult) -> None:
        if answer.reason is not None:
            self.count.reasons[answer.reason] += 1

    def _ask(self, waiting: list[list[JudgePrompt]]) -> None:
        """Ask, wave by wave; each question stands for all that are the same."""
        place = 0
        while place < len(waiting):
            size = self._affordable(waiting[place : place + WAVE])
            if size == 0:
                left = sum(map(len, waiting[place:]))
                raise BudgetReached(
                    f"The budget of {self.wanted.prices.budget:g} is used up as far as is certain "
                    f"({self._spent:.4g} spent, {left:,} questions left); what was said is kept. "
                    "With a higher budget the same command goes on."
                )
            if self.model is None:
                self.report(self._done, self.total, "loading the model")
                self.model = load_model(self.questions.choice.spec())
            self._wave(self.model, waiting[place : place + size])
            place += size

    @property
    def _spent(self) -> float:
        count = self.count
        return count.usage.plus(count.spent_before).cost(self.wanted.prices)

    def _affordable(self, waiting: Sequence[Sequence[JudgePrompt]]) -> int:
        """How many of them surely fit into what is left of the budget."""
        prices, choice = self.wanted.prices, self.questions.choice
        if prices.budget is None:
            return len(waiting)
        left = prices.budget - self._spent
        # Tokens per character differ by language and model; what was seen corrects the estimate.
        seen = self.count.usage.prompt_tokens / self.count.guessed if self.count.guessed else 1.0
        size = 0
        for question in waiting[: None if self.count.guessed else choice.in_flight]:
            tokens = estimated_tokens(question[0].prompt) * max(1.0, seen)
            left -= prices.cost(round(tokens), choice.max_new_tokens)
            if left < 0:
                break
            size += 1
        return size

    def _wave(self, model: Model, waiting: Sequence[Sequence[JudgePrompt]]) -> None:
        count = self.count
        prompts = [Example(same[0].prompt) for same in waiting]
        before = count.asked
        self.report(self._done, self.total, "judging")
        generation = self.questions.choice.generation()
        with JudgeWriter(self.store, self.questions.name) as writer:
            for index, made in _closed(model.generate(prompts, generation, self.stopped)):
                same = waiting[index]
                reason = _no_reply(made)
                count.usage.add(prompts[index].instruction, made)
                count.guessed += estimated_tokens(prompts[index].instruction)
                answers = [
                    self.questions.answer(question, made.text, cut=made.cut, reason=reason)
                    for question in same
                ]
                kept = None
                if reason is None and answers[0].reason != REFUSED:
                    # An endpoint says which model it is, and what it refuses, only in replies.
                    origin: dict[str, Any] = {
                        "identity": model.identity(),
                        "asked": self.questions.identity,
                        "outcome": made.outcome.value,
                    }
                    if made.cut:
                        origin["cut"] = True
                    if made.thoughts:
                        origin["thoughts"] = made.thoughts
                    kept = KeptReply(
                        same[0].key, made.text, made.prompt_tokens, made.tokens, origin
                    )
                for answer in answers:
                    self._count(answer)
                    writer.put((answer, kept))
                count.asked += len(same)
                useless = count.failures.add(made.error)
                self.report(self._done, self.total, self._so_far())
                if useless:
                    raise SitError(
                        f"{count.failures.count} questions in a row got no reply (the last one: "
                        f"{count.failures.last}); what was said is kept, and judging can be "
                        "resumed."
                    )
        if count.asked - before < sum(map(len, waiting)):
            self.report(self._done, self.total, "stopped early")  # raises if that was asked
            raise SitError("The judging ended before its end; what was said is kept. Resume it.")

    def _so_far(self) -> str:
        """What is told; the same for some seconds, because each new text is a line in a log."""
        now = time.monotonic()
        if now - self.told_at >= TOLD_SECONDS:
            self.told_at, self.told = now, self._figures()
        return self.told

    def _figures(self) -> str:
        unusable = self.count.reasons.total()
        said = f"judging, {unusable:,} unusable" if unusable else "judging"
        prices = self.wanted.prices
        return f"{said}, cost {self._spent:.4g}" if prices.input or prices.output else said


def _no_reply(made: Generated) -> str | None:
    """Why what came is no reply that is worth keeping."""
    if made.error is not None:
        return f"no reply came: {made.error}"
    if made.refused:
        return REFUSED
    return None if made.text.strip() else made.reason or "it is empty"


def _usage(question: JudgePrompt, kept: KeptReply) -> Usage:
    """What a known reply took when it was made."""
    usage = Usage()
    usage.add(
        question.prompt,
        Generated(kept.reply, tokens=kept.tokens, prompt_tokens=kept.prompt_tokens),
    )
    return usage


def _closed(made: Iterator[tuple[int, Generated]]) -> Iterator[tuple[int, Generated]]:
    """The same; whoever leaves early ends the asking at once, not when memory is tidied."""
    close: Any = getattr(made, "close", None)
    if close is None:
        yield from made
        return
    with closing(made):  # type: ignore[type-var]
        yield from made


def _said(done: JudgeReport) -> str:
    """The job's last line."""
    said = f"{done.outputs:,} output{'' if done.outputs == 1 else 's'} judged"
    said += f"; {done.asked:,} questions asked, {done.known:,} known"
    said += f", {done.unusable:,} without a usable verdict" if done.unusable else ""
    refused = " and ".join(done.left_out)
    return said + (f"; the endpoint refuses {refused}, so left out" if refused else "")


@dataclass(frozen=True, slots=True)
class JudgeEstimate:
    """What a judging would take, as far as that can be known before."""

    judge: str
    outputs: int
    questions: int
    known: int
    """Of them: have a reply already, and cost nothing."""
    without: Mapping[str, int]
    """Outputs about which nothing can be asked: why → how many."""
    prompt_tokens: int
    """Of the questions that are left, at four characters a token."""
    most_tokens: int
    """Of their replies, if each were as long as the judge allows."""
    most_cost: float | None
    """None where no prices are known."""


def estimate(store: Store, wanted: JudgeConfig) -> JudgeEstimate:
    """What a judging would take; nothing is asked, loaded or stored.

    Raises:
        UsageError: the options can't work.
        SitError: the model is not there.
    """
    wanted.check(store)
    questions = QuestionBatches(store, wanted)
    known = settled = 0
    open_: dict[str, int] = {}
    without: Counter[str] = Counter()
    count = 0
    for group in questions.groups():
        known += len(group.kept)
        settled += len(group.settled)
        count += len(group.kept) + len(group.open)
        without.update(group.without)
        open_ |= {question.key: estimated_tokens(question.prompt) for question in group.open}
    prompt_tokens = sum(open_.values())
    most = len(open_) * questions.choice.max_new_tokens
    prices: Prices = wanted.prices
    priced = prices.input or prices.output
    return JudgeEstimate(
        judge=questions.name,
        outputs=questions.outputs,
        questions=count + settled,
        known=known + settled,
        without=dict(without),
        prompt_tokens=prompt_tokens,
        most_tokens=most,
        most_cost=prices.cost(prompt_tokens, most) if priced else None,
    )


def prompts_of(store: Store, wanted: JudgeConfig, most: int = 1) -> list[JudgePrompt]:
    """The first questions, each with its prompt as it would be sent; nothing is asked.

    Raises:
        SitError: the judge, the study or the model is not there.
    """
    found: list[JudgePrompt] = []
    for group in QuestionBatches(store, wanted).groups():
        found += [question for question, _ in group.kept]
        found += group.open
        if len(found) >= most:
            break
    return found[:most]
