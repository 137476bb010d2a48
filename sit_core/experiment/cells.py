"""From an experiment to its cells: one `PredictConfig` each, with the factors that it is a cell of.

A cell is told by all that its outputs depend on (`sit_core.predict.run.settings_of`), not by its
name: entries that are renamed or added leave every other cell the run that it has.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from sit_core.config.fields import check, key_variables
from sit_core.config.parse import parse, to_plain
from sit_core.errors import SitError, UsageError
from sit_core.experiment.config import (
    ConditionEntry,
    ExamplesEntry,
    ExperimentConfig,
    Factors,
    InstructionEntry,
    Matching,
    ModelEntry,
)
from sit_core.models.usage import Prices
from sit_core.names import MAX_NAME, clean_name
from sit_core.predict.config import PredictConfig
from sit_core.predict.examples import examples_of, options_of
from sit_core.predict.run import settings_of
from sit_core.records import Example
from sit_core.registry import unknown
from sit_core.store import Store

USUAL = ("model", "instruction", "language", "examples", "condition")
"""The factors that entries' names give."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination."""

    name: str
    """Without the experiment's name."""
    config: PredictConfig
    """Its `run` is the name that a new run gets."""
    factors: Mapping[str, str]
    prices: Prices = field(default_factory=Prices)
    row: str = ""
    """Model and condition: where it stands in the matrix of cells."""
    column: str = ""
    """Instruction and examples."""


def cells_of(config: ExperimentConfig) -> list[Cell]:
    """All cells, those of one model together.

    Raises:
        UsageError: all that is wrong with them, in one message.
    """
    found, faults = list[Cell](), list(_strange_factors(config))
    examples = [one for entry in config.examples for one in _by_language(entry)]
    conditions: tuple[ConditionEntry | None, ...] = config.conditions or (None,)
    for model, instruction, asked, condition in product(
        config.models, config.instructions, examples, conditions
    ):
        factors = _factors(config, model, instruction, asked, condition)
        if not _wanted(config, factors):
            continue
        name = _name(config, model, instruction, asked, condition)
        plain = _merged(
            {"model": to_plain(model.model), "run": f"{clean_name(config.name)}/{name}"},
            {
                "template": instruction.template,
                "instruction": instruction.instruction,
                "steps": instruction.steps,
                "examples": asked.source,
                "map": list(asked.map),
                "limit": asked.limit,
                "sample": asked.n,
                "sample_seed": asked.seed,
                "prompt_set": asked.prompt_set,
            },
            {} if condition is None else condition.predict,
            {"factors": [f"{key}={value}" for key, value in factors.items()]},
        )
        made, wrong, missing = parse(PredictConfig, plain)
        wrong += missing.values()
        faults += [f"{name}: {fault}" for fault in wrong]
        if made is not None:
            where = (
                _joined(model.name, None if condition is None else condition.name),
                _joined(instruction.name, asked.name, asked.language),
            )
            found.append(Cell(name, made, made.factor_values(), model.prices, *where))
    called = [cell.config.run for cell in found]
    if twice := sorted({name for name in called if called.count(name) > 1}):
        faults.append(
            f"Several cells would be called {', '.join(twice[:3])}; give their entries names."
        )
    if not found and not faults:
        faults.append("only and skip leave no cell.")
    if faults:
        shown, more = list(dict.fromkeys(faults)), 0
        shown, more = shown[:10], len(shown) - 10
        raise UsageError(
            f"{config.name}: " + " ".join(shown) + (f" And {more} more." if more > 0 else "")
        )
    return found


def faults_of(config: ExperimentConfig, store: Store) -> Iterator[str]:
    """What is wrong beyond the configuration's own: templates, tasks, metrics, judges."""
    from sit_core.judge.action import ACTION as JUDGE
    from sit_core.metrics.registry import METRICS
    from sit_core.predict.action import ACTION as PREDICT

    if own := check(config):
        yield from own
        return
    try:
        cells = cells_of(config)
    except SitError as error:
        yield str(error)
        return
    seen: set[str] = set()
    for cell in cells:
        for fault in PREDICT.store_faults(cell.config, store):
            if fault not in seen:
                yield f"{cell.name}: {fault}"
            seen.add(fault)
    from sit_core.experiment.config import all_metrics

    for metric in all_metrics(config):
        try:
            METRICS.get(metric)
        except SitError as error:
            yield str(error)
    for entry in config.verdicts:
        if entry.judge is not None:
            named = replace(entry.judge, runs=(), against=None)
            yield from (f for f in JUDGE.store_faults(named, store) if "Name a run" not in f)


def key_variables_of(config: ExperimentConfig) -> list[str]:
    """The environment variables that any cell or judge names as keys."""
    named = [name for cell in cells_of(config) for name in key_variables(cell.config)]
    return list(dict.fromkeys([*named, *key_variables(config)]))


def chosen(factors: Mapping[str, str], only: Sequence[Matching]) -> bool:
    """Whether a cell is one that any of these matches; without any, every cell is."""
    return not only or any(matches(factors, one) for one in only)


def matches(factors: Mapping[str, str], wanted: Matching) -> bool:
    """Whether a cell has these values.

    >>> matches({"method": "IT", "seed": "1"}, {"method": ("IT", "SIT"), "seed": 1})
    True
    >>> matches({"method": "IT"}, {"language": "es"})
    False
    """
    return all(
        factors.get(name) in list(map(str, value if isinstance(value, tuple | list) else (value,)))
        for name, value in wanted.items()
    )


class AskedExamples:
    """The examples of cells, each read once; faults are kept too."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, list[Example] | SitError] = {}

    def of(self, cell: Cell) -> list[Example]:
        """What the cell's model is asked.

        Raises:
            SitError: the examples can't be read.
        """
        asked = to_plain(replace(cell.config, model=None, run="", factors=()))  # type: ignore[arg-type]
        key = json.dumps(asked, sort_keys=True, default=str)
        if key not in self._known:
            try:
                self._known[key] = examples_of(
                    cell.config.examples, options_of(self.store, cell.config)
                )
            except SitError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, SitError):
            raise found
        return found

    def settings(self, cell: Cell) -> dict[str, Any]:
        """All that the cell's outputs depend on, as its run has it.

        Raises:
            SitError: the examples can't be read, or the embedded model is not here.
        """
        return settings_of(cell.config, self.of(cell))


def _by_language(entry: ExamplesEntry) -> Iterator[ExamplesEntry]:
    for language in entry.languages or (entry.language,):
        source = entry.source.replace("{language}", language or "")
        yield replace(entry, source=source, language=language, languages=())


def _factors(
    config: ExperimentConfig,
    model: ModelEntry,
    instruction: InstructionEntry,
    examples: ExamplesEntry,
    condition: ConditionEntry | None,
) -> dict[str, str]:
    """Those that follow from the entries' names, and over them the entries' own."""
    found: dict[str, str | int | float] = {"model": model.name, "instruction": instruction.name}
    if examples.language:
        found["language"] = examples.language
    if examples.name:
        found["examples"] = examples.name
    if condition is not None:
        found["condition"] = condition.name
    given: list[Factors] = [model.factors, instruction.factors, examples.factors]
    for own in [*given, *([] if condition is None else [condition.factors])]:
        found |= own
    return {clean_name(name): clean_name(str(value)) for name, value in found.items()}


def _strange_factors(config: ExperimentConfig) -> Iterator[str]:
    """Factors that something is chosen by and that no entry has: a slip would choose in silence."""
    entries: list[Factors] = [
        one.factors
        for group in (config.models, config.instructions, config.examples, config.conditions)
        for one in group
    ]
    known = [*USUAL, *(clean_name(name) for factors in entries for name in factors)]
    for where, wanted in (
        ("only", config.only),
        ("skip", config.skip),
        *((f"verdicts[{n}].only", one.only) for n, one in enumerate(config.verdicts, 1)),
        *((f"report[{n}].only", one.only) for n, one in enumerate(config.report, 1)),
    ):
        named = dict.fromkeys(name for one in wanted for name in one)
        yield from (
            f"{where}: {unknown('factor', name, known)}" for name in named if name not in known
        )


def _wanted(config: ExperimentConfig, factors: Mapping[str, str]) -> bool:
    return chosen(factors, config.only) and not any(matches(factors, one) for one in config.skip)


def _name(
    config: ExperimentConfig,
    model: ModelEntry,
    instruction: InstructionEntry,
    examples: ExamplesEntry,
    condition: ConditionEntry | None,
) -> str:
    """What a cell is called: its entries' names, so that a run's name says what it is."""
    parts = (model.name, instruction.name, examples.name, examples.language)
    name = _joined(*parts, None if condition is None else condition.name)
    return name[: MAX_NAME - len(clean_name(config.name)) - 1]


def _joined(*parts: str | None) -> str:
    return ", ".join(dict.fromkeys(clean_name(part) for part in parts if part))


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings over each other, the later ones winning; None says nothing."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            before = result.get(key)
            if isinstance(value, Mapping) and isinstance(before, Mapping):
                result[key] = _merged(before, value)
            elif value is not None:
                result[key] = value
    return result
