"""Who writes in each stage: models that are loaded when they are first asked, each one once."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from sit_core.models import load_model
from sit_core.models.interface import GenerationSettings, Model
from sit_core.records import Example
from sit_core.seq_instruct.config import RULES, SeqInstructConfig, WriterModel
from sit_core.seq_instruct.prompts import GENERATE_NAMES, Prompts
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.rule_writer import StageCall
from sit_core.seq_instruct.rules_model import RulesModel
from sit_core.seq_instruct.stages import CLASSIFY, GENERATE, REFINE, RESPOND, STAGES, Option
from sit_core.settings import settings
from sit_core.sources.seen import hash64


class WriterModels:
    """The models of a configuration; close it when all is written."""

    def __init__(self, config: SeqInstructConfig) -> None:
        self.config = config
        self._loaded: dict[Any, Model] = {}

    def __enter__(self) -> "WriterModels":
        return self

    def __exit__(self, *_: object) -> None:
        for model in self._loaded.values():
            with suppress(Exception):
                model.close()

    def model(self, stage: str) -> Model:
        """The model of a stage.

        Raises:
            SitError: it can't be loaded, or its key may not be used.
        """
        writer = self.config.writer_of(stage)
        key: Any = RULES if writer == RULES else writer.spec()
        if key not in self._loaded:
            if isinstance(writer, WriterModel):
                # A configuration may come from somebody who shall not read this environment.
                settings().check_key_variable(writer.key_env)
                self._loaded[key] = load_model(writer.spec())
            else:
                self._loaded[key] = RulesModel()
        return self._loaded[key]

    def identities(self) -> dict[str, dict[str, Any]]:
        """Stage → where its texts come from, of the models that were asked."""
        found = {}
        for stage in STAGES:
            writer = self.config.writer_of(stage)
            model = self._loaded.get(RULES if writer == RULES else writer.spec())
            if model is not None:
                found[stage] = model.identity()
        return found

    def name(self, stage: str) -> str:
        """What records call it."""
        writer = self.config.writer_of(stage)
        return RULES if writer == RULES else writer.model

    def how(self, stage: str, iteration: int, attempt: int) -> GenerationSettings:
        """How it generates; each attempt has another seed."""
        writer = self.config.writer_of(stage)
        if not isinstance(writer, WriterModel):
            return GenerationSettings(seed=self.config.seed)
        seed = hash64(str(self.config.seed), str(writer.seed), str(iteration), stage, str(attempt))
        return replace(writer.generation(), seed=seed % 2**31)


def prompt_for(
    prompts: Prompts,
    config: SeqInstructConfig,
    stage: str,
    before: Record,
    *,
    iteration: int,
    attempt: int,
    option: Option | None = None,
    proposed: str = "",
    input: str | None = None,
) -> Example:
    """What is sent in a stage: the whole text as an instruction, for the model's chat template.

    Args:
        prompts: the texts.
        config: how many examples, and the seed.
        stage: which one.
        before: the instruction as it was.
        iteration: 1, 2, …
        attempt: 1, 2, …; another draw of examples each.
        option: what the first stage chose.
        proposed: the new instruction, for refining; the final one, for answering.
        input: the input beside the final instruction, for answering.
    """
    name = {CLASSIFY: CLASSIFY, REFINE: REFINE, RESPOND: RESPOND}.get(stage, "")
    if stage == GENERATE:
        assert option is not None
        name = GENERATE_NAMES[option]
    answering = stage == RESPOND
    text = prompts[name].render(
        proposed if answering else before.instruction,
        before.input if input is None else input,
        proposed,
        shots=config.shots,
        seed=f"{config.seed}/{iteration}/{stage}/{attempt}/{before.seed}",
    )
    asked = StageCall(stage, before, option, proposed, config.seed)
    return Example(text, meta={"asked": asked} if config.writer_of(stage) == RULES else {})
