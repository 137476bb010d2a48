"""The files of a check: a board and its tables as they are shown, and what they are counted from.

``check(store, question)`` writes them into a folder and has `sit_core.results_check` count
everything again from these files alone.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.export.files import whole_file
from sit_core.export.formats import FORMATS
from sit_core.export.tables import TABLES, Columns, Rows
from sit_core.metrics.accuracy import answer_of
from sit_core.metrics.generated_part import generated_part
from sit_core.metrics.registry import METRICS, OF_ANSWERS, is_share, step_pairs
from sit_core.records import JudgeKind, Prediction, Unparsed
from sit_core.results.agreement import agreement
from sit_core.results.comparison import compare
from sit_core.results.following import following
from sit_core.results.judge_agreement import judge_agreement, rule_agreement
from sit_core.results.judged import judged
from sit_core.results.leaderboard.build import Leaderboard, LeaderboardQuestion, leaderboard
from sit_core.results.scores import scores
from sit_core.results.table_query import TableQuery
from sit_core.results_check import CheckReport, check_folder
from sit_core.results_check.exported_files import KIND
from sit_core.store import Store, check_rows
from sit_core.store import export as stored
from sit_core.store.scores import read_outputs
from sit_core.store.verdict_state import Selection

MOST_PAIRS = 45
"""So many pairs of runs are compared step by step: all of ten runs."""
Partly = Literal["done", "not-done"]
COLUMNS: dict[str, Columns] = {
    "predictions": {
        **TABLES.get("predictions").columns,
        "variant": "int",
        "outcome": "text",
    },
    "judgments": TABLES.get("judgments").columns,
    "unusable": {"judge": "text", "prediction_id": "text", "step": "text", "reason": "text"},
    "comparisons": {
        "judge": "text",
        "prediction_id": "text",
        "against_id": "text",
        "place": "int",
        "preferred": "float",
        "reason": "text",
    },
    "scores": {
        "run": "text",
        "prediction_id": "text",
        "metric": "text",
        "how": "text",
        "step": "text",
        "value": "float",
        "reason": "text",
        "counted": "float",
        "read": "json",
    },
    "errors": {"run": "text", "example_id": "text", "ordinal": "int", "reason": "text"},
}


def check(
    store: Store, question: LeaderboardQuestion | None = None, folder: Path | None = None
) -> CheckReport:
    """Export a board with what it is counted from, and count it again by other code.

    Args:
        store: where everything is.
        question: which board.
        folder: where the files go and stay; None: a temporary one.

    Raises:
        UsageError: a judge, system or study is unknown.
        SitError: the folder can't be written.
    """
    where = nullcontext(folder) if folder else tempfile.TemporaryDirectory(prefix="sit-check-")
    with where as name:
        place = Path(name)
        write_files(store, leaderboard(store, question), place)
        return check_folder(place)


def write_files(store: Store, board: Leaderboard, folder: Path) -> None:
    """Write all files of a check.

    Raises:
        SitError: the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SitError(
            f"{folder} can't be made ({error.strerror}); choose another place."
        ) from None
    names = [row.run for row in board.rows if row.run is not None]
    ids = check_rows.runs_named(store, names)
    runs = [name for name in names if name in ids]
    numbers = [ids[name] for name in runs]
    scopes = [Selection(None, tuple(runs), tuple(numbers), ())] if runs else []
    variants = check_rows.variants(store, numbers)
    ended = check_rows.outcomes(store, numbers)
    studies = check_rows.studies_of_runs(store, numbers, board.question.study)
    chosen = next((s["runs"] for s in studies if s["name"] == board.question.study), runs)
    made = _Tables(store, board, runs, [run for run in runs if run in chosen])
    rows: dict[str, Rows] = {
        "predictions": (
            {
                **row,
                "variant": variants.get(row["example_id"], 0),
                "outcome": ended.get(row["prediction_id"]),
            }
            for row in stored.predictions_of(store, scopes)
        ),
        "judgments": (
            {**row, "letter": None} for row in (stored.judgments_of(store, scopes) if runs else ())
        ),
        "unusable": check_rows.unusable_of(store, numbers),
        "comparisons": check_rows.comparisons_of(store, numbers),
        "scores": _scores(store, runs, ids),
        "errors": check_rows.errors_of_runs(store, numbers),
    }
    about = {
        "kind": KIND,
        "shape": 1,
        "version": __version__,
        "runs": runs,
        "share_metrics": sorted(name for name in METRICS if is_share(name)),
        "not_made": made.not_made,
    }
    for name, whole in (
        ("about", about),
        ("board", board.to_dict()),
        ("tables", made.tables),
        ("studies", studies),
    ):
        with whole_file(folder / f"{name}.json") as stream:
            stream.write((json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode())
    for name, columns in COLUMNS.items():
        with whole_file(folder / f"{name}.jsonl") as stream:
            FORMATS.get("jsonl")(rows[name], columns, stream)


@dataclass
class _Tables:
    """The tables of verdicts and scores that stand beside a board."""

    store: Store
    board: Leaderboard
    runs: Sequence[str]
    of_study: Sequence[str]
    """Those of the runs that people are asked about: of the board's study, if it has one."""

    def __post_init__(self) -> None:
        self.tables: list[dict[str, Any]] = []
        self._not_made: dict[str, Counter[str]] = {}
        asked = self.board.question
        self.partly: Partly = "done" if asked.partly_done else "not-done"
        judges = {JudgeKind.HUMAN: None, JudgeKind.RULE: None}
        self.judges = {**judges, **({JudgeKind.LLM: asked.judge} if asked.judge else {})}
        for by in self.judges:
            self._following(by)
            self._comparisons(by)
        self._agreement()
        self._judged()
        if self.runs:
            self._keep("scores", partial(scores, own_prompts=True), self.runs)
            if self.tables and self.tables[-1]["table"] == "scores":
                self._keep("scores", scores, self.runs)

    @property
    def not_made(self) -> list[str]:
        """Why some tables are not there."""
        return [
            f"{why} (no table: {', '.join(f'{n} × {name}' for name, n in of.items())})"
            for why, of in self._not_made.items()
        ]

    def _runs(self, by: JudgeKind) -> Sequence[str]:
        return self.of_study if by == JudgeKind.HUMAN else self.runs

    def _question(self, by: JudgeKind, *runs: str, partly: Partly | None = None) -> TableQuery:
        study = self.board.question.study if by == JudgeKind.HUMAN else None
        return TableQuery(study, runs, by, self.judges[by], partly or self.partly)

    def _following(self, by: JudgeKind) -> None:
        """The tables of one kind of judges, with both readings of *partly*.

        Of all runs together, or, where one of them has no table, of each by itself.
        """
        readings: tuple[Partly, ...] = ("done", "not-done")
        runs = self._runs(by)
        if not runs:
            return
        try:
            self._question(by, *runs).scopes(self.store)
            groups = [tuple(runs)]
        except SitError:
            groups = [(run,) for run in runs]
        for group in groups:
            for partly in readings:
                asked = self._question(by, *group, partly=partly)
                self._keep("following", following, asked)

    def _with_rates(self, by: JudgeKind) -> list[str]:
        """The runs of which that kind of judges says anything, step by step."""
        tables = [t for t in self.tables if (t["table"], t["by"]) == ("following", by.value)]
        return list(dict.fromkeys(run for table in tables for run in table["runs"]))

    def _comparisons(self, by: JudgeKind) -> None:
        pairs = list(combinations(self._with_rates(by), 2))
        if len(pairs) > MOST_PAIRS:
            why = f"Only the first {MOST_PAIRS} pairs of runs are compared step by step."
            self._not_made[why] = Counter({"comparison": len(pairs) - MOST_PAIRS})
        for first, second in pairs[:MOST_PAIRS]:
            self._keep("comparison", compare, self._question(by, first, second))

    def _agreement(self) -> None:
        judge = self.board.question.judge
        for run in self._with_rates(JudgeKind.HUMAN):
            asked = self._question(JudgeKind.HUMAN, run)
            self._keep("agreement", agreement, asked)
            self._keep("rule agreement", rule_agreement, asked)
            if judge is not None:
                self._keep("judge agreement", judge_agreement, asked, judge)

    def _judged(self) -> None:
        """What is said on the Judge page, by the board's two judges."""
        asked = self.board.question
        against = next((r.run for r in self.board.rows if r.system == asked.reference), None)
        for judge in dict.fromkeys(filter(None, (asked.judge, asked.duels_by))):
            for partly in (True, False):
                made = judged(
                    self.store, judge=judge, runs=self.runs, against=against, partly_done=partly
                ).to_dict()
                reading = "done" if partly else "not-done"
                head = {"table": "judge", "runs": list(self.runs), "partly": reading}
                self.tables.append({**head, **made})

    def _keep(self, name: str, make: Callable[..., Any], *asked: Any) -> bool:
        """Keep a table, if it says anything; where it can't be made, why."""
        try:
            made = make(self.store, *asked).to_dict()
        except SitError as error:
            self._not_made.setdefault(str(error), Counter())[name] += 1
            return False
        if any(_says(row) for row in made["rows"]):
            self.tables.append({"table": name, **made})
            return True
        return False


def _says(row: dict[str, Any]) -> bool:
    """Whether there is anything in a row but what is missing."""
    counts = ("n", "unsure", "samples", "scored", "unparsed", "left_out")
    there = [name for name in counts if name in row]
    if "missing" in row:
        there.remove("samples")
    return any(row[name] for name in there)


def _scores(store: Store, runs: Sequence[str], ids: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Stored scores, with what the program reads out of each output for them."""
    for run in runs:
        rows = list(check_rows.scores_of_runs(store, [ids[run]]))
        metrics = {row["metric"] for row in rows}
        found = {p.id: _read(p, metrics) for p in read_outputs(store, [run])} if rows else {}
        for row in rows:
            of_output = found.get(row["prediction_id"], {})
            yield {**row, "read": of_output.get((row["metric"], row["step"]))}


def _read(prediction: Prediction, metrics: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """(metric, step) → the answer, or the part of the output and the text it should be."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    prediction = generated_part(prediction)
    if metrics & OF_ANSWERS:
        answer = answer_of(prediction)
        if not isinstance(answer, Unparsed):
            read = {"answer": answer.text, "letter": answer.letter}
            found |= {(metric, ""): read for metric in metrics & OF_ANSWERS}
    for metric in metrics & {"rouge-l", "bertscore"}:
        for step, pair in step_pairs(prediction).items():
            if not isinstance(pair, Unparsed):
                found[metric, step] = {"expected": pair[0], "part": pair[1]}
    return found
