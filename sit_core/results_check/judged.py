"""What `sit judge` shows of an LLM judge, counted again: rates, ratings, comparisons."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sit_core.results_check import shares
from sit_core.results_check.exported_files import ExportedFiles, ExportedVerdict, Prompt
from sit_core.results_check.report import CheckReport
from sit_core.results_check.tables import by_prompt, decided, parts_of
from sit_core.results_check.verdicts import UNSURE, VerdictQuery

RATINGS = (1.0, 5.0)
TABLE = "judge"


def check_judged(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """Check the rows and the comparisons of one judge."""
    done = table["partly"] == "done"
    asked = VerdictQuery(files, kind="llm", judge=table["judge"], partly_done=done)
    shown = {(row["run"], row["step"]): row for row in table["rows"]}
    for place, theirs in _rows(files, asked, table["runs"]).items():
        label = ", ".join((*place, f"partly {table['partly']}"))
        report.compare_parts(TABLE, label, shown.pop(place, {}), theirs, theirs["n"])
    for place in shown:
        report.compare(TABLE, ", ".join(place), "a row", "nothing was said")
    for row in table["duels"]:
        theirs = _duels(files, table["judge"], row["run"], row["against"])
        label = f"{row['run']} against {row['against']}"
        report.compare_parts(TABLE, label, row, theirs, theirs["n"])


def _rows(
    files: ExportedFiles, asked: VerdictQuery, runs: list[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """(run, step) → the figures."""
    unusable: dict[tuple[str, str], set[str]] = {}
    for row in files.unusable:
        output = files.outputs.get(row["prediction_id"])
        said = (row["prediction_id"], row["step"]) in asked.said
        if row["judge"] == asked.judge and output is not None and not said:
            unusable.setdefault((output.run, row["step"]), set()).add(output.id)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in runs:
        outputs = files.of_run.get(run, [])
        mine = {o.id for o in outputs}
        steps = {step for output, step in asked.said if output in mine}
        steps |= {step for of_run, step in unusable if of_run == run}
        for step in steps:
            of_step: dict[str, ExportedVerdict] = {
                o.id: next(iter(asked.said[o.id, step].values()))
                for o in outputs
                if (o.id, step) in asked.said
            }
            states = {o: asked.reading(said.verdict) for o, said in of_step.items()}
            values = decided(states)
            rated = {o: said.rating for o, said in of_step.items() if said.rating is not None}
            n, bad = len(values), len(unusable.get((run, step), ()))
            unsure = sum(state == UNSURE for state in states.values())
            found[run, step] = {
                "followed": sum(values.values()),
                "n": n,
                "rate": sum(values.values()) / n if n else None,
                **parts_of(shares.share(by_prompt(outputs, values))),
                "quality": sum(rated.values()) / len(rated) if rated else None,
                "quality_n": len(rated),
                **parts_of(shares.average(by_prompt(outputs, rated), RATINGS), "quality_"),
                "unsure": unsure,
                "unusable": bad,
                "missing": len(outputs) - n - unsure - bad,
                "samples": len(outputs),
            }
    return found


def _duels(files: ExportedFiles, judge: str, run: str, against: str) -> dict[str, Any]:
    """One run against another."""
    orders: dict[tuple[str, str], list[float | None]] = {}
    mine = {o.id: o for o in files.of_run.get(run, [])}
    theirs = {o.id for o in files.of_run.get(against, [])}
    for row in files.comparisons:
        own, other = row["prediction_id"], row["against_id"]
        if row["judge"] == judge and own in mine and other in theirs:
            orders.setdefault((own, other), []).append(row["preferred"])
    outcomes: dict[Prompt, list[int]] = {}
    counts: Counter[str] = Counter()
    for (own, _), said in orders.items():
        if None in said:
            counts["unusable"] += 1
        elif len(said) > 1:
            kind = "won" if set(said) == {1} else "lost" if set(said) == {0} else "tied"
            counts[kind] += 1
            counts["inconsistent"] += kind == "tied" and set(said) != {0.5}
            value = {"won": 1, "lost": -1, "tied": 0}[kind]
            outcomes.setdefault(mine[own].prompt, []).append(value)
    n = counts["won"] + counts["lost"] + counts["tied"]
    return {
        **{kind: counts[kind] for kind in ("won", "lost", "tied", "inconsistent", "unusable")},
        "n": n,
        "win_rate": (counts["won"] + counts["tied"] / 2) / n if n else None,
        **parts_of(shares.wins(list(outcomes.values()))),
        "missing": len(mine) - n - counts["unusable"],
        "samples": len(mine),
    }
