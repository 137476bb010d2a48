"""A system's evaluation on SeqEval; the options of ``sit seqeval`` and the form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.config.fields import Config, setting
from sit_core.judge.config import JudgeConfig
from sit_core.models.config import GENERATION, ModelConfig
from sit_core.models.usage import Prices
from sit_core.predict.config import PredictConfig, PredictModel

if TYPE_CHECKING:
    from sit_core.store import Store

USUAL_PROMPTS = "seqeval"
"""The micro world's set."""
USUAL_JUDGE = "seqeval"
COMPARING = "pairwise"


@dataclass(frozen=True)
class SeqevalConfig(Config):
    """A system's evaluation; its flags of the judge's model begin with judge-."""

    name: str = setting(
        help="Of the system and its run; one that was begun is resumed.",
        label="Name of the system",
    )
    model: ModelConfig = setting(help="Which model is evaluated.", hide=("thoughts",))
    judge_model: ModelConfig | None = setting(
        None,
        "Which model judges; its generation settings are those of the judge's folder.",
        prefix="judge-",
        hide=GENERATION,
    )
    prompts: str = setting(
        USUAL_PROMPTS,
        "A file of SeqEval's shape, or any source of examples; seqeval: the micro lab's.",
        label="Prompts",
        placeholder="the micro lab's",
        metavar="SET",
    )
    limit: int | None = setting(
        None, "Only the first so many prompts.", label="Limit", placeholder="all", ge=1
    )
    judge: str | None = setting(
        USUAL_JUDGE, "A judge of single outputs; see sit judge.", metavar="NAME|FOLDER"
    )
    against: str | None = setting(
        None,
        "Also compare with this run (judge pairwise).",
        label="Also compare with",
        placeholder="nobody",
        metavar="RUN",
    )
    base_model: str | None = setting(None, "What the leaderboard says of it.")
    training_data: str | None = setting(None, "What the leaderboard says of it.")
    prices: Prices = setting(Prices, "Of the judge's tokens.")

    def predicting(self) -> PredictConfig:
        """The run that is to be made."""
        return PredictConfig(
            model=self.model.as_kind(PredictModel),
            run=self.name,
            examples=self.source(),
            limit=self.limit,
        )

    def source(self) -> str:
        """The prompts as a source: a path alone is a file of SeqEval's shape."""
        from sit_core.sources import split_source

        kind, rest = split_source(self.prompts)
        return (
            f"{USUAL_PROMPTS}:{rest}" if kind == "file" and rest == self.prompts else self.prompts
        )

    def judgings(self) -> list[JudgeConfig]:
        """What the judge is asked, one after another."""
        if self.judge is None or self.judge_model is None:
            return []
        asked = [
            JudgeConfig((self.name,), model=self.judge_model, judge=self.judge, prices=self.prices)
        ]
        if self.against is not None:
            asked.append(
                JudgeConfig(
                    (self.name,),
                    model=self.judge_model,
                    judge=COMPARING,
                    against=self.against,
                    prices=self.prices,
                )
            )
        return asked

    def check(self, store: "Store") -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        from sit_core.seqeval.action import ACTION

        ACTION.check(self, store)
