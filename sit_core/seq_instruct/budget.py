"""What was spent so far, and how many calls the budget still allows at a time."""

from sit_core.errors import SitError
from sit_core.models.usage import Usage
from sit_core.seq_instruct.config import RULES, SeqInstructConfig
from sit_core.seq_instruct.record import StageReply


class BudgetSpent(SitError):
    """The budget allows no further call; all that came is kept."""


class Budget:
    """Counts tokens and money by stage."""

    def __init__(self, config: SeqInstructConfig) -> None:
        self.config = config
        self.usage: dict[str, Usage] = {}
        self._prompt_estimate = 0

    def take(self, stage: str, used: Usage) -> None:
        """Count what was used."""
        self.usage[stage] = self.usage.get(stage, Usage()).plus(used)

    def take_reply(self, reply: StageReply) -> None:
        """Count a reply that is known from before."""
        self.take(reply.stage, reply.usage())

    def spent(self) -> float:
        """In the user's currency."""
        of = self.config.prices_of
        return sum((used.cost(of(stage)) for stage, used in self.usage.items()), 0.0)

    def at_once(self, stage: str, waiting: int, prompt_tokens: int) -> int:
        """How many calls may be asked for together, so that what is over the budget is little.

        Args:
            stage: whose model is asked.
            waiting: how many there are to ask.
            prompt_tokens: of a prompt, as estimated.

        Raises:
            BudgetSpent: none.
        """
        budget, writer = self.config.prices.budget, self.config.writer_of(stage)
        if budget is None:
            return waiting
        left = budget - self.spent()
        if left <= 0:
            raise BudgetSpent(
                f"The budget of {budget:g} is spent ({self.spent():.4g} so far); all that came is "
                "kept, and with a larger budget the same command goes on."
            )
        if writer == RULES:
            return waiting
        used, prices = self.usage.get(stage), self.config.prices_of(stage)
        if used is None or not used.calls:
            # Nothing is known of how long its replies are: a few first.
            each = prices.cost(prompt_tokens, writer.max_new_tokens)
            few = min(waiting, writer.in_flight)
            return max(1, min(few, int(left / each))) if each else waiting
        each = prices.cost(used.prompt_tokens, used.tokens) / used.calls
        if not each:
            return waiting
        # Half of what is left each time: the last ones are asked one by one.
        return max(1, min(waiting, int(left / each / 2)))
