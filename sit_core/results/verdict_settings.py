"""Settings that analyses share: what is measured, what tells systems apart, whose verdicts count.

Imports nothing heavy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from sit_core.config.fields import Config, setting

if TYPE_CHECKING:
    from sit_core.results.table_query import TableQuery
    from sit_core.store import Store

MEASURE, RUN, JUDGE, STUDY = "measure", "run", "judge", "study"
"""Kinds of settings that forms offer choices for: see `pages.analyses.settings`."""
WHO = {"human": "people", "llm": "LLM judge", "rule": "rules (an estimate)"}
"""Kind of judge → what it is called beside a figure."""


def measured(default: Sequence[str]) -> Any:
    """The setting ``metric``: what is measured of each output.

    >>> from sit_core.config.fields import settings_of
    >>> @dataclass(frozen=True, kw_only=True)
    ... class LengthConfig(Config):
    ...     metric: tuple[str, ...] = measured(("following",))
    >>> settings_of(LengthConfig)[0].flag
    '--metric'
    """
    return setting(
        tuple(default),
        "What is measured: metrics, METRIC:STEP, following, following:STEP.",
        label="Measured",
        comma=True,
        unique=True,
        kind=MEASURE,
        was=("measures",),
    )


def systems_by(usual: str = "model, method, adapter or condition", **rules: Any) -> Any:
    """The setting ``group``: the factors whose values tell systems apart; empty: the usual ones."""
    return setting(
        (),
        f"Factors that tell systems apart, or run: each by itself; else {usual}.",
        label="Systems by",
        placeholder=usual,
        metavar="FACTOR,…",
        comma=True,
        unique=True,
        **rules,
    )


@dataclass(frozen=True, kw_only=True)
class VerdictSettings(Config):
    """Whose verdicts count, and how they are read."""

    by: Literal["human", "llm", "rule"] = setting(
        "human", "Whose verdicts.", label="Verdicts of", choices=WHO
    )
    annotator: str | None = setting(
        None,
        "Only this one's verdicts.",
        label="Judge",
        metavar="NAME",
        placeholder="all of them",
        kind=JUDGE,
    )
    partly: Literal["done", "not-done"] = setting(
        "done",
        "What the verdict 'partly' counts as.",
        label="Partly is",
        choices={"done": "done", "not-done": "not done"},
    )
    study: str | None = setting(
        None,
        "Only the samples of this study.",
        label="Study",
        metavar="NAME",
        placeholder="all outputs",
        kind=STUDY,
    )

    def query(self, runs: Sequence[str]) -> "TableQuery":
        """The same as the following-rate table asks it."""
        from sit_core.records import JudgeKind
        from sit_core.results.table_query import TableQuery

        return TableQuery(
            study=self.study,
            runs=tuple(runs),
            by=JudgeKind(self.by),
            annotator=self.annotator,
            partly=self.partly,
        )


@dataclass(frozen=True, slots=True)
class NobodyJudged:
    """That nobody of the kind chosen gave a verdict."""

    verdicts: VerdictSettings
    """As they were asked for."""
    sentence: str
    instead: tuple[str, ...]
    """Kinds of judges who did, as `VerdictSettings.by` names them."""


def verdicts_in(config: Any) -> VerdictSettings | None:
    """The section of a configuration that says whose verdicts count; None: it has none."""
    sections = (getattr(config, field.name) for field in fields(config))
    return next((one for one in sections if isinstance(one, VerdictSettings)), None)


def nobody_judged(store: "Store", config: Any, runs: Sequence[str]) -> NobodyJudged | None:
    """Whether a question needs verdicts that nobody of the kind chosen gave; None: it does not.

    Verdicts of others are never taken instead; who is there is said.

    Args:
        store: where.
        config: with a section of `VerdictSettings`; what it measures is of the kind `MEASURE`.
        runs: that are asked of.
    """
    from sit_core.config.fields import settings_of, value_of
    from sit_core.store.verdict_kinds import kinds_that_judged

    verdicts = verdicts_in(config)
    if verdicts is None:
        return None
    measured = [
        value
        for one in settings_of(type(config))
        if one.rules.kind == MEASURE
        for value in _texts(value_of(config, one.path))
    ]
    if measured and not any(one.partition(":")[0] == "following" for one in measured):
        return None
    there = kinds_that_judged(store, runs)
    if verdicts.by in there:
        return None
    who = {"human": "No person has", "llm": "No LLM judge has", "rule": "No rules have"}
    others = [WHO[kind] for kind in there]
    sentence = f"{who[verdicts.by]} judged outputs of these runs."
    if others:
        sentence += f" There are verdicts of {' and of '.join(others)}."
    return NobodyJudged(verdicts, sentence, tuple(there))


def _texts(value: Any) -> Sequence[str]:
    return (value,) if isinstance(value, str) else tuple(value or ())
