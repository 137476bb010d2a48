"""What a run will ask for, before it begins: calls, tokens and money, by the seeds' lengths."""

from dataclasses import asdict, dataclass
from typing import Any

from sit_core.models.usage import estimated_tokens
from sit_core.seq_instruct.config import RULES, SeqInstructConfig
from sit_core.seq_instruct.prompts import read_prompts
from sit_core.seq_instruct.seeds import SeedsRead, read_seeds
from sit_core.seq_instruct.stages import (
    CLASSIFY,
    GENERATE,
    REFINE,
    RESPOND,
    STAGES,
    Option,
)
from sit_core.seq_instruct.writers import prompt_for

LOOKED_AT = 500
"""Prompts are made of so many seeds, spread over them, to know how long they are."""
GROWTH = 1.6
"""An instruction of the next iteration is about so much longer."""
REPLY_TOKENS = {CLASSIFY: 80, GENERATE: 80, REFINE: 60, RESPOND: 350}
"""Of a reply, where nothing is known of the writer."""


@dataclass(frozen=True, slots=True)
class StageEstimate:
    """One stage over all iterations."""

    calls: int
    prompt_tokens: int
    tokens: int
    cost: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """At most so much (but for attempts): as if no instruction were held."""

    instructions: int
    stages: dict[str, StageEstimate]

    @property
    def calls(self) -> int:
        """Of all stages."""
        return sum(stage.calls for stage in self.stages.values())

    @property
    def cost(self) -> float:
        """In the user's currency."""
        return sum(stage.cost for stage in self.stages.values())

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "instructions": self.instructions,
            "calls": self.calls,
            "prompt_tokens": sum(s.prompt_tokens for s in self.stages.values()),
            "tokens": sum(s.tokens for s in self.stages.values()),
            "cost": self.cost,
            "stages": {name: asdict(stage) for name, stage in self.stages.items()},
        }


def estimate(config: SeqInstructConfig) -> Estimate:
    """Read the seeds and count; nothing is asked and nothing is written.

    Raises:
        SitError: the sources or the prompts can't be read.
    """
    prompts = read_prompts(config.prompts)
    found = SeedsRead()
    sums = dict.fromkeys(STAGES, 0)
    looked = texts = 0
    for record in read_seeds(config, found):
        # The first ones, then ever fewer: each seed counts once, however many there are.
        if looked >= LOOKED_AT and record.place % (1 + record.place // LOOKED_AT):
            continue
        looked += 1
        texts += estimated_tokens(record.instruction)
        for stage in STAGES:
            prompt = prompt_for(
                prompts,
                config,
                stage,
                record,
                iteration=1,
                attempt=1,
                option=Option.PREFIX,
                proposed=record.instruction,
            )
            sums[stage] += estimated_tokens(prompt.instruction)
    grown = [GROWTH**i - 1 for i in range(config.iterations)]
    stages = {}
    for stage in STAGES:
        if config.writer_of(stage) == RULES:
            stages[stage] = StageEstimate(0, 0, 0, 0.0)
            continue
        rounds = [i for i in range(config.iterations) if stage != RESPOND or config.answered(i + 1)]
        calls = found.count * len(rounds)
        each = sums[stage] / looked
        longer = sum(grown[i] for i in rounds) * texts / looked
        prompt_tokens = round(found.count * (each * len(rounds) + longer))
        tokens = calls * REPLY_TOKENS[stage]
        cost = config.prices_of(stage).cost(prompt_tokens, tokens)
        stages[stage] = StageEstimate(calls, prompt_tokens, tokens, cost)
    return Estimate(found.count, stages)
