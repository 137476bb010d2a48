"""The tables of a report, from those that pages and terminal show; nothing is counted here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sit_core.analyses.cells import ROW
from sit_core.analyses.comparison import DIFFERENCE, ComparisonConfig
from sit_core.errors import SitError
from sit_core.experiment.config import PaperNumbers
from sit_core.experiment.paper import PaperTable, with_paper
from sit_core.records import JudgeKind, chain_name
from sit_core.report.config import KINDS, AnalysisEntry, ReportQuestion
from sit_core.report.content import Cell, ReportTable, plain_cells, said_of, table_query
from sit_core.results.agreement import agreement
from sit_core.results.analyses import ANALYSES, AnalysisConfig, AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.results.following import FollowingRow, following
from sit_core.results.judge_agreement import BothRow, judge_agreement, rule_agreement
from sit_core.results.leaderboard.build import (
    BoardFigure,
    Leaderboard,
    LeaderboardQuestion,
    leaderboard,
)
from sit_core.results.scores import ScoreFigure, scores
from sit_core.results.table_query import TableQuery
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.verdict_state import CHAIN

PARTLY = {"done": "partly counts as done", "not-done": "partly counts as not done"}
LEVEL_SAID = "95 % intervals"


def following_tables(
    store: Store, question: ReportQuestion, by: JudgeKind
) -> Iterator[ReportTable]:
    """Following rates by one kind of judges; a table per chain."""
    query = table_query(store, question, by)
    if query is None:
        return
    table = following(store, query)
    of_run: dict[str, list[FollowingRow]] = {}
    for row in table.rows:
        of_run.setdefault(row.run, []).append(row)
    chains: dict[tuple[str, ...], list[str]] = {}
    for run, rows in of_run.items():
        chains.setdefault(tuple(row.letter for row in rows), []).append(run)
    for number, (letters, runs) in enumerate(chains.items(), 1):
        columns = ("run", *letters, "unsure", "not judged")
        cells: list[tuple[Cell, ...]] = [
            (
                run,
                *(_following_cell(row) for row in of_run[run]),
                max(row.unsure for row in of_run[run]),
                table.not_judged()[run],
            )
            for run in runs
        ]
        notes = [
            f"{n:,} verdicts on former texts of {run} are set aside."
            for run, n in table.set_aside.items()
            if run in runs
        ]
        notes += [
            f"{n:,} outputs of {run} have no usable verdict."
            for run, n in table.unusable.items()
            if n and run in runs
        ]
        chain = next((letter for letter in letters if "+" in letter), letters[0])
        several = f", {chain}" if len(chains) > 1 else ""
        yield ReportTable(
            f"following/{by.value}" + (f"/{number}" if number > 1 else ""),
            f"Following rate by {KINDS[by.value]}{several}",
            columns,
            tuple(cells),
            f"Share of outputs in which each step was followed, in percent with {LEVEL_SAID} and "
            f"n, the outputs decided; verdicts by {KINDS[by.value]}, of several judges the "
            f"majority; {PARTLY[question.partly]}.",
            tuple(notes),
        )


def _following_cell(row: FollowingRow) -> Estimate:
    return Estimate(row.rate, row.low, row.high, row.n, row.method)


def score_tables(store: Store, question: ReportQuestion) -> Iterator[ReportTable]:
    """Mean scores of runs."""
    table = scores(store, question.runs)
    names = table.columns()
    if not names:
        return
    found = {(row.run, row.metric, row.how, row.step): row for row in table.rows}
    cells: list[tuple[Cell, ...]] = [
        (name, run, *_score_cells(found.get((run, *kind))))
        for kind, name in names.items()
        for run in table.runs
    ]
    notes = [*([table.about_prompts] if table.about_prompts else []), *table.said_of_runs]
    for (run, *kind), row in found.items():
        name = names.get((kind[0], kind[1], kind[2]))
        if name is None:
            continue
        for reason, n in row.reasons.items():
            notes.append(f"{run}, {name}: {n:,} without a value ({reason}).")
        if row.unscored:
            notes.append(f"{run}, {name}: {row.unscored:,} not scored.")
    notes += [f"{run}: {n:,} failed calls, no outputs." for run, n in table.failed.items() if n]
    yield ReportTable(
        "scores",
        "Scores",
        ("score", "run", "mean", "with a value", "mean of these"),
        tuple(cells),
        "Means over all outputs with something to compare with, in percent with "
        f"{LEVEL_SAID} and n; an output without what was asked for counts as 0. Beside it the "
        "share that has a value, "
        "and the mean of those alone. Computed by program; following is an estimate by rules.",
        tuple(notes),
        drawn=("mean",),
    )


def _score_cells(row: ScoreFigure | None) -> Iterator[Estimate]:
    """Mean, share with a value, mean of those."""
    if row is None:
        yield from [Estimate(None, why="not scored")] * 3
        return
    yield Estimate(row.mean, row.low, row.high, row.n, row.method)
    yield Estimate(row.share_scored, row.share_low, row.share_high, row.n)
    yield Estimate(row.mean_scored, row.scored_low, row.scored_high, row.scored, row.scored_method)


def comparison_tables(
    store: Store, question: ReportQuestion, by: JudgeKind
) -> Iterator[ReportTable]:
    """Runs of one chain in pairs, step by step."""
    query = table_query(store, question, by)
    scopes = query.scopes(store) if query else []
    for number, scope in enumerate(scopes, 1):
        if len(scope.runs) < 2:
            continue
        baseline = question.baseline if question.baseline in scope.runs else None
        steps = [key for key in scope.keys if key == CHAIN or key in {s.key for s in scope.steps}]
        measures = [f"following:{key}" if key != CHAIN else "following" for key in steps]
        settings = VerdictSettings(by=by.value, partly=question.partly, study=question.study)
        yield from _compared(
            store,
            f"comparison/{by.value}" + (f"/{number}" if number > 1 else ""),
            f"Comparison of following, verdicts by {KINDS[by.value]}"
            + (f", {chain_name(scope.steps)}" if len(scopes) > 1 else ""),
            f"verdicts by {KINDS[by.value]}; {PARTLY[question.partly]}",
            ComparisonConfig(
                runs=scope.runs,
                baseline=baseline,
                metric=tuple(measures),
                flips=0,
                verdicts=settings,
            ),
        )


def score_comparisons(store: Store, question: ReportQuestion) -> Iterator[ReportTable]:
    """Runs in pairs by each score of whole outputs that they have."""
    from sit_core.store.scores import score_kinds

    if len(question.runs) < 2:
        return
    metrics = dict.fromkeys(
        metric for metric, _, step in score_kinds(store) if not step and metric != "following"
    )
    if metrics:
        config = ComparisonConfig(
            runs=question.runs, baseline=question.baseline, metric=tuple(metrics), flips=0
        )
        name = "Comparison of scores"
        yield from _compared(store, "comparison/scores", name, "scores by program", config)


def _compared(
    store: Store, key: str, title: str, who: str, config: ComparisonConfig
) -> Iterator[ReportTable]:
    table = ANALYSES.get("comparison").table(store, config)
    rows = [row for row in table.rows if row[DIFFERENCE].n]
    if not rows:
        return
    columns = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    cells = [tuple(plain_cells(row, columns)) for row in rows]
    caption = (
        f"Differences on the questions that both runs have, in percentage points with {LEVEL_SAID} "
        f"and n pairs; p is two-sided, corrected by Holm where there are several pairs; {who}."
    )
    notes = (*said_of(table.left_out), *([table.note] if table.note else []))
    yield ReportTable(key, title, tuple(columns), tuple(cells), caption, notes, drawn=(DIFFERENCE,))


def agreement_tables(store: Store, question: ReportQuestion) -> Iterator[ReportTable]:
    """Agreement of people, and of machines with people."""
    query = table_query(store, question, JudgeKind.HUMAN)
    if query is None:
        return
    rows = agreement(store, query).rows
    if rows:
        columns = ("step", "annotators", "samples", "all agree", "Cohen's κ", "Krippendorff's α")
        cells: list[tuple[Cell, ...]] = [
            (
                row.letter,
                row.annotators,
                row.samples,
                Estimate(
                    row.equal / row.samples if row.samples else None,
                    row.equal_low,
                    row.equal_high,
                    row.samples,
                    row.equal_method,
                ),
                _number(row.kappa, row.kappa_low, row.kappa_high, row.samples, row.method),
                _number(row.alpha, row.alpha_low, row.alpha_high, row.samples, row.alpha_method),
            )
            for row in rows
        ]
        yield ReportTable(
            "agreement",
            "Agreement of annotators",
            columns,
            tuple(cells),
            "Samples on which all said the same, in percent, Cohen's κ of two annotators and "
            f"Krippendorff's α (nominal; done, not done, unsure), with {LEVEL_SAID} and n samples "
            "that several people judged.",
            tuple(
                f"{row.letter}, {row.annotators}: {row.undefined}." for row in rows if row.undefined
            ),
        )
    yield from _against_people(store, query)


def _against_people(store: Store, query: TableQuery) -> Iterator[ReportTable]:
    from sit_core.results.following import who_judged

    judges = [judge for judge in who_judged(store, query) if judge.kind == JudgeKind.LLM]
    for name in sorted({judge.name for judge in judges}):
        yield from _both_table(f"agreement/{name}", name, judge_agreement(store, query, name).rows)
    yield from _both_table("agreement/rules", "rules", rule_agreement(store, query).rows)


def _both_table(key: str, who: str, rows: Sequence[BothRow]) -> Iterator[ReportTable]:
    if not rows:
        return
    cells: list[tuple[Cell, ...]] = [
        (
            row.run or "all runs",
            row.letter,
            Estimate(
                row.percent, row.percent_low, row.percent_high, row.samples, row.percent_method
            ),
            _number(row.kappa, row.low, row.high, row.samples, row.method),
        )
        for row in rows
    ]
    yield ReportTable(
        key,
        f"Agreement of {who} with people",
        ("run", "step", "agree", "Cohen's κ"),
        tuple(cells),
        f"Samples on which {who} and people (of several the majority) say the same, in percent, "
        f"and Cohen's κ, with {LEVEL_SAID} and n samples that both judged.",
        tuple(
            f"{row.run or 'all runs'}, {row.letter}: {row.undefined}."
            for row in rows
            if row.undefined
        ),
    )


def _number(
    value: float | None, low: float | None, high: float | None, n: int, method: str | None
) -> Estimate:
    why = "" if value is not None else "not defined"
    return Estimate(value, low, high, n, method, percent=False, why=why)


def leaderboard_tables(store: Store, question: ReportQuestion) -> Iterator[ReportTable]:
    """The board of each prompt set that a system of ours was asked, if any run is a system."""
    from sit_core.store.leaderboard import board_judges
    from sit_core.store.systems import list_systems

    if not list_systems(store) and not list(board_judges(store)):
        return
    asked = LeaderboardQuestion(study=question.study, partly_done=question.partly == "done")
    board = leaderboard(store, asked)
    names: list[str | None] = [one.name for one in board.sets] or [None]
    for number, name in enumerate(names, 1):
        of_set = LeaderboardQuestion(
            prompt_set=name, study=question.study, partly_done=question.partly == "done"
        )
        found = leaderboard(store, of_set)
        if found.rows:
            key = "leaderboard" + (f"/{number}" if number > 1 else "")
            yield _board_table(key, found)


def _board_table(key: str, board: Leaderboard) -> ReportTable:
    kinds = {column.key: column.kind for column in board.columns}
    there = [c for c in board.columns if any(c.key in row.figures for row in board.rows)]
    cells: list[tuple[Cell, ...]] = [
        (
            row.system,
            *(_board_cell(row.figures.get(c.key), percent=kinds[c.key] == "share") for c in there),
        )
        for row in board.rows
    ]
    letters = {
        (number, place): figure.letters
        for number, row in enumerate(board.rows)
        for place, column in enumerate(there, 1)
        if (figure := row.figures.get(column.key)) is not None and figure.letters
    }
    notes = [
        f"{row.system}, {column.label}: {figure.without:,} without a value ({reason}: {n:,})."
        for row in board.rows
        for column in there
        if (figure := row.figures.get(column.key)) is not None and figure.without
        for reason, n in figure.reasons.items()
    ]
    judge = board.question.judge
    return ReportTable(
        key,
        f"Leaderboard{f' on {board.question.prompt_set}' if board.question.prompt_set else ''}",
        ("system", *(column.label for column in there)),
        tuple(cells),
        f"Systems of this report on one set of prompts, with {LEVEL_SAID} and n; shares in "
        "percent. Systems that share a letter do not differ (Holm's correction over all pairs). "
        + (f"LLM judge: {judge}." if judge else "No LLM judge."),
        (*notes, *board.notes),
        letters,
        drawn=(),
    )


def _board_cell(figure: BoardFigure | None, *, percent: bool) -> Estimate:
    if figure is None:
        return Estimate(None, why="nothing is said of it", percent=percent)
    return Estimate(figure.value, figure.low, figure.high, figure.n, figure.method, percent=percent)


def analysis_tables(store: Store, entry: AnalysisEntry, number: int) -> Iterator[ReportTable]:
    """Whatever an analysis says, table by table.

    Raises:
        SitError: it is unknown, its settings are wrong, or it failed.
    """
    from sit_core.config.parse import from_plain

    analysis = ANALYSES.get(entry.name)
    kind = analysis.config or AnalysisConfig
    config = from_plain(kind, dict(entry.settings), f"the analysis {entry.name}")
    title = entry.title or analysis.title
    if file := entry.outside_file():
        raise SitError(f"{title}: It reads {file}, which is not in the bundle; leave it out.")
    try:
        found = analysis.table(store, config)
        if entry.paper is not None:
            numbers = from_plain(PaperNumbers, dict(entry.paper), "the paper's numbers")
            known = None if entry.published is None else PaperTable.from_dict(entry.published)
            found = with_paper(found, numbers, known)
    except SitError as error:
        raise SitError(f"{title}: {error}") from None
    for place, table in enumerate(found.tables(), 1):
        key = f"analysis {number} {entry.name}" + (f"/{place}" if place > 1 else "")
        made = _analysis_table(
            key, title if place == 1 else f"{title}: {table.title}", analysis.purpose, table
        )
        yield replace(made, notes=(*entry.notes, *made.notes)) if place == 1 else made
    if found.points and ROW not in found.points[0]:  # those of a matrix are its cells
        points = AnalysisTable(found.points)
        key = f"analysis {number} {entry.name}/points"
        drawn = _analysis_table(key, f"{title}: curves", analysis.purpose, points)
        yield replace(drawn, curve=True)


def _analysis_table(key: str, title: str, purpose: str, table: AnalysisTable) -> ReportTable:
    columns = tuple(dict.fromkeys(name for row in table.rows for name in row))
    rows = tuple(tuple(plain_cells(row, columns)) for row in table.rows)
    notes = (*said_of(table.left_out), *([table.note] if table.note else []))
    caption = f"{purpose} Figures with {LEVEL_SAID} and n; shares in percent."
    return ReportTable(key, title, columns, rows, caption, notes)
