"""Evaluating a system on SeqEval as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.errors import SitError
from sit_core.judge.action import begun_first
from sit_core.predict.action import ACTION as PREDICT
from sit_core.seqeval.config import SeqevalConfig

if TYPE_CHECKING:
    from sit_core.seqeval.run import SeqevalReport
    from sit_core.store import Store


def _run(config: SeqevalConfig, context: Context) -> SeqevalReport:
    from sit_core.seqeval.run import evaluate

    return evaluate(config, context)


def _faults(config: SeqevalConfig, store: Store) -> Iterator[str]:
    from sit_core.judge.folder import load_judge
    from sit_core.store.browse import run_names
    from sit_core.store.systems import name_problems

    yield from PREDICT.all_faults(config.predicting(), store)
    yield from name_problems(config.name)
    if config.judge is not None and config.judge_model is None:
        yield "Name the model that judges (--judge-model), or say --no-judge."
    if config.judge is not None:
        try:
            if load_judge(config.judge).kind.compares:
                yield f"The judge {config.judge!r} compares; name one that judges single outputs."
        except SitError as error:
            yield str(error)
    if config.against is not None:
        now = _called_now(config, store)
        if config.judge_model is None:
            yield "A comparison (--against) needs a model that judges (--judge-model)."
        if now.against not in run_names(store) or now.against == now.name:
            yield f"There is no other run {config.against!r} to compare with."


def _called_now(config: SeqevalConfig, store: Store) -> SeqevalConfig:
    """The same with what its runs are called now, where they were renamed."""
    from sit_core.store.renaming import present_run

    return replace(
        config,
        name=present_run(store, config.name),
        against=config.against and present_run(store, config.against),
    )


def _title(config: SeqevalConfig) -> str:
    judged = config.judgings() and config.judge_model
    by = f", judged by {config.judge_model.model}" if judged and config.judge_model else ""
    return f"SeqEval of {config.name}: {config.model.model}{by}"


ACTION = Action(
    name="seqeval",
    config=SeqevalConfig,
    run=_run,
    title=_title,
    faults=_faults,
    prepare=_called_now,
    writes=lambda config: config.name,
    since=begun_first,
    started=lambda config: {"run": config.name},
    help="""Generate, judge, and put the system on the leaderboard.

    Outputs and verdicts are kept as they come: stopped or killed at any point, the same command
    goes on where it was. `sit results leaderboard` shows the board.
    """,
)
