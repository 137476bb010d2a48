"""Who judges which outputs; the options of ``sit judge`` and the form on Judge."""

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sit_core.config.fields import Config, setting
from sit_core.config.parse import to_plain
from sit_core.models.config import GENERATION, ModelConfig
from sit_core.models.usage import Prices

if TYPE_CHECKING:
    from sit_core.judge.folder import Judge
    from sit_core.store import Store

USUAL_JUDGE = "seqeval"


@dataclass(frozen=True)
class JudgeConfig(Config):
    """Outputs, the judge, and the model behind it."""

    runs: tuple[str, ...] = setting(
        (),
        "The run to judge; may be given several times. With --study: only these of it.",
        label="Runs",
        flag="--run",
        metavar="NAME",
        unique=True,
    )
    _: KW_ONLY
    judge: str = setting(
        USUAL_JUDGE,
        "seqeval (all tasks followed, and a quality), steps (each step), pairwise (against a "
        "reference), one in SIT_HOME/judges, or a folder by its path.",
        label="Judge",
        metavar="NAME|FOLDER",
    )
    model: ModelConfig = setting(
        help="Which model judges; its generation settings are those of the judge's folder.",
        hide=GENERATION,
    )
    against: str | None = setting(
        None,
        "The reference, for a judge that compares.",
        label="Compare with the run",
        placeholder="Choose the reference",
        metavar="RUN",
    )
    study: str | None = setting(
        None,
        "Only the samples of this study, with its steps.",
        label="Samples of the study",
        placeholder="none: all outputs of the runs",
        metavar="NAME",
    )
    limit: int | None = setting(
        None,
        "Limit on examples per run; the same examples for every run.",
        label="Limit of examples",
        placeholder="all",
        ge=1,
    )
    seed: int = setting(
        0, "Seed for the examples that the limit draws.", label="Sampling seed", ge=0
    )
    prices: Prices = setting(
        Prices, "Of the model's tokens; the budget is one of all attempts together."
    )

    def chosen(self) -> "Judge":
        """The judge.

        Raises:
            SitError: there is none of that name, or its folder is not in order.
        """
        from sit_core.judge.folder import load_judge

        return load_judge(self.judge)

    def model_of(self, judge: "Judge") -> ModelConfig:
        """The model with the judge's own generation settings."""
        generation = to_plain(judge.settings.generation, defaults=True)
        return replace(self.model, stop=(), **generation)

    def check(self, store: "Store") -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        from sit_core.judge.action import ACTION

        ACTION.check(self, store)
