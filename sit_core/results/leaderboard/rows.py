"""One leaderboard made from what the store says: choose, read, count, test, put into rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sit_core import __version__
from sit_core.errors import UsageError
from sit_core.metrics.registry import is_share
from sit_core.records import JudgeKind
from sit_core.registry import unknown
from sit_core.results.leaderboard.matrix import MeasuredOutputs, OutputMatrix, decided, outcomes
from sit_core.results.leaderboard.prompt_sets import besides_said, of_one_set, reported_of_set
from sit_core.results.leaderboard.records import (
    CHARACTERS,
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    MEAN_SCORED,
    QUALITY,
    REPORTED,
    SCORE,
    SHARE_SCORED,
    WINS,
    WORDS,
    BoardFigure,
    BoardJudge,
    IterationFigure,
    Leaderboard,
    LeaderboardQuestion,
    LeaderboardRow,
)
from sit_core.results.leaderboard.reported import (
    benchmark_figures,
    column_of,
    key_of,
    parts_of,
    reported_rows,
)
from sit_core.results.leaderboard.tests_of_pairs import PairTestResults, tested
from sit_core.results.leaderboard.word_counts import words_and_empty
from sit_core.results.measures import Measure, MeasureInterval, MeasureKind, spans
from sit_core.statistics import methods_said
from sit_core.store import Store
from sit_core.store import leaderboard as stored
from sit_core.store.former_results import earlier_scores, former_results
from sit_core.store.renaming import present_runs, present_study
from sit_core.store.systems import list_systems

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROWN = (FOLLOWING, FOLLOWING_HUMAN, FOLLOWING_RULE, QUALITY)
"""What is also shown per number of iterations."""
NOT_COMPARED = "not compared"


@dataclass
class CountedColumn:
    """One column: its measure, why others have no value, and what else is known."""

    measure: Measure
    reasons: list[dict[str, int]]
    """Per system."""
    details: list[dict[str, float]]
    values: "NDArray[Any] | None" = None
    """One number per output, NaN for none; of columns whose systems are tested."""


@dataclass(frozen=True, slots=True)
class RowContext:
    """What rows say besides figures."""

    empty: Sequence[bool]
    """Per output, whether there is nothing in it."""
    stepwise: frozenset[int]
    """Numbers of the runs that the LLM judge judged step by step."""


def made(store: Store, asked: LeaderboardQuestion) -> Leaderboard:
    """Make the board.

    Raises:
        UsageError: a judge or a system is unknown.
        SitError: no study has that name.
    """
    asked = _named_now(store, asked)
    entries, reported = _systems(store, asked)
    besides = [] if asked.systems else besides_said(store, entries)
    asked, entries, sets, about_sets = of_one_set(store, asked, entries)
    reported, about_reported = reported_of_set(reported, asked.prompt_set)
    question, judges = _chosen(store, asked, entries)
    outputs = stored.read_outputs(store, [entry.run_id for entry in entries])
    grid = OutputMatrix(entries, outputs)
    counted, notes, known = _counted(store, question, grid, outputs)
    values = {key: one.values for key, one in counted.items() if one.values is not None}
    tests = tested(grid, question, values)
    figures = {key: _figures(key, one, tests) for key, one in counted.items()}
    rows = _rows(store, grid, figures, known)
    rows += reported_rows(reported)
    rows = _with_benchmarks(store, rows)
    columns = tuple(
        column_of(key, question) for key in _order({key for row in rows for key in row.figures})
    )
    grown = stored.iterations(store, [entry.run_id for entry in entries])
    return Leaderboard(
        question=question,
        columns=columns,
        rows=tuple(sorted(rows, key=_rank)),
        iterations=_by_iteration(grid, counted, figures, grown),
        pairs=tests.pairs,
        judges=judges,
        notes=(
            *about_sets,
            *about_reported,
            *_about(question, grid, tests, rows),
            *besides,
            *notes,
            *(one.sentence() for one in former_results(store, [e.run for e in entries])),
            *earlier_scores(store, [e.run for e in entries]).values(),
        ),
        version=__version__,
        sets=sets,
        left_out=(*about_sets[1:], *about_reported, *besides),
    )


def _named_now(store: Store, asked: LeaderboardQuestion) -> LeaderboardQuestion:
    """The same question with what runs and the study are called now, where they were renamed.

    A system of that name comes before a run that had it once.
    """
    own = {system.name for system in list_systems(store)}

    def now(names: Sequence[str]) -> tuple[str, ...]:
        present = present_runs(store, names)
        return tuple(a if a in own else b for a, b in zip(names, present, strict=True))

    return replace(
        asked,
        systems=now(asked.systems),
        reference=asked.reference and now([asked.reference])[0],
        study=asked.study and present_study(store, asked.study),
    )


def _systems(
    store: Store, asked: LeaderboardQuestion
) -> tuple[list[stored.SystemEntry], list[Any]]:
    """Those with outputs, and others' results."""
    entries = stored.entries(store)
    reported = [system for system in list_systems(store) if system.run is None]
    if asked.systems:
        wanted = dict.fromkeys(asked.systems)
        more = stored.entries_named(store, list(wanted))
        known = {entry.run_id: entry for entry in [*entries, *more]}
        by_name = {e.run: e for e in known.values()} | {e.name: e for e in known.values()}
        others = {system.name: system for system in reported}
        wrong = [
            unknown("system", name, [*by_name, *others])
            for name in wanted
            if name not in by_name and name not in others
        ]
        if wrong:
            raise UsageError(" ".join(wrong))
        entries = list({by_name[n].run_id: by_name[n] for n in wanted if n in by_name}.values())
        reported = [others[name] for name in wanted if name in others]
    return entries, reported if asked.reported else []


def _chosen(
    store: Store, asked: LeaderboardQuestion, entries: Sequence[stored.SystemEntry]
) -> tuple[LeaderboardQuestion, tuple[BoardJudge, ...]]:
    """The question with judges and reference filled in."""
    run_ids = [entry.run_id for entry in entries]
    judges = tuple(BoardJudge(*judge) for judge in stored.board_judges(store, run_ids))
    names = [judge.name for judge in judges]
    wrong = [
        unknown("LLM judge", name, names)
        for name in (asked.judge, asked.duels_by)
        if name is not None and name not in names
    ]
    by_name = {e.run: e for e in entries} | {e.name: e for e in entries}
    if asked.reference is not None and asked.reference not in by_name:
        wrong.append(unknown("system with outputs", asked.reference, list(by_name)))
    if wrong:
        raise UsageError(" ".join(wrong))
    judge = asked.judge
    if judge is None:
        judge = next((one.name for one in judges if one.outputs or one.unusable), None)
    by_run = {entry.run_id: entry.name for entry in entries}
    compared = [
        (name, by_run[run])
        for name, run, _ in stored.duel_counts(store, asked.duels_by)
        if run in by_run and (asked.reference is None or by_name[asked.reference].run_id == run)
    ]
    duels_by, reference = asked.duels_by, asked.reference
    if compared:
        duels_by, reference = duels_by or compared[0][0], reference or compared[0][1]
    if reference is not None:
        reference = by_name[reference].name
    return replace(asked, judge=judge, duels_by=duels_by, reference=reference), judges


def _counted(
    store: Store, question: LeaderboardQuestion, grid: OutputMatrix, outputs: stored.OutputColumns
) -> tuple[dict[str, CountedColumn], list[str], RowContext]:
    """Every column that says something, notes, and what else is known."""
    import numpy as np

    found: dict[str, CountedColumn] = {}
    notes: list[str] = []
    stepwise: frozenset[int] = frozenset()
    entries, partly = list(grid.entries), question.partly_done
    if question.judge is not None and entries:
        verdicts = stored.verdicts_of(store, entries, question.judge, partly_done=partly)
        stepwise = verdicts.stepwise
        follows = decided(grid, verdicts.states, verdicts.unusable)
        found[FOLLOWING] = _plain(grid, follows)
        if verdicts.ratings:
            rated = decided(grid, verdicts.states, verdicts.unusable, verdicts.ratings)
            found[QUALITY] = _plain(grid, rated)
    for key, kind, study in (
        (FOLLOWING_HUMAN, JudgeKind.HUMAN, question.study),
        (FOLLOWING_RULE, JudgeKind.RULE, None),
    ):
        states, faults = stored.states_by(store, entries, kind, study, partly_done=partly)
        notes += [f"{kind.value.capitalize()} verdicts are left out: {f}" for f in faults.values()]
        if states:
            found[key] = _plain(grid, decided(grid, states))
    if (wins := _wins(store, question, grid)) is not None:
        found[WINS] = wins
    words, empty = words_and_empty(store, outputs)
    for key, lengths in ((CHARACTERS, outputs.characters), (WORDS, words)):
        values = np.array(lengths, dtype=float)
        medians = [values[grid.system == i] for i in range(len(entries))]
        found[key] = CountedColumn(
            grid.measure(values),
            [{} for _ in entries],
            [{"median": float(np.median(of)) if len(of) else 0.0} for of in medians],
        )
    found |= _scores(store, grid)
    return found, notes, RowContext(empty, stepwise)


def _plain(grid: OutputMatrix, said: MeasuredOutputs) -> CountedColumn:
    details: list[dict[str, float]] = [{} for _ in grid.entries]
    return CountedColumn(grid.measure(said.values), said.reasons, details, said.values)


def _wins(store: Store, question: LeaderboardQuestion, grid: OutputMatrix) -> CountedColumn | None:
    """Wins, ties (half) and losses against the reference; one figure per compared output."""
    import numpy as np

    if question.duels_by is None or question.reference is None:
        return None
    reference = next(e.run_id for e in grid.entries if e.name == question.reference)
    duels = stored.duels_with(store, question.duels_by, reference)
    decided_, lost = outcomes([duel for duel in duels if duel[0] in grid.place])
    if not decided_ and not lost:
        return None
    shape = grid.shape
    sums, counts, ties = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    details = [{"wins": 0.0, "ties": 0.0, "losses": 0.0} for _ in grid.entries]
    name = {1.0: "wins", 0.5: "ties", 0.0: "losses"}
    for (own, _), value in decided_.items():
        place = grid.place[own]
        system, prompt = grid.system[place], grid.prompt[place]
        sums[system, prompt] += value
        counts[system, prompt] += 1
        ties[system, prompt] += value == 0.5
        details[system][name[value]] += 1
    reasons = {grid.place[own]: reason for (own, _), reason in lost.items()}
    compared = {grid.place[own] for own, _ in decided_}
    met = {int(grid.system[place]) for place in (*reasons, *compared)}
    for place in range(len(grid.ids)):
        if place not in compared and int(grid.system[place]) in met:
            reasons.setdefault(place, NOT_COMPARED)
    return CountedColumn(Measure(sums, counts, ties), grid.tally(reasons), details)


def _scores(store: Store, grid: OutputMatrix) -> dict[str, CountedColumn]:
    run_ids = [entry.run_id for entry in grid.entries]
    cells, reasons = stored.score_cells(store, run_ids)
    of_kind: dict[tuple[str, str], list[tuple[int, str, float, int]]] = {}
    scored: dict[tuple[str, str, int], list[float]] = {}
    for cell in cells:
        place = of_kind.setdefault((cell.metric, cell.how), [])
        place.append((cell.run_id, cell.prompt, cell.total, cell.n))
        of_run = scored.setdefault((cell.metric, cell.how, cell.run_id), [0.0, 0, 0])
        for i, part in enumerate((cell.total_scored or 0.0, cell.n_scored, cell.n)):
            of_run[i] += part
    for _, metric, how in reasons:
        of_kind.setdefault((metric, how), [])
    return {
        key_of(SCORE, metric, how, ""): CountedColumn(
            grid.of_prompts(of_kind[metric, how]),
            [reasons.get((run, metric, how), {}) for run in run_ids],
            [_of_scored(scored.get((metric, how, run))) for run in run_ids],
        )
        for metric, how in sorted(of_kind)
    }


def _of_scored(sums: Sequence[float] | None) -> dict[str, float]:
    """The share of outputs with a value, and the mean of those alone."""
    if sums is None or not sums[2]:
        return {}
    total, scored, n = sums
    return {SHARE_SCORED: scored / n, **({MEAN_SCORED: total / scored} if scored else {})}


def _figures(key: str, counted: CountedColumn, tests: PairTestResults) -> list[BoardFigure | None]:
    """Per system; None where the column says nothing of it."""
    intervals = spans(counted.measure, _kind(key))
    means, counts = counted.measure.means(), counted.measure.counts.sum(axis=1)
    found: list[BoardFigure | None] = []
    for i, (mean, n) in enumerate(zip(means.tolist(), counts.tolist(), strict=True)):
        without = counted.reasons[i]
        if not n and set(without) <= {"not judged", NOT_COMPARED}:
            found.append(None)
            continue
        figure = BoardFigure(
            value=mean if n else None,
            n=int(n),
            without=sum(without.values()),
            reasons=without,
            letters=tests.letters.get(key, {}).get(i, ""),
            detail=counted.details[i],
        )
        found.append(with_span(figure, intervals[i]))
    return found


def _kind(key: str) -> MeasureKind:
    """What a column's values are, which tells the interval."""
    if key in (FOLLOWING, FOLLOWING_HUMAN, FOLLOWING_RULE):
        return "share"
    if key.startswith(f"{SCORE}/"):
        return "share" if is_share(parts_of(key)[0]) else "score"
    return {WINS: "wins", QUALITY: "rating"}.get(key, "length")  # type: ignore[return-value]


def with_span(figure: BoardFigure, span: MeasureInterval) -> BoardFigure:
    """The figure with its interval, where it has a value."""
    if figure.value is None:
        return figure
    return replace(figure, low=span.low, high=span.high, method=span.method)


def _rows(
    store: Store,
    grid: OutputMatrix,
    figures: Mapping[str, list[BoardFigure | None]],
    known: RowContext,
) -> list[LeaderboardRow]:
    import numpy as np

    errors = stored.errors_of(store, [entry.run_id for entry in grid.entries])
    size = len(grid.entries)
    outputs = np.bincount(grid.system, minlength=size)
    nothing = np.bincount(grid.system, weights=np.array(known.empty, dtype=float), minlength=size)
    return [
        LeaderboardRow(
            system=entry.name,
            run=entry.run,
            base_model=entry.base_model,
            training_data=entry.training_data,
            outputs=int(outputs[i]),
            empty=int(nothing[i]),
            errors=errors.get(entry.run_id, 0),
            figures={key: of[i] for key, of in figures.items() if of[i] is not None},  # type: ignore[misc]
            stepwise=entry.run_id in known.stepwise,
            registered=entry.registered,
        )
        for i, entry in enumerate(grid.entries)
    ]


def _with_benchmarks(store: Store, rows: Sequence[LeaderboardRow]) -> list[LeaderboardRow]:
    more = benchmark_figures(stored.benchmark_rows(store))
    return [
        replace(row, figures={**row.figures, **more[row.system]}) if row.system in more else row
        for row in rows
    ]


def _by_iteration(
    grid: OutputMatrix,
    counted: Mapping[str, CountedColumn],
    figures: Mapping[str, list[BoardFigure | None]],
    grown: Mapping[str, int],
) -> tuple[IterationFigure, ...]:
    import numpy as np

    measures = {key: counted[key].measure for key in GROWN if key in counted}
    of_prompt = np.array([grown.get(prompt, -1) for prompt in grid.prompts])
    found: list[IterationFigure] = []
    for iteration in sorted(set(grown.values())) if measures else ():
        mine = of_prompt == iteration
        asked = grid.asked[:, mine]
        parts = {key: measure.of_prompts(mine) for key, measure in measures.items()}
        for key, part in parts.items():
            intervals = spans(part, _kind(key))
            means, counts = part.means().tolist(), part.counts.sum(axis=1).tolist()
            outputs = (grid.asked_often[:, mine]).sum(axis=1).tolist()
            for i, entry in enumerate(grid.entries):
                if not outputs[i] or figures[key][i] is None:
                    continue
                n = int(counts[i])
                value = means[i] if n else None
                figure = BoardFigure(value, n, without=int(outputs[i]) - n)
                figure = with_span(figure, intervals[i])
                prompts = int(asked[i].sum())
                found.append(IterationFigure(entry.name, key, iteration, prompts, figure))
    return tuple(found)


def _order(keys: set[str]) -> list[str]:
    """The columns' places: following, quality, wins, lengths, scores, benchmarks."""
    first = (FOLLOWING, FOLLOWING_HUMAN, FOLLOWING_RULE, QUALITY, WINS, CHARACTERS, WORDS)
    known = [key for key in first if key in keys]
    scores = sorted(key for key in keys if key.startswith(f"{SCORE}/"))
    return known + scores + sorted(keys - set(known) - set(scores))


def _rank(row: LeaderboardRow) -> tuple[list[float], str]:
    """The highest following rate first, then quality; those without at the end."""
    values = []
    for key in (FOLLOWING, QUALITY, FOLLOWING_HUMAN, FOLLOWING_RULE):
        figure = row.figures.get(key)
        values.append(1.0 if figure is None or figure.value is None else -figure.value)
    return values, row.system


def _about(
    question: LeaderboardQuestion,
    grid: OutputMatrix,
    tests: PairTestResults,
    rows: Sequence[LeaderboardRow],
) -> list[str]:
    """What a reader must know."""
    notes = []
    if question.judge is None:
        notes.append(
            "No LLM judge has said anything yet; `sit judge` asks one. Until then runs that people "
            "or rules judged stand here."
        )
    else:
        notes.append(f"Following and quality are what this LLM judge says: {question.judge}")
    if question.duels_by is not None and question.reference is not None:
        notes.append(
            f"Wins are against {question.reference}, by {question.duels_by}: in both orders; a tie "
            "counts half, and so does a comparison that the order decided."
        )
    notes.append(
        "Shares are in percent. Of scores, an output without what was asked for counts as 0. "
        "How the 95 % intervals are made is in docs/statistics.md, by the name that each has."
    )
    methods = {f.method: None for row in rows for f in row.figures.values()}
    notes += methods_said(methods)
    notes += tests.notes
    sizes = {mask.tobytes() for mask in grid.asked}
    if len(sizes) > 1:
        notes.append(
            "Not all systems have outputs for the same prompts. Each figure is over a system's own "
            "prompts; tests take only those that two systems share."
        )
    if any(row.origin == REPORTED for row in rows):
        notes.append("Reported rows are others' results without outputs; they are not tested.")
    return notes
