"""Making a run as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.config.fields import check
from sit_core.errors import SitError
from sit_core.predict.config import PredictConfig

if TYPE_CHECKING:
    from sit_core.predict.run import PredictReport
    from sit_core.store import Store


def _run(config: PredictConfig, context: Context) -> PredictReport:
    from sit_core.predict.run import predict

    return predict(config, context)


def _faults(config: PredictConfig, store: Store) -> Iterator[str]:
    """What is not there: a wording, a task, a column's field, the embedded model."""
    from sit_core.store.prompt_sets import prompt_set_fault

    if config.prompt_set is not None and (fault := prompt_set_fault(config.prompt_set)):
        yield f"{fault[0].upper()}{fault[1:]}."
    model = () if check(config.model) else (config.model.spec,)  # else it is said already
    both = config.instruction is not None and config.template is not None
    wording = () if both else (config.wording,)
    for part in (*wording, config.chain, config.changes, *model):
        try:
            part()
        except SitError as error:
            yield str(error)


def _prepare(config: PredictConfig, store: Store) -> PredictConfig:
    """With the run's name as it is spelled in the store."""
    from sit_core.store.runs import run_called

    return replace(config, run=run_called(store, config.run))


ACTION = Action(
    name="predict",
    config=PredictConfig,
    run=_run,
    title=lambda config: f"Run {config.run}: outputs of {config.model.model}",
    faults=_faults,
    prepare=_prepare,
    writes=lambda config: config.run,
    started=lambda config: {"run": config.run},
    help="""Generate the outputs of a model and store them as a run.

    EXAMPLES are a file (JSONL, a JSON list, CSV, Parquet), run:NAME (what another run was asked),
    microlab[:SKILL], hub:ID[:SPLIT[:CONFIG]], or a data set by its name: commonsense_qa:FILE,
    xquad:FILE, gsm8k:FILE, alpaca:FILE, messages:FILE (without FILE: from the hub).

    Each output is stored as it comes: stopped or killed, the same command resumes the run. Prints
    {"run": …, "written": n, "known": n, "errors": n, "cut": n, "refused": n, "thoughts": n,
    "left_out": […], "examples_read": […]}: how many outputs a limit ended, are refusals, were
    thought about first; the settings that the endpoint refuses for this model, so that they were
    not sent; and what of the examples was read as something else, or is not sent.
    """,
)
