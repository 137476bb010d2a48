"""All pairs of systems at following and quality tested again: differences, Holm's p, letters."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

from sit_core.results_check import several, shares
from sit_core.results_check.counted import Counted
from sit_core.results_check.exported_files import Files, Prompt
from sit_core.results_check.report import Report
from sit_core.results_check.tables import parts_of

FOLLOWING, QUALITY = "following_llm", "quality"


def check_pairs(files: Files, counted: Mapping[tuple[str, str], Counted], report: Report) -> None:
    """Check what the board says of two systems, and which letters they have."""
    shown = {(one["column"], one["first"], one["second"]): one for one in files.board["pairs"]}
    for column in (FOLLOWING, QUALITY):
        tests = _tests(files, counted, column, shown.keys())
        p = {place: theirs["p"] for place, theirs in tests.items() if theirs["p"] is not None}
        corrected: dict[tuple[str, str, str], float] = {}
        if len(p) == len(tests):
            corrected = dict(zip(p, several.holm(list(p.values())), strict=True))
            _letters(files, column, corrected, report)
        else:
            report.left_out("letters, because not all p of their column are known")
        for place, theirs in tests.items():
            label = f"{column}, {place[1]} against {place[2]}"
            if theirs["p"] is None:  # its distribution has too many values
                del theirs["p"]
            if place in corrected:
                theirs["corrected"] = corrected[place]
            report.compare_parts("pairs", label, shown.get(place, {}), theirs, theirs["n"])
        for place in [one for one in shown if one[0] == column and one not in tests]:
            label = f"{column}, {place[1]} against {place[2]}"
            report.compare("pairs", label, "a pair", "they share no value")


def _tests(
    files: Files,
    counted: Mapping[tuple[str, str], Counted],
    column: str,
    shown: Collection[tuple[str, str, str]],
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Of all two systems that share an output with a value: the test at a column.

    The first of the two is the one that is shown as the first.
    """
    sides: dict[str, dict[tuple[Prompt, int], float]] = {}
    for row in files.board["rows"]:
        one = counted.get((row["system"], column))
        if row["run"] is not None and one is not None:
            sides[row["system"]] = {
                (o.prompt, o.nth): one.values[o.id]
                for o in files.of_run.get(row["run"], [])
                if o.id in one.values and (column == FOLLOWING or o.nth == 0)
            }
    test = _difference_of_shares if column == FOLLOWING else _difference_of_means
    found = {}
    for a, b in combinations(sorted(sides), 2):
        first, second = (b, a) if (column, b, a) in shown else (a, b)
        pairs: dict[Prompt, list[float]] = {}
        for place, value in sides[first].items():
            if place in sides[second]:
                pairs.setdefault(place[0], []).append(value - sides[second][place])
        if pairs:
            found[column, first, second] = test(list(pairs.values()))
    return found


def _difference_of_shares(pairs: Sequence[Sequence[float]]) -> dict[str, Any]:
    found = shares.paired([[round(d) for d in of] for of in pairs])
    every = [d for of in pairs for d in of]
    repeated = any(len(of) > 1 for of in pairs)
    exact = shares.mcnemar(every.count(1.0), every.count(-1.0))
    return {
        "n": len(every),
        "difference": found.difference if found else None,
        **parts_of(found.span if found else None),
        "p": found.p if found else None,
        "p_mcnemar": None if repeated else exact,
    }


def _difference_of_means(pairs: Sequence[Sequence[float]]) -> dict[str, Any]:
    apart = [d for of in pairs for d in of]
    return {
        "n": len(apart),
        "difference": sum(apart) / len(apart),
        **parts_of(shares.average([[d] for d in apart])),
        "p": several.sign_flips([round(100 * d) for d in apart]),
    }


def _letters(
    files: Files, column: str, corrected: Mapping[tuple[str, str, str], float], report: Report
) -> None:
    letters = {
        row["system"]: figure["letters"]
        for row in files.board["rows"]
        if (figure := row["figures"].get(column)) and figure["letters"]
    }
    if not letters:
        return
    alpha = files.board["alpha"]
    differ = {frozenset(place[1:]) for place, p in corrected.items() if p < alpha}
    wrong = several.same_groups(letters, differ)
    for name, text in sorted(letters.items()):
        said = wrong if wrong and repr(name) in wrong else None
        report.compare("letters", f"{column} of {name}", text, text if said is None else said)
