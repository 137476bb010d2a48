"""What an experiment comes to, before anything is asked: cells, calls, tokens, cost, what is there.

Tokens of prompts are counted by the model's tokenizer where that lies on this machine (nothing is
fetched for it), else estimated at four characters a token; which of the two is said. Tokens of
outputs are at most what the model may write; where a cell has outputs already, as long as those.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from sit_core.errors import SitError
from sit_core.experiment.cells import AskedExamples, Cell, cells_of, chosen
from sit_core.experiment.config import LLM, PEOPLE, RULE, ExperimentConfig, all_metrics
from sit_core.models.interface import ModelSpec
from sit_core.models.usage import CHARACTERS_PER_TOKEN, estimated_tokens
from sit_core.names import clean_name
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.experiment_runs import ExperimentRun, runs_of_experiment, set_factors
from sit_core.store.scores import CurrentScores, count_outputs

TOKENIZER = "the model's tokenizer"
ESTIMATE = f"an estimate of {CHARACTERS_PER_TOKEN} characters a token"


@dataclass(frozen=True)
class CellState:
    """How far one cell is, and what is left of it."""

    name: str
    run: str
    """In the store; of a new cell the name that its run will have."""
    factors: Mapping[str, str]
    n: int
    """Questions."""
    outputs: int
    """There already."""
    errors: int = 0
    """Questions whose call came to nothing; tried again at the next run."""
    calls: int = 0
    """Left to make."""
    prompt_tokens: int = 0
    """Of these."""
    output_tokens: int = 0
    """Of these, at most or as the outputs so far."""
    cost: float | None = None
    """Of these, in the user's currency; None where no prices are given."""
    tokens_by: str = ""
    """How prompts were counted."""
    fault: str = ""
    """Why it can't be made."""
    row: str = ""
    """Where it stands in the matrix of cells: model and condition."""
    column: str = ""
    """Instruction and examples."""

    @property
    def complete(self) -> bool:
        """Whether every question has its output."""
        return not self.fault and self.outputs >= self.n


@dataclass(frozen=True)
class MetricState:
    """One metric over the outputs that are there."""

    metric: str
    scored: int
    outputs: int
    fault: str = ""


@dataclass(frozen=True)
class VerdictState:
    """One source of verdicts."""

    by: str
    who: str
    known: int
    """Questions with a reply; for people, samples of its studies."""
    left: int
    """Questions without, of outputs that are there and of those to come (one question each)."""
    prompt_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    studies: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Plan:
    """All of it."""

    name: str
    cells: tuple[CellState, ...]
    metrics: tuple[MetricState, ...] = ()
    verdicts: tuple[VerdictState, ...] = ()
    not_named: tuple[str, ...] = field(default=())
    """Runs of this experiment that the file does not name (any more); they stay."""

    @property
    def calls(self) -> int:
        """Of models, left to make; judges' apart."""
        return sum(cell.calls for cell in self.cells)

    @property
    def cost(self) -> float | None:
        """Of what is left, judges included; None where no prices are given."""
        every = [*(cell.cost for cell in self.cells), *(one.cost for one in self.verdicts)]
        known = [cost for cost in every if cost is not None]
        return sum(known) if known else None

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit experiment plan --json``."""
        return {
            "name": self.name,
            "cells": [{**asdict(cell), "complete": cell.complete} for cell in self.cells],
            "metrics": [asdict(one) for one in self.metrics],
            "verdicts": [asdict(one) for one in self.verdicts],
            "not_named": list(self.not_named),
            "calls": self.calls,
            "prompt_tokens": sum(cell.prompt_tokens for cell in self.cells),
            "output_tokens": sum(cell.output_tokens for cell in self.cells),
            "cost": self.cost,
        }


@dataclass(frozen=True)
class PlacedCell:
    """A cell and its run."""

    cell: Cell
    run: str
    """As it is called now, or will be."""
    there: ExperimentRun | None
    settings: Mapping[str, Any] | None
    """All its outputs depend on; None where it can't be known."""
    fault: str = ""


def placed_cells(
    store: Store, config: ExperimentConfig, asked: AskedExamples | None = None
) -> tuple[list[PlacedCell], list[ExperimentRun]]:
    """Each cell with its run, and the experiment's runs that are no cell's (any more).

    A cell's run is the one with the same settings, whatever it is called. A new one gets the
    cell's name, with a number where another run has that.

    Raises:
        UsageError: the cells are not in order.
    """
    from sit_core.store.browse import run_names

    asked = asked or AskedExamples(store)
    there = runs_of_experiment(store, clean_name(config.name))
    free = list(there)
    cells = cells_of(config)
    found: list[PlacedCell] = []
    for cell in cells:
        try:
            settings = asked.settings(cell)
        except SitError as error:
            found.append(PlacedCell(cell, cell.config.run, None, None, str(error)))
            continue
        # The newest: an older one may have been begun with other weights of the same name.
        run = next((one for one in reversed(free) if one.settings == settings), None)
        if run is not None:
            free.remove(run)
        found.append(PlacedCell(cell, run.name if run else "", run, settings))
    taken = set(run_names(store))
    named = []
    for one in found:
        if not one.run:
            one = replace(one, run=free_name(one.cell.config.run, taken))
        taken.add(one.run)
        named.append(one)
    return named, free


def write_factors(store: Store, placed: Sequence[PlacedCell]) -> None:
    """Let the runs that there are have the factors that the file gives them now."""
    changed = {
        one.run: one.cell.factors
        for one in placed
        if one.there is not None and one.there.factors != dict(one.cell.factors)
    }
    if changed:
        set_factors(store, changed)


def plan(
    store: Store,
    config: ExperimentConfig,
    asked: AskedExamples | None = None,
    *,
    tokens: bool = True,
) -> Plan:
    """Look at what is there and count what is left; nothing is asked, loaded or stored.

    Args:
        store: where.
        config: the experiment.
        asked: its examples, where they were read already.
        tokens: whether tokens are counted, which takes longest; without, tokens and cost are 0.

    Raises:
        UsageError: the experiment is not in order.
    """
    asked = asked or AskedExamples(store)
    placed, others = placed_cells(store, config, asked)
    cells = tuple(_state(one, asked, tokens) for one in placed)
    return Plan(
        clean_name(config.name),
        cells,
        tuple(_metrics(store, config, [c.run for c in cells if c.outputs])),
        tuple(_verdicts(store, config, cells)),
        tuple(run.name for run in others),
    )


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken."""
    number, tried = 2, name
    while tried in taken:
        tried, number = f"{name} ({number})", number + 1
    return tried


def _state(one: PlacedCell, asked: AskedExamples, tokens: bool) -> CellState:
    cell, there = one.cell, one.there
    if one.fault:
        return CellState(
            cell.name,
            one.run,
            cell.factors,
            n=0,
            outputs=0,
            fault=one.fault,
            row=cell.row,
            column=cell.column,
        )
    examples = asked.of(cell)
    n, outputs = len(examples), there.outputs if there else 0
    left = max(0, n - outputs)
    prompts, by = _prompt_tokens(cell, examples) if tokens and left else (0, "")
    each = cell.config.model.max_new_tokens
    if there is not None and there.counted:
        each = -(-there.tokens // there.counted)
    prompt_tokens, output_tokens = round(prompts * left / n) if n else 0, left * each
    priced = cell.prices.input or cell.prices.output
    return CellState(
        name=cell.name,
        run=one.run,
        factors=dict(cell.factors),
        n=n,
        outputs=outputs,
        errors=there.errors if there else 0,
        calls=left,
        prompt_tokens=prompt_tokens,
        output_tokens=output_tokens,
        cost=cell.prices.cost(prompt_tokens, output_tokens) if priced else None,
        tokens_by=by,
        row=cell.row,
        column=cell.column,
    )


def _prompt_tokens(cell: Cell, examples: Sequence[Example]) -> tuple[int, str]:
    """Of all the cell's prompts, and how they were counted."""
    if cell.config.model.backend == "transformers":
        with suppress(SitError):
            prompter = _prompter(cell.config.model.spec())
            if prompter is not None:
                texts = [prompter.text(example) for example in examples]
                return sum(map(len, prompter.tokens_of(texts))), TOKENIZER
    texts = [f"{example.instruction}\n{example.input}" for example in examples]
    return sum(map(estimated_tokens, texts)), ESTIMATE


@dataclass
class _TokenizerAlone:
    """What a `Prompter` asks of a base."""

    tokenizer: Any
    tokenizing: Any = field(default_factory=nullcontext)


@lru_cache(maxsize=32)
def _prompter(spec: ModelSpec) -> Any:
    """The prompts of a model whose tokenizer lies on this machine; None where it does not."""
    try:
        from transformers import AutoTokenizer

        from sit_core.models.local.prompting import Prompter

        tokenizer = AutoTokenizer.from_pretrained(
            spec.model, revision=spec.revision, local_files_only=True, trust_remote_code=False
        )
        return Prompter(spec, _TokenizerAlone(tokenizer))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, generating will say
        return None


def _metrics(store: Store, config: ExperimentConfig, runs: Sequence[str]) -> list[MetricState]:
    found = []
    for metric in all_metrics(config):
        try:
            how = scoring(config, runs or ("none",), (metric,)).options().how(metric)
            outputs = count_outputs(store, runs) if runs else 0
            scored = count_outputs(store, runs, CurrentScores(metric, how)) if runs else 0
            found.append(MetricState(metric, scored, outputs))
        except SitError as error:
            found.append(MetricState(metric, 0, 0, str(error)))
    return found


def scoring(config: ExperimentConfig, runs: Sequence[str], metrics: Sequence[str]) -> Any:
    """What is to be scored, as `sit score` has it.

    Raises:
        UsageError: a setting of the metrics is off.
    """
    from sit_core.config.parse import from_plain
    from sit_core.score.config import ScoreConfig

    plain = {**config.scoring, "runs": list(runs), "metrics": list(metrics)}
    return from_plain(ScoreConfig, plain, f"{config.name}: scoring")


def _verdicts(
    store: Store, config: ExperimentConfig, cells: Sequence[CellState]
) -> list[VerdictState]:
    from sit_core.judge.run import estimate

    found = []
    for entry in config.verdicts:
        mine = [cell for cell in cells if chosen(cell.factors, entry.only) and not cell.fault]
        there = [cell.run for cell in mine if cell.outputs]
        to_come = sum(cell.calls for cell in mine)
        if entry.by == RULE:
            continue  # a metric, and counted there
        if entry.by == LLM and entry.judge is not None:
            judge, who = entry.judge, f"{entry.judge.judge} by {entry.judge.model.model}"
            try:
                now = estimate(store, replace(judge, runs=tuple(there))) if there else None
            except SitError as error:
                found.append(VerdictState(LLM, who, 0, 0, fault=str(error)))
                continue
            left = to_come + (now.questions - now.known if now else 0)
            cost = now.most_cost if now and not to_come else None
            found.append(
                VerdictState(
                    LLM,
                    who,
                    now.known if now else 0,
                    left,
                    now.prompt_tokens if now else 0,
                    now.most_tokens if now else 0,
                    cost,
                )
            )
        elif entry.by == PEOPLE:
            found.append(_studies(store, config, entry.study.name, to_come))
    return found


def _studies(
    store: Store, config: ExperimentConfig, name: str | None, to_come: int
) -> VerdictState:
    from sit_core.store.studies import list_studies

    begins = clean_name(name or config.name)
    mine = [
        study
        for study in list_studies(store)
        if study.name == begins or study.name.startswith(f"{begins}, ")
    ]
    samples = sum(study.sample * len(study.runs) for study in mine)
    return VerdictState(PEOPLE, begins, samples, to_come, studies=tuple(s.name for s in mine))
