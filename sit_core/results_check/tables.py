"""The tables of verdicts counted again: following rates, two runs compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sit_core.results_check import shares
from sit_core.results_check.exported_files import ExportedFiles, ExportedStep, Output, Prompt
from sit_core.results_check.report import CheckReport
from sit_core.results_check.verdicts import (
    ASKED_ENCODER,
    CHAIN,
    DONE,
    FOLLOW,
    IN_ORDER,
    NOT_DONE,
    UNSURE,
    States,
    VerdictQuery,
    chain_of,
)

NO_CHAIN = "the run has no one chain of steps in the exported files"


def asked_of(files: ExportedFiles, table: Mapping[str, Any], **other: Any) -> VerdictQuery:
    """Whose verdicts a table is of."""
    how = {
        "kind": table["by"],
        "judge": table.get("annotator"),
        "study": table["study"],
        "partly_done": table["partly"] == "done",
    }
    wanted = {**how, **other}
    key = tuple(wanted.values())
    if key not in files.read:
        files.read[key] = VerdictQuery(files, **wanted)
    found = files.read[key]
    assert isinstance(found, VerdictQuery)
    return found


def chain_in(
    files: ExportedFiles, asked: VerdictQuery, run: str
) -> tuple[ExportedStep, ...] | None:
    """The chain of a run as a table takes it; of LLMs *follow* where there is no one chain."""
    chain = chain_of(files, run, asked.study)
    if chain is None and asked.kind == "llm":
        return (ExportedStep(FOLLOW, "F", FOLLOW),)
    return chain


def keys_of(chain: Sequence[ExportedStep]) -> list[str]:
    """The steps, the chain of two or more, the order."""
    keys = [step.key for step in chain]
    return [*keys, *([CHAIN] if len(keys) > 1 else []), IN_ORDER]


def by_prompt(outputs: Sequence[Output], values: Mapping[str, Any]) -> list[list[Any]]:
    """The values of the outputs that have one, prompt by prompt."""
    found: dict[Prompt, list[Any]] = {}
    for output in outputs:
        if output.id in values:
            found.setdefault(output.prompt, []).append(values[output.id])
    return list(found.values())


def decided(states: States) -> dict[str, int]:
    """1 of what is done, 0 of what is not; the others are left out."""
    return {o: int(state == DONE) for o, state in states.items() if state != UNSURE}


def parts_of(span: shares.CheckedInterval | None, before: str = "") -> dict[str, Any]:
    """The ends of an interval and how it is made, by the names that tables give them."""
    low, high, method = span if span else (None, None, None)
    return {f"{before}low": low, f"{before}high": high, f"{before}method": method}


def label_of(table: Mapping[str, Any], *more: str) -> str:
    """What a figure is called: the given words, whose verdicts, how *partly* counts."""
    whose = {"human": "people", "llm": "LLM", "rule": "rules"}.get(table["by"], table["by"])
    return ", ".join([*more, f"by {whose}", f"partly {table['partly']}"])


def check_following(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """Check the table of `sit results following`."""
    asked = asked_of(files, table)
    rows = {(row["run"], row["step"]): row for row in table["rows"]}
    expected: set[tuple[str, str]] = set()
    for run in dict.fromkeys(run for run, _ in rows):
        chain = chain_in(files, asked, run)
        if chain is None:
            report.left_out(NO_CHAIN, sum(row["run"] == run for row in table["rows"]))
            continue
        outputs = asked.outputs([run])
        for key in keys_of(chain):
            states = asked.states(outputs, key, chain)
            if (run, key) not in rows:
                if key != IN_ORDER:
                    label = label_of(table, run, key)
                    report.compare("following", label, "no row", len(outputs))
                continue
            expected.add((run, key))
            label = label_of(table, run, rows[run, key]["letter"])
            theirs = _rate(outputs, states)
            report.compare_parts("following", label, rows[run, key], theirs, theirs["n"])
        for one in [key for of, key in rows if of == run and (of, key) not in expected]:
            report.left_out(f"the chain of {run!r} has no step {one!r}")
    if table["by"] == "llm":
        _unusable(files, asked, table, report)
    _judges(files, asked, table, report)
    aside = table.get("set_aside", {})
    report.left_out("verdicts on texts that outputs had before are not exported", len(aside))


def _rate(outputs: Sequence[Output], states: States) -> dict[str, Any]:
    values = decided(states)
    span = shares.share(by_prompt(outputs, values))
    done, n = sum(values.values()), len(values)
    return {
        "followed": done,
        "n": n,
        "rate": done / n if n else None,
        **parts_of(span),
        "unsure": len(states) - n,
        "missing": len(outputs) - len(states),
        "samples": len(outputs),
    }


def _unusable(
    files: ExportedFiles, asked: VerdictQuery, table: Mapping[str, Any], report: CheckReport
) -> None:
    found: dict[str, set[str]] = {}
    sample = {o.id: o.run for o in asked.outputs(dict.fromkeys(r["run"] for r in table["rows"]))}
    usable = {(s.output, s.judge, s.step) for s in files.judgments if s.study is None}
    for row in files.unusable:
        output, judge = row["prediction_id"], row["judge"]
        meant = asked.judge in (None, judge) and output in sample
        if meant and (output, judge, row["step"]) not in usable:
            found.setdefault(sample[output], set()).add(output)
    counts = {run: len(of) for run, of in found.items()}
    shown = table.get("unusable", {})
    for run in sorted({*counts, *shown}):
        label = label_of(table, run, "no usable verdict")
        report.compare("following", label, shown.get(run, 0), counts.get(run, 0))


def _judges(
    files: ExportedFiles, asked: VerdictQuery, table: Mapping[str, Any], report: CheckReport
) -> None:
    """How many of the outputs each judge of the kind said anything of."""
    meant = {o.id for o in asked.outputs(dict.fromkeys(r["run"] for r in table["rows"]))}
    found: dict[str, set[str]] = {}
    for judge in {said.judge for said in files.judgments if said.kind == asked.kind}:
        if asked.kind == "rule" and ASKED_ENCODER in judge and judge != asked.judge:
            continue
        alone = VerdictQuery(files, kind=asked.kind, judge=judge, study=asked.study)
        if there := meant & {output for output, _ in alone.said}:
            found[judge] = there
    shown: Counter[str] = Counter()
    for one in table["annotators"]:
        shown[one["name"]] += one["samples"]
    for judge in sorted({*shown, *found}):
        label = label_of(table, f"judged by {judge}")
        report.compare("following", label, shown[judge], len(found.get(judge, ())))


def check_comparison(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """Check the table of `sit results compare`."""
    first, second = table["runs"]
    asked = asked_of(files, table)
    chain = chain_in(files, asked, first)
    if chain is None:
        report.left_out(NO_CHAIN, len(table["rows"]))
        return
    sides = [{(o.prompt, o.nth): o for o in asked.outputs([run])} for run in (first, second)]
    shared = [place for place in sides[0] if place in sides[1]]
    for row in table["rows"]:
        states = [
            asked.states([side[place] for place in shared], row["step"], chain) for side in sides
        ]
        pairs: dict[Prompt, list[int]] = {}
        cells: Counter[tuple[str | None, str | None]] = Counter()
        for place in shared:
            a, b = (of.get(side[place].id) for of, side in zip(states, sides, strict=True))
            cells[a, b] += 1
            if {a, b} <= {DONE, NOT_DONE}:
                pairs.setdefault(place[0], []).append((a == DONE) - (b == DONE))
        label = label_of(table, f"{first} against {second}", row["letter"])
        theirs = _difference(cells, list(pairs.values()))
        report.compare_parts("comparison", label, row, theirs, theirs["n"])


def _difference(
    cells: "Counter[tuple[str | None, str | None]]", pairs: Sequence[Sequence[int]]
) -> dict[str, Any]:
    both, neither = cells[DONE, DONE], cells[NOT_DONE, NOT_DONE]
    first, second = cells[DONE, NOT_DONE], cells[NOT_DONE, DONE]
    n = both + neither + first + second
    found = shares.paired(pairs)
    repeated = any(len(of) > 1 for of in pairs)
    return {
        "both": both,
        "only_first": first,
        "only_second": second,
        "neither": neither,
        "n": n,
        "first_rate": (both + first) / n if n else None,
        "second_rate": (both + second) / n if n else None,
        "difference": found.difference if found else None,
        **parts_of(found.span if found else None),
        "p": found.p if found else None,
        "p_mcnemar": None if repeated else shares.mcnemar(first, second),
        "left_out": cells.total() - n,
    }


def scopes_of(
    files: ExportedFiles, asked: VerdictQuery, runs: Sequence[str], report: CheckReport
) -> dict[tuple[ExportedStep, ...], list[str]]:
    """The runs by their chain."""
    found: dict[tuple[ExportedStep, ...], list[str]] = {}
    for run in runs:
        chain = chain_in(files, asked, run)
        if chain is None:
            report.left_out(NO_CHAIN)
        else:
            found.setdefault(chain, []).append(run)
    return found
