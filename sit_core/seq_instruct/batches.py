"""The instructions of one iteration in batches: each stage is asked of a whole batch at a time.

So that as many calls are in flight as the writer allows, and memory holds one wave, whatever the
number of instructions. Each reply is kept as it comes; see `iteration_store`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sit_core.errors import SitError
from sit_core.models.interface import FAILURES_IN_A_ROW, FailuresInARow, Generated
from sit_core.models.usage import Usage, estimated_tokens
from sit_core.records import Example
from sit_core.seq_instruct.budget import Budget
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.filter_runner import FilterRunner
from sit_core.seq_instruct.filters import ANSWER_TOO_LONG
from sit_core.seq_instruct.iteration_store import IterationStore, PendingReplies
from sit_core.seq_instruct.prompts import Prompts
from sit_core.seq_instruct.record import InProgress, Record, StageReply
from sit_core.seq_instruct.stages import REFINE, RESPOND, STAGES
from sit_core.seq_instruct.state import (
    InstructionState,
    ended,
    fault_of,
    input_beside,
    standing,
)
from sit_core.seq_instruct.writers import WriterModels, prompt_for


@dataclass
class Iteration:
    """What the batches of one iteration share."""

    number: int
    config: SeqInstructConfig
    prompts: Prompts
    writers: WriterModels
    budget: Budget
    store: IterationStore
    report: Callable[[float, str], None]
    """Told which share of a wave is done and what is being done; may raise to stop."""
    stopped: Callable[[], bool]

    def __post_init__(self) -> None:
        """Take up the new instructions that are there already, to tell duplicates."""
        self._keeper = FilterRunner(self.config, self.store)

    def run(self, befores: Sequence[Record]) -> None:
        """Take a wave through all stages and keep its records.

        Raises:
            BudgetSpent: no further call is allowed; what came is kept.
            SitError: the writer can't go on; what came is kept.
        """
        wave = [InProgress(before) for before in befores]
        replies = PendingReplies(self.store.folder, self.number)
        try:
            for _ in replies.known(wave):
                pass
            gated: dict[int, tuple[str, str]] = {}
            for stage in STAGES:
                self._stage(stage, wave, replies, gated)
                if stage == REFINE:
                    gated = self._keeper.gated((o.before, self._new(o)) for o in wave)
            records = [self._ended(one, gated) for one in wave]
        finally:
            replies.close()
        self.store.commit(records)
        self._keeper.forget()
        replies.clear()

    def _stage(
        self,
        stage: str,
        wave: list[InProgress],
        replies: PendingReplies,
        gated: dict[int, tuple[str, str]],
    ) -> None:
        """Ask until nobody waits for this stage: everybody has a reply of use, or has failed."""
        while True:
            waiting = []
            for one in wave:
                now = self._standing(one)
                if now.next == stage and one.before.place not in gated:
                    waiting.append((one, now))
            if not waiting:
                return
            attempt = min(one.tries.get(stage, 0) for one, _ in waiting)
            chosen = [pair for pair in waiting if pair[0].tries.get(stage, 0) == attempt]
            self._ask(stage, attempt + 1, chosen, len(wave), replies)

    def _ask(
        self,
        stage: str,
        attempt: int,
        waiting: list[tuple[InProgress, InstructionState]],
        of: int,
        replies: PendingReplies,
    ) -> None:
        """One attempt for each; in parts, where a budget wants it."""
        model = self.writers.model(stage)
        how = self.writers.how(stage, self.number, attempt)
        done = of - len(waiting)
        while waiting:
            first = self._prompt(stage, attempt, *waiting[0])
            count = self.budget.at_once(stage, len(waiting), estimated_tokens(first.instruction))
            asked, waiting = waiting[:count], waiting[count:]
            prompts = [self._prompt(stage, attempt, one, now) for one, now in asked]
            came = 0
            # Those in flight may all fail before the first of them is known to have failed.
            failures = FailuresInARow(max(FAILURES_IN_A_ROW, 2 * how.in_flight))
            for index, made in model.generate(prompts, how, self.stopped):
                one, now = asked[index]
                self._take(stage, attempt, one, now, prompts[index], how.seed, made, replies)
                came += 1
                if failures.add(made.error):
                    raise SitError(f"The last {failures.count} calls failed. {failures.last}")
                self.report((done + came) / of / len(STAGES) + STAGES.index(stage) / 4, stage)
            done += came
            if came < len(asked):
                self.report(done / of / len(STAGES) + STAGES.index(stage) / 4, stage)
                raise SitError("The writer ended before all replies came; what came is kept.")

    def _take(
        self,
        stage: str,
        attempt: int,
        one: InProgress,
        now: InstructionState,
        prompt: Example,
        seed: int,
        made: Generated,
        replies: PendingReplies,
    ) -> None:
        """Keep a reply and count it."""
        used = Usage()
        used.add(prompt.instruction, made)
        why, detail = fault_of(stage, made, now.proposed or "")
        reply = StageReply(
            stage=stage,
            attempt=attempt,
            text=made.text,
            writer=self.writers.name(stage),
            seed=seed,
            prompt_sha256=sha256(prompt.instruction.encode("utf-8", "surrogatepass")).hexdigest(),
            prompt_tokens=used.prompt_tokens,
            tokens=used.tokens,
            estimated=bool(used.estimated),
            cut=made.cut,
            refused=made.refused,
            error=made.error,
            why=why,
            detail=detail,
            thoughts=made.thoughts or None,
        )
        replies.add(one.before.place, reply)
        one.replies.append(reply)
        one.tries[stage] = one.tries.get(stage, 0) + 1
        self.budget.take(stage, used)
        if stage == REFINE and why is None:
            self._keeper.look(one.before, self._new(one))

    def _prompt(self, stage: str, attempt: int, one: InProgress, now: InstructionState) -> Example:
        final = now.instruction or one.before.instruction
        answering = stage == RESPOND
        return prompt_for(
            self.prompts,
            self.config,
            stage,
            one.before,
            iteration=self.number,
            attempt=attempt,
            option=now.option,
            proposed=final if answering else now.proposed or "",
            input=input_beside(final, one.before.input) if answering and now.instruction else None,
        )

    def _new(self, one: InProgress) -> str | None:
        """Its new instruction, if it has one that may go through the gates."""
        return self._standing(one).instruction

    def _standing(self, one: InProgress) -> InstructionState:
        return standing(one, self.config, self.number)

    def _ended(self, one: InProgress, gated: dict[int, tuple[str, str]]) -> Record:
        now = self._standing(one)
        gate = gated.get(one.before.place)
        words = len((now.response or "").split())
        looked_at = ANSWER_TOO_LONG in self.config.gates and now.instruction is not None
        if gate is None and looked_at and words > self.config.max_response_words:
            gate = (ANSWER_TOO_LONG, f"the answer has {words:,} words")
        return ended(one, now, self.number, gate)
