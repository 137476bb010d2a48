"""Runs, predictions, judgments, scores and every table as pandas DataFrames, for notebooks.

``open_results()`` opens the store that the app and the command line use; its methods are the tables
of ``sit results …`` with the same figures: each has n and the ends of its interval as columns.
``frame.attrs`` says what is not in a frame, and how it was made:

- ``left_out``: reason → how many (outputs, verdicts, samples), empty where nothing is left out;
- ``notes``: sentences to read the table by, among them how the intervals were made;
- ``question``: what was asked, with the defaults.

See docs/notebook.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args

import pandas as pd

from sit_core.errors import UsageError
from sit_core.export.scores import COLUMNS as SCORE_COLUMNS
from sit_core.export.tables import TABLES
from sit_core.records import JudgeKind
from sit_core.registry import unknown
from sit_core.results.agreement import AgreementRow, agreement
from sit_core.results.analyses import ANALYSES, AnalysisConfig
from sit_core.results.comparison import ComparisonRow, compare
from sit_core.results.following import FollowingRow, following
from sit_core.results.judge_agreement import BothRow, judge_agreement, rule_agreement
from sit_core.results.judged import DuelRow, JudgedRow, judged
from sit_core.results.leaderboard.build import leaderboard
from sit_core.results.leaderboard.records import LeaderboardQuestion
from sit_core.results.scores import NOT_SCORED, scores
from sit_core.results.table_query import Combine, TableQuery
from sit_core.settings import Settings, settings, user_path
from sit_core.statistics import methods_said
from sit_core.store import Store, open_store
from sit_core.store.browse import run_names
from sit_core.store.llm_judgments import llm_judges
from sit_core.store.prompt_sets import list_prompt_sets, sets_of_runs, sets_said
from sit_core.store.renaming import present_runs, present_study
from sit_core.store.runs import list_runs
from sit_core.store.studies import list_studies

By = Literal["human", "llm", "rule"]
Partly = Literal["done", "not-done"]
_KINDS = {"float": "float64", "int": "Int64", "bool": "boolean"}
"""Kind of a column → its type in a frame; all else are Python objects."""
_TYPES = {float: "float", int: "int", bool: "bool"}


def open_results(home: str | Path | None = None) -> "Results":
    """The store in a folder, or the one that SIT_HOME and SIT_DATABASE_URL name.

    A store of an older version is migrated, with a copy kept in ``backups``, as by every command.

    Raises:
        SitError: it can't be opened, or there is none in the folder.
    """
    where = settings()
    if home is not None:
        folder = user_path(home).absolute()
        if not (folder / "sit.db").is_file():
            raise UsageError(f"There is no store in {folder}: no file sit.db.")
        where = Settings(home=folder, database_url=f"sqlite:///{folder / 'sit.db'}")
    return Results(open_store(where))


class Results:
    """One store, read; nothing here writes.

    Runs are named one after another (``scores("base", "tuned")``); without a name all runs of the
    study are meant, or all that are not archived. Former names of runs and studies are understood.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def runs(self, *, archived: bool = False) -> pd.DataFrame:
        """One row per run, the newest first.

        Columns: run, outputs, empty, cut, refused (outputs), errors (prompts without an output),
        examples, chains, prompt_set, model, adapter, state, created_at.
        """
        listed = list_runs(self.store, archived=True)
        sets = sets_of_runs(self.store, [run.name for run in listed])
        rows = [
            {
                "run": run.name,
                "outputs": run.outputs,
                "empty": run.empty,
                "cut": run.cut,
                "refused": run.refused,
                "errors": run.errors,
                "examples": run.examples,
                "chains": list(run.chains),
                "prompt_set": sets.get(run.name),
                "model": run.model,
                "adapter": run.adapter,
                "state": run.state,
                "archived": run.archived,
                "created_at": pd.Timestamp(run.created_at, unit="s", tz="UTC"),
            }
            for run in listed
            if archived or not run.archived
        ]
        counts = ("outputs", "empty", "cut", "refused", "errors", "examples")
        kinds = {
            "run": "text",
            **dict.fromkeys(counts, "int"),
            **dict.fromkeys(("chains", "prompt_set", "model", "adapter", "state"), "text"),
            "archived": "bool",
            "created_at": "time",
        }
        left_out = {} if archived else {"the run is archived": len(listed) - len(rows)}
        return _frame(rows, kinds, left_out)

    def studies(self, *, archived: bool = False) -> pd.DataFrame:
        """One row per study: name, runs, chain, sample, annotators, seed, blind, created_at."""
        listed = list_studies(self.store, archived=True)
        rows = [
            {
                "study": study.name,
                "runs": list(study.runs),
                "chain": study.chain,
                "sample": study.sample,
                "annotators": study.annotators,
                "seed": study.seed,
                "blind": study.blind,
                "created_at": pd.Timestamp(study.created_at, unit="s", tz="UTC"),
            }
            for study in listed
            if archived or not study.archived
        ]
        kinds = {"study": "text", "runs": "json", "chain": "text", "sample": "int"}
        kinds |= {"annotators": "int", "seed": "int", "blind": "bool", "created_at": "time"}
        left_out = {} if archived else {"the study is archived": len(listed) - len(rows)}
        return _frame(rows, kinds, left_out)

    def prompt_sets(self) -> pd.DataFrame:
        """One row per prompt set and run in it: prompt_set, prompts, run, of_them."""
        rows = [
            {"prompt_set": one.name, "prompts": one.prompts, "run": run, "of_them": many}
            for one in list_prompt_sets(self.store)
            for run, many in one.runs
        ]
        kinds = {"prompt_set": "text", "prompts": "int", "run": "text", "of_them": "int"}
        return _frame(rows, kinds)

    def predictions(self, *runs: str, study: str | None = None) -> pd.DataFrame:
        """One row per output, with what was asked; of a study only its sample.

        The columns are those of ``sit export predictions``.
        """
        asked = self._asked(runs, study)
        named = set(asked.runs)
        errors = sum(
            run.errors for run in list_runs(self.store, archived=True) if run.name in named
        )
        left_out = {"the prompt got no output (see sit runs)": errors} if study is None else {}
        return self._exported("predictions", asked, left_out)

    def judgments(
        self, *runs: str, study: str | None = None, superseded: bool = False
    ) -> pd.DataFrame:
        """One row per verdict on a step, of people, LLM judges and rules.

        The columns are those of ``sit export judgments``; without ``superseded`` only the newest
        revision of each.
        """
        return self._revisions("judgments", runs, study, superseded)

    def remarks(
        self, *runs: str, study: str | None = None, superseded: bool = False
    ) -> pd.DataFrame:
        """One row per note or flag of an annotator; as `judgments`."""
        return self._revisions("remarks", runs, study, superseded)

    def scores(
        self, *runs: str, metrics: Sequence[str] = (), own_prompts: bool = False
    ) -> pd.DataFrame:
        """The means of the automatic scores, per run, metric and step, with low and high.

        Runs of one prompt set are compared on the prompts that all of them have, unless
        ``own_prompts``. Figures of *following* are an estimate by rules.
        """
        names = self._runs(runs)
        table = scores(self.store, names, tuple(metrics), own_prompts=own_prompts)
        said = table.to_dict()
        left_out = {f"{run} has no scores": 1 for run in said[NOT_SCORED]}
        for row in table.rows:
            if not row.step:
                left_out[f"{row.run}, {row.metric}: not scored yet"] = row.unscored
                left_out[f"{row.run}, {row.metric}: nothing to compare with"] = row.left_out
        notes = [*table.said_of_runs, *([table.about_prompts] if table.about_prompts else [])]
        question = {"runs": list(names), "metrics": list(metrics), "own_prompts": own_prompts}
        return _frame(said["rows"], SCORE_COLUMNS, left_out, notes, question)

    def following(
        self,
        *runs: str,
        study: str | None = None,
        by: By = "human",
        annotator: str | None = None,
        partly: Partly = "done",
        combine: Combine = "majority",
    ) -> pd.DataFrame:
        """How often each step of the chain, and the whole chain, was done (paper, Table 1).

        Columns: run, step, letter, followed, n, rate, low, high, unsure, missing, samples, method;
        rates are of the decided samples, n = followed + not followed.
        """
        asked = self._asked(runs, study, by, annotator, partly, combine)
        table = following(self.store, asked)
        left_out = {
            f"verdicts on former texts of {run}": many for run, many in table.set_aside.items()
        } | {f"no usable verdict on outputs of {run}": n for run, n in table.unusable.items()}
        notes = [sets_said(self.store, list(dict.fromkeys(r.run for r in table.rows)))]
        if asked.by == JudgeKind.RULE:
            notes.append("These rates are an estimate by rules, not what people said.")
        if asked.by == JudgeKind.LLM:
            notes.append("These rates are what LLM judges said, not people's verdicts.")
        notes += [f"Judged by {one.name}: {one.samples} samples." for one in table.annotators]
        return _of_rows(FollowingRow, table.rows, left_out, notes, asked.to_dict())

    def compare(
        self,
        first: str,
        second: str,
        *,
        study: str | None = None,
        by: By = "human",
        annotator: str | None = None,
        partly: Partly = "done",
    ) -> pd.DataFrame:
        """Two runs on the samples decided in both: difference, low, high, p, per step."""
        asked = self._asked((first, second), study, by, annotator, partly)
        table = compare(self.store, asked)
        left_out = {f"undecided or not judged at {r.letter}": r.left_out for r in table.rows}
        notes = [sets_said(self.store, asked.runs)]
        return _of_rows(ComparisonRow, table.rows, left_out, notes, asked.to_dict())

    def agreement(
        self,
        *runs: str,
        study: str | None = None,
        between: str = "people",
        annotator: str | None = None,
        partly: Partly = "done",
    ) -> pd.DataFrame:
        """How far people agree: with each other, with the rules, or with an LLM judge.

        Args:
            runs: which outputs; none: all of the study.
            study: whose sample.
            between: ``people``; ``rules``; or an LLM judge's name, as in `judges`.
            annotator: only this one's verdicts.
            partly: what *partly* counts as.
        """
        asked = self._asked(runs, study, "human", annotator, partly)
        question = {**asked.to_dict(), "between": between}
        if between == "people":
            of_people = agreement(self.store, asked)
            notes = [f"{row.letter}: {row.undefined}" for row in of_people.rows if row.undefined]
            return _of_rows(AgreementRow, of_people.rows, {}, notes, question)
        rows = (
            rule_agreement(self.store, asked).rows
            if between == "rules"
            else judge_agreement(self.store, asked, between).rows
        )
        notes = [f"{row.letter}: {row.undefined}" for row in rows if row.undefined]
        return _of_rows(BothRow, rows, {}, notes, question)

    def judges(self) -> pd.DataFrame:
        """The LLM judges: judge, judged, unusable, compared, runs."""
        rows = [{"judge": one.name, **asdict(one), "runs": list(one.runs)} for one in _llm(self)]
        kinds = {"judge": "text", "judged": "int", "unusable": "int", "compared": "int"}
        return _frame(rows, {**kinds, "runs": "json"})

    def judged(
        self, judge: str, *runs: str, study: str | None = None, partly: Partly = "done"
    ) -> pd.DataFrame:
        """What an LLM judge says of runs: rate and quality per run and step, with intervals."""
        made = self._judged(judge, runs, study, partly)
        left_out = {
            f"{row.run} at {row.step}: no usable verdict": row.unusable for row in made.rows
        } | {f"{row.run} at {row.step}: not judged": row.missing for row in made.rows}
        return _of_rows(JudgedRow, made.rows, left_out, [], {"judge": judge, "study": study})

    def win_rates(
        self, judge: str, *runs: str, against: str | None = None, study: str | None = None
    ) -> pd.DataFrame:
        """What an LLM judge says of pairs of runs: won, tied, lost, win_rate with its interval."""
        made = self._judged(judge, runs, study, "done", against)
        left_out = {
            f"{row.run} against {row.against}: no usable verdict": row.unusable
            for row in made.duels
        } | {f"{row.run} against {row.against}: not compared": row.missing for row in made.duels}
        return _of_rows(DuelRow, made.duels, left_out, [], {"judge": judge, "study": study})

    def leaderboard(self, **question: Any) -> pd.DataFrame:
        """All systems, one row per system and column: value, n, low, high, without, letters.

        ``place`` is the system's row on the board, 1 at the top.

        Args:
            question: the fields of `sit_core.results.leaderboard.records.LeaderboardQuestion`, such
                as ``prompt_set`` or ``judge``.
        """
        known = [field.name for field in fields(LeaderboardQuestion)]
        if wrong := [unknown("setting", name, known) for name in question if name not in known]:
            raise UsageError(" ".join(wrong))
        if "systems" in question:
            question["systems"] = tuple(question["systems"])
        board = leaderboard(self.store, LeaderboardQuestion(**question))
        columns = {column.key: column for column in board.columns}
        rows = [
            {
                "place": place,
                "system": row.system,
                "run": row.run,
                "column": key,
                "label": columns[key].label,
                "about": columns[key].about,
                "outputs": row.outputs,
                **asdict(row.figures[key]),
            }
            for place, row in enumerate(board.rows, start=1)
            for key in columns
            if key in row.figures
        ]
        kinds = dict.fromkeys(("place", "outputs", "n", "without"), "int")
        kinds |= dict.fromkeys(("value", "low", "high"), "float")
        order = (
            *("place", "system", "run", "column", "label", "value", "n", "low", "high"),
            *("letters", "without", "reasons", "detail", "method", "outputs", "about"),
        )
        left_out = dict.fromkeys(board.left_out, 1)
        notes = [note for note in board.notes if note not in board.left_out]
        return _frame(
            rows,
            {name: kinds.get(name, "text") for name in order},
            left_out,
            notes,
            asdict(board.question),
        )

    def analysis(self, name: str, *runs: str) -> pd.DataFrame:
        """The table of an analysis with its usual settings; figures with their ends and n."""
        names, analysis = self._runs(runs), ANALYSES.get(name)
        table = analysis.table(self.store, (analysis.config or AnalysisConfig)(runs=names))
        frame = pd.DataFrame(table.flat_rows())
        return _said(frame, table.left_out, [table.note], {"analysis": name, "runs": list(names)})

    def _runs(self, named: Sequence[str]) -> tuple[str, ...]:
        """What the runs are called now; all of them where none is named."""
        names = tuple(present_runs(self.store, tuple(named))) or tuple(
            run.name for run in list_runs(self.store)
        )
        there = run_names(self.store)
        if wrong := [unknown("run", name, there) for name in names if name not in there]:
            raise UsageError(" ".join(wrong))
        return names

    def _asked(
        self,
        runs: Sequence[str],
        study: str | None,
        by: By = "human",
        annotator: str | None = None,
        partly: Partly = "done",
        combine: Combine = "majority",
    ) -> TableQuery:
        if by not in get_args(By):
            raise UsageError(unknown("kind of judge", by, list(get_args(By))))
        of_study = None if study is None else present_study(self.store, study)
        names = self._runs(runs) if runs or of_study is None else ()
        return TableQuery(of_study, names, JudgeKind(by), annotator, partly, combine)

    def _judged(
        self,
        judge: str,
        runs: Sequence[str],
        study: str | None,
        partly: Partly,
        against: str | None = None,
    ) -> Any:
        return judged(
            self.store,
            judge=judge,
            runs=self._runs(runs) if runs else (),
            against=None if against is None else self._runs([against])[0],
            study=None if study is None else present_study(self.store, study),
            partly_done=partly == "done",
        )

    def _revisions(
        self, what: str, runs: Sequence[str], study: str | None, superseded: bool
    ) -> pd.DataFrame:
        frame = self._exported(what, self._asked(runs, study))
        if superseded:
            return frame
        current = frame[frame["is_current"]].reset_index(drop=True)
        left_out = {"superseded by a later one of the same judge": len(frame) - len(current)}
        return _said(current, left_out, [], frame.attrs["question"])

    def _exported(
        self, what: str, asked: TableQuery, left_out: Mapping[str, int] | None = None
    ) -> pd.DataFrame:
        table = TABLES.get(what)
        question = {"study": asked.study, "runs": list(asked.runs)}
        return _frame(table.rows(self.store, asked), table.columns, left_out, [], question)


def _llm(results: Results) -> list[Any]:
    return llm_judges(results.store)


def _of_rows(
    cls: type[Any],
    rows: Sequence[Any],
    left_out: Mapping[str, int],
    notes: Iterable[str],
    question: Mapping[str, Any],
) -> pd.DataFrame:
    """Rows that are dataclasses; the types of the columns are those of their fields."""
    methods = methods_said(getattr(row, "method", None) for row in rows)
    kinds = {field.name: _kind(field.type) for field in fields(cls)}
    return _frame([asdict(row) for row in rows], kinds, left_out, [*notes, *methods], question)


def _kind(annotation: Any) -> str:
    """The kind of column that a field's type asks for.

    >>> _kind(float | None), _kind(int), _kind(str)
    ('float', 'int', 'text')
    """
    parts = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return next((_TYPES[part] for part in parts if part in _TYPES), "text")


def _frame(
    rows: Iterable[Mapping[str, Any]],
    kinds: Mapping[str, str],
    left_out: Mapping[str, int] | None = None,
    notes: Iterable[str] = (),
    question: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A frame with all columns, also where there is no row; a missing figure is NaN or NA."""
    columns: dict[str, list[Any]] = {name: [] for name in kinds}
    for row in rows:
        for name, values in columns.items():
            values.append(row.get(name))
    made = {}
    for name, values in columns.items():
        kind = kinds[name]
        if kind == "time":
            made[name] = pd.Series(pd.to_datetime(values, utc=True), dtype="datetime64[ns, UTC]")
        else:
            made[name] = pd.Series(values, dtype=_KINDS.get(kind, "object"))
    return _said(pd.DataFrame(made), left_out or {}, notes, question or {})


def _said(
    frame: pd.DataFrame,
    left_out: Mapping[str, int],
    notes: Iterable[str],
    question: Mapping[str, Any],
) -> pd.DataFrame:
    frame.attrs = {
        "left_out": {reason: many for reason, many in left_out.items() if many},
        "notes": [note for note in notes if note],
        "question": dict(question),
    }
    return frame
