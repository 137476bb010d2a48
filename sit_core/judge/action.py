"""Judging by an LLM as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.config.fields import check
from sit_core.errors import SitError
from sit_core.judge.config import JudgeConfig

if TYPE_CHECKING:
    from sit_core.judge.run import JudgeReport
    from sit_core.store import Store
    from sit_core.store.jobs import Job


def _run(config: JudgeConfig, context: Context) -> JudgeReport:
    from sit_core.judge.run import judge_runs

    return judge_runs(
        context.store,
        config,
        report=context.report,
        stopped=context.stopped,
        since=context.since,
    )


def _faults(config: JudgeConfig, store: Store) -> Iterator[str]:
    """Runs, studies and judges that there are not, and what the judge does not do."""
    from sit_core.store.renaming import present_study
    from sit_core.store.scores import check_runs
    from sit_core.store.studies import get_study

    named = [*config.runs, *([config.against] if config.against else [])]
    try:
        if config.study is not None:
            get_study(store, present_study(store, config.study))
    except SitError as error:
        yield str(error)
    try:
        if named or config.study is None:
            check_runs(store, named)
    except SitError as error:
        yield str(error)
    try:
        judge = config.chosen()
    except SitError as error:
        yield str(error)
        return
    if not check(config.model):  # else it is said already
        yield from config.model_of(judge).faults()
    if judge.kind.compares and not config.against:
        yield f"The judge {judge.name} compares with a reference; name its run (--against RUN)."
    elif config.against and not judge.kind.compares:
        yield f"The judge {judge.name} judges outputs one by one; leave --against out."
    elif (now := _called_now(config, store)).against in now.runs:  # also by a former name
        yield f"The run {config.against!r} can't be compared with itself."


def _called_now(config: JudgeConfig, store: Store) -> JudgeConfig:
    """The same with what its runs and its study are called now, where they were renamed."""
    from sit_core.store.renaming import present_run, present_runs, present_study

    return replace(
        config,
        runs=tuple(dict.fromkeys(present_runs(store, config.runs))),
        against=config.against and present_run(store, config.against),
        study=config.study and present_study(store, config.study),
    )


def _title(config: JudgeConfig) -> str:
    more = len(config.runs) - 3
    runs = ", ".join(config.runs[:3]) + (f" and {more} more" if more > 0 else "")
    runs = runs or f"the study {config.study}"
    against = f" against {config.against}" if config.against else ""
    return f"Judging ({config.judge} by {config.model.model}) {runs}{against}"


def begun_first(store: Store, job: Job) -> float:
    """When a judging was begun at first, so that what it spent counts for its budget.

    Attempts that failed or were stopped belong to it, whatever their budget was: a budget is one
    of all of them, back to the last that came to its end.
    """
    from sit_core.jobs import JobState
    from sit_core.store.jobs import list_jobs
    from sit_core.store.renaming import present_runs, present_study

    def now(option: str, name: str) -> str:
        if option == "--study":
            return present_study(store, name)
        called = option in ("--run", "--against", "--name")
        return present_runs(store, [name])[0] if called else name

    def but_budget(words: Sequence[str]) -> list[str]:
        """The words as they would be today, where runs and studies were renamed since.

        In an order of their own: an earlier version wrote them in another one.
        """
        of = [word.partition("=") for word in words if not word.startswith("--budget=")]
        return sorted(option + sep + now(option, value) for option, sep, value in of)

    since = job.created_at
    for earlier in list_jobs(store, limit=1000):
        if earlier.id == job.id or but_budget(earlier.command) != but_budget(job.command):
            continue
        if earlier.state == JobState.DONE:
            break
        since = min(since, earlier.created_at)
    return since


ACTION = Action(
    name="judge",
    config=JudgeConfig,
    run=_run,
    title=_title,
    faults=_faults,
    prepare=_called_now,
    since=begun_first,
    started=lambda config: {"runs": list(config.runs)},
    help="""Have a model judge the outputs of runs, and keep what it says beside people's judgments.

    What a reply says is read strictly. A reply without a verdict of the form that was asked for, a
    refusal and a failed request are counted as unusable and left out of the rates.

    Each reply is kept as it comes, by the hash of the prompt, the output, the model and the
    settings: stopped, killed or given again, the command asks only what it has no reply to.
    Of what is paid for, say the prices; --estimate says beforehand what it would take at most.

    `sit results agreement --judge NAME` says how well a judge agrees with people.
    """,
)
