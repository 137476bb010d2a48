"""The tables of agreement counted again: people with each other, with an LLM judge, with rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sit_core.results_check import agreement, shares
from sit_core.results_check.exported_files import ExportedFiles
from sit_core.results_check.report import CheckReport
from sit_core.results_check.tables import asked_of, keys_of, label_of, parts_of, scopes_of
from sit_core.results_check.verdicts import DONE, NOT_DONE, UNSURE

STATES = (DONE, NOT_DONE, UNSURE)


def check_agreement(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """Check the table of annotators: all of them, then each two."""
    asked = asked_of(files, table)
    for chain, runs in scopes_of(files, asked, table["runs"], report).items():
        outputs = asked.outputs(runs)
        expected: dict[tuple[str, str], dict[str, Any]] = {}
        for key in keys_of(chain):
            said = [asked.of_judge(o.id, key, chain) for o in outputs]
            said = [of for of in said if len(of) > 1]
            names = sorted({name for of in said for name in of})
            couples = [
                (two, [of for of in said if set(two) <= set(of)]) for two in combinations(names, 2)
            ]
            couples = [(two, of) for two, of in couples if of]
            if len(couples) > 1:
                expected[key, "all"] = _several([tuple(of.values()) for of in said])
            for two, of_two in couples:
                pairs = [(of[two[0]], of[two[1]]) for of in of_two]
                expected[key, " – ".join(two)] = {**_several(pairs), **_kappa(pairs)}
        rows = {(row["step"], row["annotators"]): row for row in table["rows"]}
        for place, theirs in expected.items():
            label = label_of(table, *runs[:3], *place)
            report.compare_parts("agreement", label, rows.get(place, {}), theirs, theirs["samples"])


def _several(units: Sequence[agreement.Unit]) -> dict[str, Any]:
    span = agreement.alpha_span(units)
    equal = sum(len(set(unit)) == 1 for unit in units)
    of_equal = shares.wilson(equal, len(units))
    return {
        "samples": len(units),
        "percent": agreement.equal_share(units),
        "alpha": agreement.alpha(units),
        **parts_of(span, "alpha_"),
        "equal": equal,
        **parts_of(of_equal, "equal_"),
    }


def _kappa(pairs: Sequence[agreement.Unit]) -> dict[str, Any]:
    span = agreement.kappa_span(pairs)
    return {
        "kappa": agreement.kappa(pairs),
        "kappa_low": span.low if span else None,
        "kappa_high": span.high if span else None,
        "method": span.method if span else None,
    }


def check_both(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """People against an LLM judge or rules, on the outputs that both judged."""
    rules = table["table"] == "rule agreement"
    people = asked_of(files, table, kind="human")
    machine = asked_of(
        files, table, kind="rule" if rules else "llm", judge=None if rules else table["judge"]
    )
    what = "rules" if rules else "the LLM judge"
    for chain, runs in scopes_of(files, people, table["runs"], report).items():
        rows = {
            (row.get("run"), row["step"]): row
            for row in table["rows"]
            if row.get("run") in (None, *runs)
        }
        for run in [None] if rules or len(runs) == 1 else [None, *runs]:
            outputs = people.outputs(runs if run is None else [run])
            for key in keys_of(chain):
                one, other = (of.states(outputs, key, chain) for of in (people, machine))
                pairs = [(one[o.id], other[o.id]) for o in outputs if o.id in one and o.id in other]
                if not pairs and (run, key) not in rows:
                    continue
                label = label_of(table, run or ", ".join(runs[:3]), f"people and {what}", key)
                theirs = _pairs(pairs)
                ours = rows.get((run, key), {})
                report.compare_parts("agreement", label, ours, theirs, len(pairs))


def _pairs(pairs: Sequence[agreement.Unit]) -> dict[str, Any]:
    cells = Counter(pairs)
    equal = sum(a == b for a, b in pairs)
    span, of_equal = agreement.kappa_span(pairs), shares.wilson(equal, len(pairs))
    return {
        "samples": len(pairs),
        "equal": equal,
        "percent": equal / len(pairs) if pairs else None,
        **parts_of(of_equal, "percent_"),
        "kappa": agreement.kappa(pairs),
        **parts_of(span),
        "cells": {a: {b: cells[a, b] for b in STATES} for a in STATES},
    }
