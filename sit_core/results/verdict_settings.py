"""Whose verdicts a figure counts, as settings; imports nothing heavy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sit_core.config.fields import Config, setting

if TYPE_CHECKING:
    from sit_core.results.table_query import TableQuery

MEASURE, RUN, JUDGE, STUDY = "measure", "run", "judge", "study"
"""Kinds of settings that forms offer choices for: see `pages.analyses.settings`."""
WHO = {"human": "people", "llm": "LLM judge", "rule": "rules (an estimate)"}
"""Kind of judge → what it is called beside a figure."""


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
