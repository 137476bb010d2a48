"""From the names a researcher gives (a study, or runs) to the samples that are meant."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sit_core.errors import SitError, UsageError
from sit_core.records import JudgeKind, Step, chain_name, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import present_runs
from sit_core.store.schema import (
    examples,
    judges,
    judgments,
    predictions,
    runs,
    studies,
    study_runs,
)
from sit_core.store.studies import get_study
from sit_core.store.verdict_state import FOLLOW, Selection
from sit_core.tasks import TASKS


def scopes(
    store: Store,
    study: str | None,
    run_names: Sequence[str] = (),
    by: JudgeKind | None = None,
) -> list[Selection]:
    """The samples of a study (of some of its runs), or all outputs of the runs named.

    Several scopes where runs have different chains. The chain of a run outside a study is that of
    the studies it is in, or else that of its examples. Where that is not known, or there are
    several, but LLMs judged all tasks together, their verdicts can be read all the same: as those
    of the one step ``follow``.

    Args:
        store: where they are.
        study: its name.
        run_names: of the study, these only.
        by: whose verdicts are to be read; None: anybody's. Of people several chains stay several.

    Raises:
        UsageError: neither is named; a name is unknown or twice there; a run has no chain, or
            several.
        SitError: no study has that name.
    """
    run_names = present_runs(store, run_names)
    _check_names(study, run_names)
    if study is not None:
        return [_of_study(store, study, run_names)]
    with store.read() as connection:
        return scopes_of_runs(connection, run_names, by)


def whole_runs(store: Store, run_names: Sequence[str]) -> list[Selection]:
    """All outputs of the runs named, whatever they ask for: to be listed, not to be counted.

    Raises:
        UsageError: none is named, one twice, or one that is unknown.
    """
    run_names = present_runs(store, run_names)
    _check_names(None, run_names)
    with store.read() as connection:
        known = _ids(connection, run_names)
    return [Selection(None, (name,), (known[name],), ()) for name in run_names]


def _check_names(study: str | None, run_names: Sequence[str]) -> None:
    if study is None and not run_names:
        raise UsageError("Name a study (--study NAME) or runs (--runs A,B).")
    twice = sorted({name for name in run_names if run_names.count(name) > 1})
    if twice:
        raise UsageError(f"These runs are named twice: {', '.join(twice)}.")


def _ids(connection: Connection, run_names: Sequence[str]) -> dict[str, int]:
    known = {r.name: r.id for r in connection.execute(select(runs.c.name, runs.c.id))}
    wrong = [unknown("run", name, list(known)) for name in run_names if name not in known]
    if wrong:
        raise UsageError(" ".join(wrong))
    return known


def scopes_of_runs(
    connection: Connection, run_names: Sequence[str], by: JudgeKind | None = None
) -> list[Selection]:
    """All outputs of the runs named; see `scopes`.

    Raises:
        UsageError: a name is unknown; a run has no chain, or several.
    """
    known = _ids(connection, run_names)
    chains = {name: _chains(connection, known[name]) for name in run_names}
    for name, found in chains.items():
        if not found or (len(found) > 1 and by in (None, JudgeKind.LLM)):
            chains[name] = _followed(connection, known[name]) or found
    wrong = [_no_one_chain(name, found) for name, found in chains.items() if len(found) != 1]
    if wrong:
        raise UsageError(" ".join(wrong))
    groups: dict[tuple[Step, ...], list[str]] = {}
    for name, found in chains.items():
        groups.setdefault(found[0], []).append(name)
    return [
        Selection(None, tuple(names), tuple(known[name] for name in names), steps)
        for steps, names in groups.items()
    ]


def check_judge(store: Store, kind: JudgeKind, name: str) -> None:
    """See that there is such a judge.

    Raises:
        SitError: there is none; the message suggests the nearest names.
    """
    with store.read() as connection:
        known = list(connection.scalars(select(judges.c.name).where(judges.c.kind == kind)))
    if name not in known:
        what = "annotator" if kind == JudgeKind.HUMAN else f"{kind} judge"
        raise SitError(unknown(what, name, known))


def _of_study(store: Store, name: str, run_names: Sequence[str]) -> Selection:
    study = get_study(store, name)
    wrong = [unknown("run", n, list(study.runs)) for n in run_names if n not in study.runs]
    if wrong:
        raise UsageError(f"In the study {study.name!r}: {' '.join(wrong)}")
    chosen = tuple(run_names) or study.runs
    with store.read() as connection:
        found = connection.execute(select(runs.c.name, runs.c.id).where(runs.c.name.in_(chosen)))
        ids = {row.name: row.id for row in found}
    return Selection(
        study.id,
        chosen,
        tuple(ids[name] for name in chosen),
        study.steps,
        study.ask_order,
        study.annotators,
    )


def _chains(connection: Connection, run_id: int) -> list[tuple[Step, ...]]:
    """The different chains (keys and letters) of a run's studies, or else of its examples."""
    of_studies = (
        select(studies.c.steps)
        .join(study_runs, study_runs.c.study_id == studies.c.id)
        .where(study_runs.c.run_id == run_id)
        .order_by(studies.c.id)
    )
    of_examples = (
        select(examples.c.steps)
        .join(predictions, predictions.c.example_id == examples.c.id)
        .where(predictions.c.run_id == run_id)
    )
    for query in (of_studies, of_examples):
        found: dict[tuple[Step, ...], None] = {}
        for row in connection.execution_options(yield_per=5000).scalars(query):
            steps = tuple(Step(s.task, s.letter, s.key) for s in steps_from_json(row))
            if steps:
                found[steps] = None
        if found:
            return list(found)
    return []


def _followed(connection: Connection, run_id: int) -> list[tuple[Step, ...]]:
    """The chain of the one step ``follow`` where an LLM has judged it."""
    said = (
        select(judgments.c.id)
        .join(predictions, predictions.c.id == judgments.c.prediction_id)
        .join(judges, judges.c.id == judgments.c.judge_id)
        .where(predictions.c.run_id == run_id, judgments.c.step == FOLLOW)
        .where(judges.c.kind == JudgeKind.LLM.value)
    )
    if connection.scalar(said.limit(1)) is None:
        return []
    return [(Step(FOLLOW, TASKS.get(FOLLOW).letter, FOLLOW),)]


def _no_one_chain(name: str, found: Sequence[tuple[Step, ...]]) -> str:
    if not found:
        return f"The steps of the run {name!r} are not known; make a study of it first."
    names = ", ".join(chain_name(steps) for steps in found[:5])
    return f"The run {name!r} has different chains of steps ({names}); name one study (--study)."
