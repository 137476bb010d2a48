"""All pairs of systems at following and quality tested again: differences, Holm's p, letters.

Many tests at once, written a second time: exact sign flips, Holm's correction, letters.

Nothing here is taken from `sit_core.results`. The distribution of the sign-flip test is built up by
adding one difference after the other. Letters are looked at pair by pair for what they claim: two
systems share one just where they don't differ.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

from sit_core.results_check import pairs as several
from sit_core.results_check import shares
from sit_core.results_check.counted import CheckedColumn
from sit_core.results_check.exported_files import ExportedFiles, Prompt
from sit_core.results_check.report import CheckReport
from sit_core.results_check.tables import parts_of

FOLLOWING, QUALITY = "following_llm", "quality"


def check_pairs(
    files: ExportedFiles, counted: Mapping[tuple[str, str], CheckedColumn], report: CheckReport
) -> None:
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
    files: ExportedFiles,
    counted: Mapping[tuple[str, str], CheckedColumn],
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
    files: ExportedFiles,
    column: str,
    corrected: Mapping[tuple[str, str, str], float],
    report: CheckReport,
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


MOST_STEPS = 200_000_000
"""So many additions at most build up one distribution."""
LEAST_P = 1e-12
"""A smaller p of this test is shown as this one."""


def sign_flips(differences: Sequence[int]) -> float | None:
    """P(|Σ ± d| ≥ |Σ d|) over all signs of whole numbers; None where there are too many values.

    >>> sign_flips([1, 1, 1, 1]), sign_flips([0, 2]), sign_flips([])
    (0.125, 1.0, 1.0)
    """
    import numpy as np

    steps = [abs(d) for d in differences if d]
    if not steps:
        return 1.0
    unit = math.gcd(*steps)
    steps = [d // unit for d in steps]
    furthest = sum(steps)
    if (2 * furthest + 1) * len(steps) > MOST_STEPS:
        return None
    chances = np.zeros(2 * furthest + 1)
    chances[furthest] = 1.0
    for d in steps:
        moved = np.zeros_like(chances)
        moved[d:] += chances[:-d] / 2
        moved[:-d] += chances[d:] / 2
        chances = moved
    found = abs(sum(differences)) // unit
    away = np.abs(np.arange(-furthest, furthest + 1))
    return min(1.0, max(LEAST_P, float(chances[away >= found].sum())))


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for their number.

    >>> [round(x, 2) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    found = [0.0] * len(p)
    least = 0.0
    for place, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        least = max(least, (len(p) - place) * p[i])
        found[i] = min(1.0, least)
    return found


def same_groups(letters: Mapping[str, str], differ: set[frozenset[str]]) -> str | None:
    """What is wrong with letters: two systems must share one just where they don't differ.

    Args:
        letters: system → its letters.
        differ: pairs that differ significantly.

    >>> same_groups({"x": "a", "y": "ab", "z": "b"}, {frozenset("xz")})
    >>> same_groups({"x": "a", "y": "a"}, {frozenset("xy")})
    "'x' and 'y' differ but share a letter"
    """
    parted = any(" " in text for text in letters.values())
    marks = {name: set(text.split(" ") if parted else text) for name, text in letters.items()}
    names = sorted(marks)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            shared = bool(marks[one] & marks[other])
            apart = frozenset((one, other)) in differ
            if shared and apart:
                return f"{one!r} and {other!r} differ but share a letter"
            if not shared and not apart:
                return f"{one!r} and {other!r} don't differ but share no letter"
    return None
