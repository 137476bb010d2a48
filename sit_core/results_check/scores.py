"""Automatic scores: each stored one computed again from its texts, and the means over them.

What a score is made from besides the texts as exported (which part of an output belongs to a step,
what its final answer is) was read by the program and stands in ``scores.jsonl`` as ``read``. That
reading is taken as given, and said to be; where the choice that an output names needs no
interpretation, it is read here as well.

A mean is over all outputs that have something to be compared with; one that lacks what was asked
for counts as 0 in it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from sit_core.results_check import texts
from sit_core.results_check.choices import choices, gold_letters, plain_letter
from sit_core.results_check.counted import CheckedColumn, Kind, span_of
from sit_core.results_check.exported_files import ExportedFiles, Output
from sit_core.results_check.report import CheckReport
from sit_core.results_check.tables import parts_of
from sit_core.results_check.verdicts import VerdictQuery

WHOLE = ""
SHARES = ("accuracy", "exact-match", "contains-gold", "following")
OF_ANSWERS = {"exact-match": texts.exact_match, "f1": texts.f1}
OF_STEPS: Mapping[str, Callable[..., float] | None] = {"rouge-l": texts.rouge_l, "bertscore": None}
"""None: it needs an encoder."""
ENDED = ("cut", "refused")
GOLD_OF = "gold-"
"""Before a language: the step's key of what is compared with that language's golds."""
TABLE = "scores of outputs"
AS_READ = "scores of outputs (as read)"
"""Where the answer or the step stands in the output is as the program read it."""
OF_OUTPUTS = (TABLE, AS_READ)
NOT_SEEN = "no second way to see that an answer or a step is not in an output"
ENCODER = "a score that needs its encoder (its means are checked)"
Row = Mapping[str, Any]


def check_scores(files: ExportedFiles, report: CheckReport) -> None:
    """Check every stored score against its texts."""
    rows: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in files.scores:
        place = (row["prediction_id"], row["metric"], row["how"])
        rows.setdefault(place, {})[row["step"]] = row
    names = {said.judge for said in files.judgments if said.kind == "rule"}
    rules = {name: VerdictQuery(files, kind="rule", judge=name) for name in names}
    for (output_id, metric, how), steps in rows.items():
        output = files.outputs.get(output_id)
        if output is None:
            label = f"{metric} of the output {output_id}"
            report.compare(TABLE, label, "a score", "no such output")
        elif metric == "accuracy":
            _accuracy(output, steps[WHOLE], report)
        elif metric in OF_ANSWERS and not how:
            for row in steps.values():
                _free_text(output, steps, row, report)
        elif metric in OF_STEPS:
            score = OF_STEPS[metric]
            _of_steps(output, steps, report, score and partial(score, tokenizer=how))
        elif metric == "following" and how in rules:
            _following(output, steps, rules[how], report)
        else:
            made = f"{metric} ({how})" if metric in OF_ANSWERS else metric
            report.left_out(f"there is no second way to make the score {made}", len(steps))


def _compare(
    output: Output,
    row: Row,
    value: float | None,
    counted: float | None,
    report: CheckReport,
    table: str = TABLE,
) -> None:
    """A score, and what it counts as in a mean over all."""
    report.compare(table, _label(output, row), row["value"], value)
    report.compare(table, f"{_label(output, row)}: counted", row["counted"], counted)


def _not_seen(output: Output, row: Row, report: CheckReport) -> None:
    """Where the program finds nothing in an output: a score that is there all the same is wrong."""
    if row["value"] is None and row["counted"] == 0:
        report.left_out(NOT_SEEN, 2)
    else:
        _compare(output, row, None, 0.0, report, AS_READ)


def _label(output: Output, row: Row) -> str:
    step = f", {row['step']}" if row["step"] else ""
    return f"{row['metric']}{step} of the output {output.id} ({output.run})"


def _accuracy(output: Output, row: Row, report: CheckReport) -> None:
    if not output.golds:
        _compare(output, row, None, None, report)
        return
    listed = _listing(output)
    read_letter = (row["read"] or {}).get("letter")
    if not choices(listed) and read_letter is None:
        _free_text(output, {WHOLE: row}, row, report)
        return
    letters = gold_letters(output.golds, listed) if choices(listed) else None
    if letters is None:
        report.left_out("choices or a gold that are written in a way of their own", 2)
    elif output.outcome in ENDED or not output.written.strip():
        _compare(output, row, None, 0.0, report)
    elif letter := plain_letter(output.written, listed):
        value = float(letter in letters)
        _compare(output, row, value, value, report)
    elif read_letter:
        value = float(read_letter in letters)
        _compare(output, row, value, value, report, AS_READ)
    else:
        _not_seen(output, row, report)


def _listing(output: Output) -> str:
    """The text that lists the choices: the input, else an instruction that lists the golds."""
    instruction = output.prompt[0]
    if choices(output.input) or not choices(instruction):
        return output.input
    return output.input if gold_letters(output.golds, instruction) is None else instruction


def _free_text(output: Output, steps: Mapping[str, Row], row: Row, report: CheckReport) -> None:
    """The final answer against the golds, or against those of one language."""
    golds, language = list(output.golds), output.language
    if row["step"].startswith(GOLD_OF):
        language = row["step"].removeprefix(GOLD_OF)
        of_language = (output.meta.get("golds") or {}).get(language, [])
        golds = [of_language] if isinstance(of_language, str) else list(of_language)
    answer = (steps[WHOLE]["read"] or {}).get("answer")
    if not golds:
        _compare(output, row, None, None, report)
    elif output.outcome in ENDED or not output.written.strip():
        _compare(output, row, None, 0.0, report)
    elif answer is None:
        _not_seen(output, row, report)
    else:
        score = OF_ANSWERS.get(row["metric"], texts.exact_match)
        value = score(answer, golds, language)
        _compare(output, row, value, value, report, AS_READ)


def _of_steps(
    output: Output,
    steps: Mapping[str, Row],
    report: CheckReport,
    score: Callable[[str, str], float] | None,
) -> None:
    """Scores of the parts of an output, and their mean."""
    counted: list[float | None] = []
    for key, row in steps.items():
        if key == WHOLE:
            continue
        expected, part = output.expected.get(key), (row["read"] or {}).get("part")
        if expected is None:
            counted.append(None)
            _compare(output, row, None, None, report)
        elif part is None:
            counted.append(0.0)
            _not_seen(output, row, report)
        elif part not in output.written:
            report.compare(TABLE, f"{_label(output, row)}: its part", "in the output", "not in it")
        elif score is None:
            counted.append(row["value"])
            report.left_out(ENCODER, 2)
        else:
            counted.append(score(expected, part))
            _compare(output, row, counted[-1], counted[-1], report, AS_READ)
    if WHOLE not in steps:
        return
    known = [value for value in counted if value is not None]
    mean = sum(known) / len(known) if known and len(known) == len(counted) else None
    whole = all(steps[key]["value"] is not None for key in steps if key != WHOLE)
    _compare(output, steps[WHOLE], mean if whole else None, mean, report, AS_READ)


def _following(
    output: Output, steps: Mapping[str, Row], rules: VerdictQuery, report: CheckReport
) -> None:
    """What rules said is taken as given; scores and verdicts must say the same."""
    for key, row in steps.items():
        if key == WHOLE:
            parts = [one["value"] for step, one in steps.items() if step != WHOLE]
            whole = None if not parts or None in parts else float(all(parts))
            _compare(output, row, whole, whole, report)
            continue
        said = rules.said.get((output.id, key), {}).get(row["how"])
        if row["value"] is None or said is None:
            report.left_out("a score of following without a verdict of the same rules", 2)
        else:
            value = float(said.verdict in ("yes", "partly"))
            _compare(output, row, value, value, report)


def is_share(files: ExportedFiles, metric: str) -> bool:
    """Whether its values are 1 or 0; of a plugin's metric that is taken from ``about.json``."""
    return metric in SHARES or metric in files.about.get("share_metrics", ())


def mean_of(files: ExportedFiles, run: str, rows: Sequence[Row], metric: str) -> dict[str, Any]:
    """The figures of a mean score."""
    share = is_share(files, metric)
    kind: Kind = "share" if share else "mean"
    outputs = files.of_run.get(run, [])
    counted = {o["prediction_id"]: o["counted"] for o in rows if o["counted"] is not None}
    scored = {o["prediction_id"]: o["value"] for o in rows if o["value"] is not None}
    there = {output: float(output in scored) for output in counted}
    sorts: list[tuple[Kind, dict[str, float]]] = [(kind, counted), (kind, scored), ("share", there)]
    spans = [
        span_of(CheckedColumn(of_kind, values, scale=(0.0, 1.0)), outputs)
        for of_kind, values in sorts
    ]
    reasons = Counter(o["reason"] for o in rows if o["value"] is None)
    present = parts_of(spans[2], "share_")
    del present["share_method"]
    return {
        "n": len(counted),
        "scored": len(scored),
        "unparsed": reasons.total(),
        "left_out": len(scored) + reasons.total() - len(counted),
        "mean": sum(counted.values()) / len(counted) if counted else None,
        **parts_of(spans[0]),
        "reasons": dict(reasons),
        "ones": sum(value == 1 for value in scored.values()) if share else None,
        "mean_scored": sum(scored.values()) / len(scored) if scored else None,
        **parts_of(spans[1], "scored_"),
        "share_scored": len(scored) / len(counted) if counted else None,
        **present,
    }


def score_columns(files: ExportedFiles, run: str) -> dict[str, CheckedColumn]:
    """The board's columns of scores."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in files.scores:
        if row["run"] == run and row["step"] == WHOLE and row["metric"] != "following":
            rows.setdefault((row["metric"], row["how"]), []).append(row)
    found: dict[str, CheckedColumn] = {}
    for (metric, how), mine in rows.items():
        figures = mean_of(files, run, mine, metric)
        detail = {
            name: figures[of]
            for name, of in (("share_scored", "share_scored"), ("mean_scored", "mean_scored"))
            if figures["n"] and figures[of] is not None
        }
        found["/".join(["score", quote(metric, safe=" "), quote(how, safe=" "), ""])] = (
            CheckedColumn(
                "share" if is_share(files, metric) else "mean",
                {o["prediction_id"]: o["counted"] for o in mine if o["counted"] is not None},
                Counter(figures["reasons"]),
                detail,
                scale=(0.0, 1.0),
            )
        )
    return found


def check_score_table(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> None:
    """Check the table of `sit results scores`."""
    there = _outputs_of(files, table, report)
    rows: dict[tuple[str, str, str, str], list[Row]] = {}
    for one in files.scores:
        if one["prediction_id"] in there:
            rows.setdefault((one["run"], one["metric"], one["how"], one["step"]), []).append(one)
    shown = {(r["run"], r["metric"], r["how"], r["step"] or WHOLE): r for r in table["rows"]}
    for place, mine in rows.items():
        run, metric, _, step = place
        theirs = mean_of(files, run, mine, metric)
        of_run = sum(o.id in there for o in files.of_run.get(run, []))
        theirs["unscored"] = 0 if step else of_run - len(mine)
        where = "" if table["shared_prompts"] is None else "on shared prompts"
        label = ", ".join(part for part in (*place, where) if part)
        report.compare_parts("scores", label, shown.get(place, {}), theirs, theirs["n"])
    for place in shown.keys() - rows.keys():
        report.compare("scores", ", ".join(filter(None, place)), "a row", "no such score")
    for run, failed in table.get("failed", {}).items():
        errors = sum(one["run"] == run for one in files.errors)
        report.compare("scores", f"{run}: failed", failed, errors)


def _outputs_of(files: ExportedFiles, table: Mapping[str, Any], report: CheckReport) -> set[str]:
    """The outputs that a table of scores is over: all, or those for prompts that all runs have."""
    outputs = [o for run in table["runs"] for o in files.of_run.get(run, [])]
    if table["shared_prompts"] is None:
        return {o.id for o in outputs}
    prompts = [{o.prompt for o in files.of_run.get(run, [])} for run in table["runs"]]
    shared = set.intersection(*prompts)
    report.compare("scores", "prompts that all runs have", table["shared_prompts"], len(shared))
    return {o.id for o in outputs if o.prompt in shared}
