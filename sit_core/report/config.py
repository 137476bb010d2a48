"""What a report is of: the options of ``sit report``, and the question that its bundle keeps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

from sit_core.config.fields import PATH, Config, setting
from sit_core.errors import UsageError

KINDS = {"human": "people", "llm": "LLM judges", "rule": "rules (an estimate)"}
"""Kind of judge → what captions call it."""


@dataclass(frozen=True)
class ReportConfig(Config):
    """Which runs, whose verdicts, and what else stands in it."""

    out: str = setting(
        help="The folder that it is written to; an earlier report there is replaced.",
        label="Folder",
        metavar="DIR",
        kind=PATH,
    )
    study: str | None = setting(
        None, "The samples of this study, by its annotators.", label="Study", metavar="NAME"
    )
    runs: tuple[str, ...] = setting(
        (),
        "These runs, with all their outputs; of a study: only these of it.",
        label="Runs",
        metavar="A,B",
        comma=True,
        unique=True,
    )
    experiment: str | None = setting(
        None,
        "The runs and the tables of this experiment: a file, or its name.",
        label="Experiment",
        metavar="FILE",
    )
    by: tuple[str, ...] = setting(
        (),
        "Whose verdicts: human, llm, rule, each in tables of its own; else all that there are.",
        label="Verdicts of",
        metavar="human,llm,rule",
        comma=True,
        unique=True,
    )
    partly: Literal["done", "not-done"] = setting(
        "done",
        "What the verdict 'partly' counts as.",
        label="Partly is",
        choices={"done": "done", "not-done": "not done"},
    )
    baseline: str | None = setting(
        None, "Compare every run with this one; else all pairs.", label="Against", metavar="RUN"
    )
    analysis: tuple[str, ...] = setting(
        (),
        "Also this analysis, with its settings as its page's address has them: "
        "'length?x=output&smooth=20'; may be given several times.",
        label="Analyses",
        metavar="NAME?SETTING=VALUE",
    )
    title: str = setting("", "Its title; else the study's or the experiment's name.", label="Title")
    date: str = setting("", "A date that it bears; without one, none.", label="Date")
    names: bool = setting(
        False,
        "Keep annotators' names; else they are 'annotator 1', …, everywhere in the report.",
        label="Annotators keep their names",
    )

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.out.strip():
            yield "Name the folder of the report (--out DIR)."
        if not (self.study or self.runs or self.experiment):
            yield "Say what it is of: --study NAME, --runs A,B or --experiment FILE."
        if self.study and self.experiment:
            yield "It is of a study or of an experiment, not of both."
        for one in self.by:
            if one not in KINDS:
                yield f"Verdicts are by {', '.join(KINDS)}; not by {one!r}."


@dataclass(frozen=True)
class AnalysisEntry:
    """One analysis of a report."""

    name: str
    settings: Mapping[str, Any]
    """As its configuration has them in YAML, with the runs."""
    title: str = ""
    """Above it; else the analysis's own."""
    paper: Mapping[str, Any] | None = None
    """Where the paper's numbers beside it are (`sit_core.experiment.config.PaperNumbers`)."""
    notes: tuple[str, ...] = ()
    """What of an experiment is not in it yet."""
    published: Mapping[str, Any] | None = None
    """The published table itself, where it is out of a file of one's own."""

    def to_dict(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return {
            "name": self.name,
            "title": self.title,
            "settings": dict(self.settings),
            "paper": None if self.paper is None else dict(self.paper),
            "notes": list(self.notes),
            **({} if self.published is None else {"published": dict(self.published)}),
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "AnalysisEntry":
        """Read it back."""
        return cls(
            str(found["name"]),
            dict(found["settings"]),
            str(found["title"]),
            None if found["paper"] is None else dict(found["paper"]),
            _texts(found["notes"]),
            None if found.get("published") is None else dict(found["published"]),
        )

    def outside_file(self) -> str | None:
        """The file of one's own that the analysis would read, which no bundle holds.

        Raises:
            SitError: there is no such analysis.
        """
        from sit_core.config.fields import settings_of
        from sit_core.results.analyses import ANALYSES, AnalysisConfig

        kind = ANALYSES.get(self.name).config or AnalysisConfig
        named: list[Any] = [(self.paper or {}).get("file")]
        for one in settings_of(kind):
            if one.rules.kind == PATH:
                value: Any = self.settings
                for key in one.path:
                    value = value.get(key) if isinstance(value, Mapping) else None
                named.append(value)
        return next((str(one) for one in named if one), None)


@dataclass(frozen=True)
class ReportQuestion:
    """What a report is of, with present names and nothing left to look up."""

    title: str
    study: str | None
    runs: tuple[str, ...]
    by: tuple[str, ...]
    partly: Literal["done", "not-done"]
    baseline: str | None
    analyses: tuple[AnalysisEntry, ...]
    names_kept: bool
    date: str
    studies: tuple[str, ...]
    """Those whose verdicts of people are in the bundle."""
    experiment: str | None = None
    left_out: tuple[str, ...] = ()
    """Tables of the experiment that there are not yet, with the reason."""

    def to_dict(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return {
            "title": self.title,
            "date": self.date,
            "study": self.study,
            "experiment": self.experiment,
            "runs": list(self.runs),
            "studies": list(self.studies),
            "by": list(self.by),
            "partly": self.partly,
            "baseline": self.baseline,
            "analyses": [one.to_dict() for one in self.analyses],
            "left_out": list(self.left_out),
            "names_kept": self.names_kept,
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "ReportQuestion":
        """Read it back.

        Raises:
            KeyError, TypeError, ValueError: it is not what `to_dict` gave.
        """
        partly = found["partly"]
        if partly not in ("done", "not-done"):
            raise ValueError(f"partly is {partly!r}")
        return cls(
            title=str(found["title"]),
            date=str(found["date"]),
            study=_text(found["study"]),
            experiment=_text(found["experiment"]),
            runs=_texts(found["runs"]),
            studies=_texts(found["studies"]),
            by=_texts(found["by"]),
            partly=partly,
            baseline=_text(found["baseline"]),
            analyses=tuple(AnalysisEntry.from_dict(one) for one in found["analyses"]),
            left_out=_texts(found["left_out"]),
            names_kept=bool(found["names_kept"]),
        )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError("a text where a list should be")
    return tuple(map(str, values))


def read_analysis(text: str) -> AnalysisEntry:
    """An analysis as ``--analysis`` names it; settings are those of its page's address.

    Raises:
        UsageError: there is no such analysis, or a setting is wrong.

    >>> read_analysis("length?x=output&smooth=20").settings
    {'x': 'output', 'smooth': 20}
    """
    from sit_core.config.arguments import plain_value, split_names
    from sit_core.config.fields import nested, settings_of
    from sit_core.config.parse import parse
    from sit_core.registry import unknown
    from sit_core.results.analyses import ANALYSES, AnalysisConfig

    name, _, query = text.partition("?")
    kind = ANALYSES.get(name.strip()).config or AnalysisConfig
    leaves = {one.key: one for one in settings_of(kind) if one.flag is not None}
    said: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        said.setdefault({"run": "runs"}.get(key, key), []).append(value)
    said.pop("analysis", None)  # the page's own address begins with it
    values: dict[str, Any] = {}
    for key, found in said.items():
        if key not in leaves:
            raise UsageError(f"{text}: {unknown('setting', key, list(leaves))}")
        one = leaves[key]
        if one.many:  # an address repeats it; in a terminal commas are shorter
            values[key] = found if len(found) > 1 else list(split_names(found[0]))
        elif one.type is bool:
            values[key] = found[-1].lower() == "true"
        else:
            values[key] = plain_value(one, found[-1])
    plain = nested(kind, values)
    _, faults, _ = parse(kind, plain)
    if faults:
        raise UsageError(f"{text}: {' '.join(faults)}")
    return AnalysisEntry(name.strip(), plain)


def folder_of(config: ReportConfig) -> Path:
    """Where it is written."""
    from sit_core.settings import user_path

    return user_path(config.out).absolute()
