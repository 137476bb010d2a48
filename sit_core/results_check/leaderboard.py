"""The leaderboard counted again: every figure, those per iteration, the pairs, the letters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any
from urllib.parse import unquote

from sit_core.results_check.counted import CheckedColumn, figure_of, span_of
from sit_core.results_check.exported_files import ExportedFiles, Output, Prompt
from sit_core.results_check.pairs import check_pairs
from sit_core.results_check.report import CheckReport
from sit_core.results_check.scores import score_columns
from sit_core.results_check.tables import decided, parts_of
from sit_core.results_check.verdicts import FOLLOW, UNSURE, States, VerdictQuery, whole_states

UNDECIDED, NOT_JUDGED, NO_RATING = "undecided", "not judged", "judged without a rating"
NOT_COMPARED = "not compared"
RATINGS = (1.0, 5.0)
HAVE_NO_OUTPUTS = "others' results and benchmarks come without outputs"


def check_board(files: ExportedFiles, report: CheckReport) -> None:
    """Check all that ``board.json`` shows."""
    board = files.board
    counted: dict[tuple[str, str], CheckedColumn] = {}
    for row in board["rows"]:
        if row["run"] is None:
            report.left_out(HAVE_NO_OUTPUTS, _numbers(row["figures"].values()))
            continue
        outputs = files.of_run.get(row["run"], [])
        _about_row(files, row, outputs, report)
        found = columns_of(files, row["run"])
        counted |= {(row["system"], key): one for key, one in found.items()}
        _figures_of_row(row, outputs, found, report)
    _iterations(files, counted, report)
    check_pairs(files, counted, report)


def columns_of(files: ExportedFiles, run: str) -> dict[str, CheckedColumn]:
    """Column → what it says of a run."""
    board, outputs = files.board, files.of_run.get(run, [])
    partly = board["partly_done"]
    found: dict[str, CheckedColumn] = {}
    if board["judge"] is not None:
        asked = VerdictQuery(files, kind="llm", judge=board["judge"], partly_done=partly)
        found |= _by_llm(files, asked, run, outputs)
    for key, kind, study in (
        ("following_human", "human", board["study"]),
        ("following_rule", "rule", None),
    ):
        if any(said.kind == kind for said in files.judgments):
            asked = VerdictQuery(files, kind=kind, study=study, partly_done=partly)
            found[key] = _followed(outputs, whole_states(asked, run), {})
    wins = _wins(files, outputs)
    if wins is not None:
        found["win_rate"] = wins
    for key, measure in (("characters", len), ("words", lambda text: len(text.split()))):
        lengths = {o.id: float(measure(o.text)) for o in outputs}
        middle = median(lengths.values()) if lengths else 0.0
        found[key] = CheckedColumn("mean", lengths, detail={"median": middle})
    return found | score_columns(files, run)


def _about_row(
    files: ExportedFiles, row: Mapping[str, Any], outputs: Sequence[Output], report: CheckReport
) -> None:
    theirs = {
        "outputs": len(outputs),
        "empty": sum(not o.text.strip() for o in outputs),
        "errors": sum(one["run"] == row["run"] for one in files.errors),
    }
    report.compare_parts("board", row["system"], row, theirs)


def _figures_of_row(
    row: Mapping[str, Any],
    outputs: Sequence[Output],
    found: Mapping[str, CheckedColumn],
    report: CheckReport,
) -> None:
    for key, figure in row["figures"].items():
        if key.startswith("benchmark/"):
            report.left_out(HAVE_NO_OUTPUTS, _numbers([figure]))
        elif key not in found:
            report.left_out(f"there is no second way to count {unquote(key)}", _numbers([figure]))
        else:
            label = f"{unquote(key)} of {row['system']}"
            theirs = figure_of(found[key], outputs)
            report.compare_parts("board", label, figure, theirs, theirs["n"])
    for key, one in found.items():
        if key not in row["figures"] and one.values:
            label = f"{unquote(key)} of {row['system']}"
            report.compare("board", label, "not shown", len(one.values), len(one.values))


def _by_llm(
    files: ExportedFiles, asked: VerdictQuery, run: str, outputs: Sequence[Output]
) -> dict[str, CheckedColumn]:
    said = {output for output, _ in asked.said}
    whole = {o.id for o in outputs if (o.id, FOLLOW) in asked.said}
    if not any(o.id in said for o in outputs):
        states: States = {}
    elif whole:
        found = {o.id: asked.state(o.id, FOLLOW) for o in outputs}
        states = {o: state for o, state in found.items() if state is not None}
    else:
        states = whole_states(asked, run)
    unusable = {
        row["prediction_id"]: row["reason"]
        for row in files.unusable
        if row["judge"] == asked.judge and row["prediction_id"] not in states
    }
    ratings = {
        o.id: rating
        for o in outputs
        if o.id in whole
        for said_ in [max(asked.said[o.id, FOLLOW].values(), key=lambda s: s.revision)]
        if (rating := said_.rating) is not None
    }
    columns = {"following_llm": _followed(outputs, states, unusable)}
    why = {**unusable, **{o: NO_RATING for o in states if o not in ratings}}
    reasons = Counter(why.get(o.id, NOT_JUDGED) for o in outputs if o.id not in ratings)
    if any(said_.rating is not None for of in asked.said.values() for said_ in of.values()):
        columns["quality"] = CheckedColumn("mean", ratings, reasons, scale=RATINGS)
    return columns


def _followed(
    outputs: Sequence[Output], states: States, unusable: Mapping[str, str]
) -> CheckedColumn:
    values = {o: float(value) for o, value in decided(states).items()}
    reasons: Counter[str] = Counter()
    for output in outputs:
        if states.get(output.id) == UNSURE:
            reasons[UNDECIDED] += 1
        elif output.id not in states:
            reasons[unusable.get(output.id, NOT_JUDGED)] += 1
    return CheckedColumn("share", values, reasons)


def _wins(files: ExportedFiles, outputs: Sequence[Output]) -> CheckedColumn | None:
    board = files.board
    if board["duels_by"] is None or board["reference"] is None:
        return None
    reference = next(r["run"] for r in board["rows"] if r["system"] == board["reference"])
    theirs = {o.id for o in files.of_run.get(reference, [])}
    mine = {o.id: o for o in outputs}
    orders: dict[tuple[str, str], dict[int, tuple[float | None, str | None]]] = {}
    turned = []
    for row in files.comparisons:
        if row["judge"] != board["duels_by"]:
            continue
        value, reason = row["preferred"], row["reason"]
        own, other, place = row["prediction_id"], row["against_id"], row["place"]
        if other in theirs and own in mine:
            orders.setdefault((own, other), {})[place] = (value, reason)
        if own in theirs and other in mine:
            turned.append((other, own, 3 - place, None if value is None else 1 - value, reason))
    for own, other, place, value, reason in turned:
        orders.setdefault((own, other), {})[place] = (value, reason)
    if not orders:
        return None
    found = CheckedColumn("wins", {}, detail={"wins": 0.0, "ties": 0.0, "losses": 0.0})
    compared: set[str] = set()
    without: dict[str, str] = {}
    for (own, _), said in orders.items():
        lost = [reason for value, reason in said.values() if value is None]
        if lost:
            without[own] = lost[0] or "no usable verdict"
        elif len(said) < 2:
            without[own] = "compared in one order only"
        else:
            values = {value for value, _ in said.values()}
            outcome = 1 if values == {1.0} else -1 if values == {0.0} else 0
            found.outcomes.append((mine[own], outcome))
            found.detail[{1: "wins", -1: "losses", 0: "ties"}[outcome]] += 1
            compared.add(own)
    for output in outputs:
        if output.id in without:
            found.reasons[without[output.id]] += 1
        elif output.id not in compared:
            found.reasons[NOT_COMPARED] += 1
    return found


def _iterations(
    files: ExportedFiles, counted: Mapping[tuple[str, str], CheckedColumn], report: CheckReport
) -> None:
    of_system = {row["system"]: row["run"] for row in files.board["rows"]}
    grown: dict[Prompt, int] = {}
    for output in sorted(files.outputs.values(), key=lambda o: o.example):
        if output.iteration is not None:
            grown[output.prompt] = output.iteration
    for one in files.board["iterations"]:
        found = counted.get((one["system"], one["column"]))
        figure = one["figure"]
        if found is None:
            report.left_out("there is no second way to count it", _numbers([figure]))
            continue
        outputs = [
            o
            for o in files.of_run[of_system[one["system"]]]
            if grown.get(o.prompt) == one["iteration"]
        ]
        there = {o.id for o in outputs}
        values = {o: value for o, value in found.values.items() if o in there}
        part = CheckedColumn(found.kind, values, scale=found.scale)
        span, n = span_of(part, outputs), len(values)
        theirs = {
            "value": sum(values.values()) / n if n else None,
            "n": n,
            **parts_of(span),
            "without": len(outputs) - n,
        }
        label = f"{one['column']} of {one['system']}, iteration {one['iteration']}"
        report.compare_parts("iterations", label, figure, theirs, n)
        prompts = len({o.prompt for o in outputs})
        report.compare("iterations", f"{label}: prompts", one["prompts"], prompts)


def _numbers(figures: Any) -> int:
    return sum(
        sum(figure.get(part) is not None for part in ("value", "low", "high", "n", "without"))
        for figure in figures
    )
