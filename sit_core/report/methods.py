"""The methods of a report in sentences, from what is in its excerpt, with the numbers in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sit_core.records import JudgeKind, chain_name
from sit_core.report.config import KINDS, ReportQuestion
from sit_core.report.content import ReportTable, table_query
from sit_core.results.agreement import agreement
from sit_core.results.following import who_judged
from sit_core.statistics import LEVEL, methods_said
from sit_core.statistics.interval import figure_text
from sit_core.store import Store
from sit_core.store.guideline_versions import guideline_versions
from sit_core.store.prompt_sets import sets_of_runs
from sit_core.store.scores import outputs_of
from sit_core.store.studies import get_study
from sit_core.store.verdict_state import CHAIN

DIGITS = 12
"""So many of a hash are printed; the manifest and the exports have all."""


def methods_of(
    store: Store,
    question: ReportQuestion,
    kinds: Sequence[JudgeKind],
    tables: Sequence[ReportTable],
    versions: Mapping[str, str],
) -> tuple[list[str], dict[str, Any]]:
    """Paragraphs, and every number or name in them by its path."""
    facts: dict[str, Any] = {}
    paragraphs = [
        _outputs(store, question, facts),
        _sample(store, question, facts),
        _judges(store, question, kinds, facts),
        _agreement(store, question, facts),
        _guidelines(store, question, facts),
        _statistics(tables, facts),
        _program(versions, facts),
        _names(question),
    ]
    return [one for one in paragraphs if one], facts


def _outputs(store: Store, question: ReportQuestion, facts: dict[str, Any]) -> str:
    counts = outputs_of(store, question.runs)
    said = []
    for run in question.runs:
        outputs, errors = counts[run]
        facts[f"outputs / {run}"] = outputs
        more = f", {errors:,} prompts without output" if errors else ""
        if errors:
            facts[f"prompts without output / {run}"] = errors
        said.append(f"{run} ({outputs:,} outputs{more})")
    sets = dict.fromkeys(sets_of_runs(store, question.runs).values())
    for number, name in enumerate(sets, 1):
        facts[f"prompt set {number}"] = str(name)
    on = f" Prompt sets: {', '.join(map(str, sets))}." if sets else ""
    facts["runs"] = len(question.runs)
    return f"Runs ({len(question.runs)}): {'; '.join(said)}.{on}"


def _sample(store: Store, question: ReportQuestion, facts: dict[str, Any]) -> str:
    if question.study is None:
        return "All outputs of the runs are looked at; verdicts of people come from all studies."
    study = get_study(store, question.study)
    facts |= {
        "study": study.name,
        "examples drawn": study.sample,
        "seed": study.seed,
        "annotators per sample": study.annotators,
        "chain": study.chain,
    }
    blind = "did not see" if study.blind else "saw"
    order = " They were also asked whether the steps came in order." if study.ask_order else ""
    people = "person" if study.annotators == 1 else "people"
    return (
        f"The study {study.name} asks about {chain_name(study.steps)} on {study.sample:,} "
        f"examples, drawn at random (seed {study.seed}) from those that all of its runs have, the "
        f"same for every run. Each output is judged by {study.annotators} {people}; they {blind} "
        f"which run it came from.{order}"
    )


def _judges(
    store: Store, question: ReportQuestion, kinds: Sequence[JudgeKind], facts: dict[str, Any]
) -> str:
    said = []
    for kind in kinds:
        query = table_query(store, question, kind)
        found = who_judged(store, query) if query else []
        mine = [judge for judge in found if judge.kind == kind]
        for judge in mine:
            facts[f"samples judged / {kind.value} / {judge.name}"] = judge.samples
        names = ", ".join(f"{judge.name} ({judge.samples:,} samples)" for judge in mine)
        said.append(f"{KINDS[kind.value]}: {names or 'nobody yet'}")
    facts["partly"] = question.partly
    partly = "done" if question.partly == "done" else "not done"
    whose = f"Verdicts by {'; '.join(said)}. " if said else "Nobody judged. "
    return (
        f"{whose}Verdicts of different kinds of judges are never mixed. Partly counts as {partly}; "
        "unsure and outputs not judged are in no rate and are counted beside it."
    )


def _agreement(store: Store, question: ReportQuestion, facts: dict[str, Any]) -> str:
    query = table_query(store, question, JudgeKind.HUMAN)
    rows = agreement(store, query).rows if query else ()
    steps = {row.step for row in rows}
    whole = [row for row in rows if row.step == (CHAIN if CHAIN in steps else rows[0].step)]
    said = []
    for row in whole[:1]:
        for name, value, low, high in (
            ("Cohen's κ", row.kappa, row.kappa_low, row.kappa_high),
            ("Krippendorff's α", row.alpha, row.alpha_low, row.alpha_high),
        ):
            if value is not None:
                facts[f"agreement / {row.letter} / {name}"] = value
                said.append(f"{name} {figure_text(value, low, high, digits=2, scale=1)}")
        facts[f"agreement / {row.letter} / samples"] = row.samples
        facts[f"agreement / {row.letter} / equal"] = row.equal
        said.insert(0, f"all said the same of {row.equal:,} of {row.samples:,} samples")
        if row.undefined:
            said.append(f"κ and α are {row.undefined}")
        return f"Agreement at {row.letter} ({row.annotators}): {', '.join(said)}."
    return "No sample has verdicts of two people, so there is no agreement to report."


def _guidelines(store: Store, question: ReportQuestion, facts: dict[str, Any]) -> str:
    said = []
    for one in guideline_versions(store, list(question.studies)):
        facts[f"guidelines / {one.study} / {one.version}"] = one.sha256
        said.append(f"{one.study} version {one.version} {one.sha256[:DIGITS]}")
    return f"Guidelines (SHA-256, first {DIGITS} digits): {'; '.join(said)}." if said else ""


def _statistics(tables: Sequence[ReportTable], facts: dict[str, Any]) -> str:
    facts["level"] = LEVEL
    lines = " ".join(methods_said(method for table in tables for method in table.methods()))
    return (
        f"Intervals are two-sided at {100 * LEVEL:.0f} %, of the rate on prompts like these; "
        f"nothing is drawn at random. {lines} Several comparisons are corrected by Holm."
    ).replace("  ", " ")


def _program(versions: Mapping[str, str], facts: dict[str, Any]) -> str:
    facts |= {f"version / {name}": version for name, version in versions.items()}
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Counted with {named}. Every number can be counted again from the folder bundle beside "
        "this file: sit report --verify DIR."
    )


def _names(question: ReportQuestion) -> str:
    if question.names_kept:
        return "Annotators are called by their names, as was asked for."
    return (
        "Annotators are called annotator 1, 2, …, in the order in which they came; the time that "
        "each verdict took is kept in the bundle, notes are not."
    )
