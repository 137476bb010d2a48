"""One instruction through the stages, with prompts that may just be edited; nothing is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sit_core.models.usage import Usage
from sit_core.records import Example
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.filters import refused_by
from sit_core.seq_instruct.prompts import Prompts, read_prompts
from sit_core.seq_instruct.record import InProgress, Record, StageReply, seed_record
from sit_core.seq_instruct.stages import RESPOND, STAGES
from sit_core.seq_instruct.state import (
    candidate_of,
    ended,
    fault_of,
    input_beside,
    standing,
)
from sit_core.seq_instruct.writers import WriterModels, prompt_for


@dataclass(frozen=True, slots=True)
class TrialCall:
    """A call, as it was sent and replied."""

    prompt: str
    reply: StageReply


def supposed(stage: str, text: str) -> StageReply:
    """A reply that nobody wrote, to stand for a stage that is not tried."""
    return StageReply(stage, attempt=0, text=text, writer="(supposed)", seed=0, prompt_sha256="")


def try_one(
    config: SeqInstructConfig,
    example: Example,
    prompts: Prompts | None = None,
    *,
    given: Sequence[StageReply] = (),
) -> Iterator[TrialCall | Record]:
    """Each call as it comes, at last the record.

    Args:
        config: who writes, how many attempts, which gates.
        example: instruction, input, and the known answer as its reference.
        prompts: of `prompts_from`, such as a page has them while they are edited.
        given: replies of earlier stages (`supposed`), so that a later one can be tried alone.

    Raises:
        SitError: a model can't be loaded or reached, or a prompt can't be used.
    """
    texts = prompts or read_prompts(config.prompts)
    one, gate = InProgress(seed_record(0, example), list(given)), None
    with WriterModels(config) as writers:
        for stage in STAGES:
            now = standing(one, config, 1)
            if stage == RESPOND and now.instruction is not None:
                gate = refused_by(candidate_of(one.before, now.instruction, config), config.gates)
            while now.next == stage and gate is None:
                attempt = one.tries.get(stage, 0) + 1
                final = now.instruction or example.instruction
                beside = input_beside(final, example.input) if now.instruction else None
                prompt = prompt_for(
                    texts,
                    config,
                    stage,
                    one.before,
                    iteration=1,
                    attempt=attempt,
                    option=now.option,
                    proposed=final if stage == RESPOND else now.proposed or "",
                    input=beside if stage == RESPOND else None,
                )
                how = writers.how(stage, 1, attempt)
                ((_, made),) = writers.model(stage).generate([prompt], how)
                used = Usage()
                used.add(prompt.instruction, made)
                why, detail = fault_of(stage, made, now.proposed or "")
                reply = StageReply(
                    stage=stage,
                    attempt=attempt,
                    text=made.text,
                    writer=writers.name(stage),
                    seed=how.seed,
                    prompt_sha256=sha256(prompt.instruction.encode("utf-8", "replace")).hexdigest(),
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
                one.replies.append(reply)
                one.tries[stage] = attempt
                yield TrialCall(prompt.instruction, reply)
                now = standing(one, config, 1)
    yield ended(one, standing(one, config, 1), 1, gate)
