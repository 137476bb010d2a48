"""One experiment as a YAML file: these models × instructions × examples × conditions × verdicts.

    name: Table 5
    models:
      - {name: IT, model: {model: org/base, adapter: org/it}, factors: {method: IT}}
    instructions:
      - {name: repeat, template: repeat-answer}
    examples: [{source: commonsense_qa, n: 100, seed: 1}]
    metrics: [accuracy, following]
    report:
      - {analysis: cells, settings: {rows: model, columns: instruction}}

A model, instruction, condition or metric more is an entry more; nothing in the program knows any of
them by name. What a run is asked follows in `sit_core.experiment.cells`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sit_core import names
from sit_core.config.fields import LONG_TEXT, Config, setting
from sit_core.judge.config import JudgeConfig
from sit_core.models.usage import Prices
from sit_core.predict.config import PredictModel, factor_faults

Value = str | int | float
"""Of a factor in YAML; kept as a text."""
Factors = Mapping[str, Value]
Matching = Mapping[str, Value | tuple[Value, ...]]
"""Factor → the value, or one of the values, that a cell must have."""
RULE, LLM, PEOPLE = "rule", "llm", "people"


@dataclass(frozen=True, kw_only=True)
class ModelEntry(Config):
    """One model, with an adapter or without."""

    name: str = setting(help="What tables and runs call it.")
    model: PredictModel = setting(help="Which model, and how it generates.")
    factors: Factors = setting({}, "What else tables group it by, such as method: IT.")
    prices: Prices = setting(Prices, "Of its tokens, for the plan.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from _entry_faults(self.name, self.factors)
        if self.prices.budget is not None:
            yield "A budget is kept by judges only; leave budget out of a model's prices."


@dataclass(frozen=True, kw_only=True)
class InstructionEntry(Config):
    """One chain in one wording."""

    name: str = setting(help="What tables and runs call it.")
    template: str | None = setting(None, "A wording that comes with the program.")
    instruction: str | None = setting(
        None,
        "A wording of one's own; {instruction} in it stands for the example's.",
        kind=LONG_TEXT,
    )
    steps: str | None = setting(None, "The chain, such as repeat,answer; else the wording tells.")
    factors: Factors = setting({}, "What else tables group it by, such as wording: 2.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from _entry_faults(self.name, self.factors)


@dataclass(frozen=True, kw_only=True)
class ExamplesEntry(Config):
    """The questions, the same ones for every cell."""

    source: str = setting(
        help="As sit predict --examples has it; {language} in it stands for each language."
    )
    name: str | None = setting(None, "What tables and runs call them; else the language, if any.")
    language: str | None = setting(None, "Of the questions, such as es.")
    languages: tuple[str, ...] = setting((), "Several: the entry stands for one in each.")
    map: tuple[str, ...] = setting((), "Which column is what, FIELD=COLUMN.")
    limit: int | None = setting(None, "Only the first so many of the source.", ge=1)
    n: int | None = setting(None, "Draw so many by the seed; else all.", ge=1)
    seed: int = setting(0, "Of the questions that are drawn.", ge=0, le=2**63 - 1)
    prompt_set: str | None = setting(None, "The prompt set of the runs; else found by the prompts.")
    factors: Factors = setting({}, "What else tables group them by.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from _entry_faults(self.name or self.language or "examples", self.factors)
        if not self.source.strip():
            yield "Name the source of the examples."
        if self.language is not None and self.languages:
            yield "Give language or languages, not both."
        if "{language}" in self.source and not (self.language or self.languages):
            yield "The source has {language} in it; give language or languages."


@dataclass(frozen=True, kw_only=True)
class ConditionEntry(Config):
    """Under what each question is asked, such as with a forced intermediate text."""

    name: str = setting(help="What tables and runs call it.")
    predict: Mapping[str, Any] = setting({}, "Settings of sit predict that this condition changes.")
    factors: Factors = setting({}, "What else tables group it by.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from _entry_faults(self.name, self.factors)
        for taken in ("run", "factors"):
            if taken in self.predict:
                yield f"A condition can't set {taken}: the experiment does."


@dataclass(frozen=True, kw_only=True)
class StudySettings(Config):
    """The study that people judge in; one for each instruction and set of examples."""

    name: str | None = setting(None, "Of the study; else the experiment's.")
    sample: int | None = setting(None, "So many examples; else all.", ge=1)
    seed: int = setting(0, "Of the examples drawn.", ge=0, le=2**31 - 1)
    annotators: int = setting(1, "So many people judge each sample.", ge=1, le=100)
    blind: bool = setting(True, "Whether the runs' names are hidden from them.")
    ask_order: bool = setting(False, "Whether they are asked about the order.")


@dataclass(frozen=True, kw_only=True)
class VerdictsEntry(Config):
    """Who judges the outputs."""

    by: Literal["rule", "llm", "people"] = setting(help="Rules, an LLM judge, or people.")
    judge: JudgeConfig | None = setting(None, "Of by: llm: the judge and its model.")
    study: StudySettings = setting(StudySettings, "Of by: people.")
    only: tuple[Matching, ...] = setting((), "Only cells that one of these matches.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if self.by == LLM and self.judge is None:
            yield "Verdicts by llm need a judge with its model."
        if self.judge is not None and (self.judge.runs or self.judge.study):
            yield "The judge gets the experiment's runs; leave runs and study out."


@dataclass(frozen=True, kw_only=True)
class PaperNumbers(Config):
    """Where the numbers to stand beside ours are; see `sit_core.experiment.paper`."""

    table: str = setting(help="Its key in the file, such as table5.")
    file: str | None = setting(None, "Another file of that shape; else the paper's.")
    rows: Mapping[str, str] = setting({}, "The table's column → the factor that picks the row.")
    only: tuple[Matching, ...] = setting(
        (), "Only beside cells that one of these matches, such as measure: accuracy."
    )
    number: tuple[str, ...] = setting(
        ("measure",), "The factors (measure is one) whose values lead to the number in the row."
    )
    values: Mapping[str, Mapping[str, str | int]] = setting(
        {}, "Factor → its value here → the word, or the place in a list, in the table."
    )


@dataclass(frozen=True, kw_only=True)
class ReportEntry(Config):
    """One table or figure."""

    analysis: str = setting(help="Its name, as sit results has it.")
    title: str = setting("", "Above it; else the analysis's own.")
    settings: Mapping[str, Any] = setting({}, "Of the analysis.")
    only: tuple[Matching, ...] = setting((), "Only cells that one of these matches.")
    paper: PaperNumbers | None = setting(None, "The published numbers to show beside.")


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig(Config):
    """All of it."""

    name: str = setting(help="Its runs are called NAME/…")
    about: str = setting("", "What it is for, in a sentence.")
    models: tuple[ModelEntry, ...] = setting(help="Which models.")
    instructions: tuple[InstructionEntry, ...] = setting(
        (InstructionEntry(name="own"),), "Which wordings; without any, each example's own."
    )
    examples: tuple[ExamplesEntry, ...] = setting(help="Which questions.")
    conditions: tuple[ConditionEntry, ...] = setting((), "Under what they are asked.")
    only: tuple[Matching, ...] = setting((), "Only cells that one of these matches.")
    skip: tuple[Matching, ...] = setting((), "No cell that one of these matches.")
    metrics: tuple[str, ...] = setting((), "What the outputs are scored by, as sit score has it.")
    scoring: Mapping[str, Any] = setting({}, "Settings of the metrics, as sit score has them.")
    verdicts: tuple[VerdictsEntry, ...] = setting((), "Who judges.")
    report: tuple[ReportEntry, ...] = setting((), "The tables and figures.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if fault := names.name_fault(self.name, "experiment", MOST_OF_NAME):
            yield fault
        for what, entries in (
            ("model", self.models),
            ("instruction (without the setting, each example's own is asked)", self.instructions),
            ("set of examples", self.examples),
        ):
            if not entries:
                yield f"An experiment needs at least one {what}."
        for what, called in (
            ("models", [one.name for one in self.models]),
            ("instructions", [one.name for one in self.instructions]),
            ("conditions", [one.name for one in self.conditions]),
        ):
            twice = sorted({name for name in called if called.count(name) > 1})
            if twice:
                yield f"{what}: Expected each name once, but found {', '.join(twice)} twice."
        for taken in ("runs", "metrics", "again"):
            if taken in self.scoring:
                yield f"scoring can't set {taken}: the experiment does."


MOST_OF_NAME = 80
"""Characters of an experiment's name, so that there is room for a cell's in a run's."""


def _entry_faults(name: str, factors: Factors) -> Iterator[str]:
    if fault := names.name_fault(name, "entry", MOST_OF_NAME):
        yield fault
    yield from factor_faults([f"{key}={value}" for key, value in factors.items()])


def all_metrics(config: ExperimentConfig) -> tuple[str, ...]:
    """The metrics, with that of the rules where rules judge."""
    by_rule = any(one.by == RULE for one in config.verdicts)
    return tuple(dict.fromkeys([*config.metrics, *(["following"] if by_rule else [])]))
