"""Instruction metrics: numbers of a store counted by hand; unknown is never success, but said."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from sit_core.analyses.instruction_metrics import (
    InstructionMetricsConfig,
    instruction_metrics,
    instruction_metrics_figure,
)
from sit_core.errors import SitError, UsageError
from sit_core.records import Example, Prediction, Step, chain
from sit_core.results.analyses import AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.seed import SeedContent, add_runs
from tests.factories import judge, make_study

WORDS = {"y": "yes", "n": "no", "p": "partly", "u": "unsure"}
STEPS = [Step("translate", "T"), Step("repeat", "R"), Step("answer", "A")]


def fill(
    store: Store,
    runs: dict[str, Sequence[str]],
    *,
    meta: Sequence[dict[str, object]] = (),
    kind: str = "human",
) -> dict[str, list[str]]:
    """``{"a": ["yny", "y-"]}``: a run whose outputs' steps got these verdicts (``-``: none)."""
    made = []
    for run, outputs in runs.items():
        for number, verdicts in enumerate(outputs):
            steps = chain(STEPS[-len(verdicts) :])
            own = dict(meta[number]) if meta else {}
            example = Example(f"Question {number}?", steps=steps, meta=own)
            made.append(Prediction(run, example, f"output of {run}"))
    add_runs(store, SeedContent(made, "for tests"))
    for prediction in made:
        number = int(prediction.example.instruction.split()[1].rstrip("?"))
        verdicts = runs[prediction.run][number]
        said = {
            step.key: WORDS[letter]
            for step, letter in zip(prediction.example.steps, verdicts, strict=True)
            if letter != "-"
        }
        judge(store, None, prediction.id, "ada", said, kind=kind)
    return {run: [p.id for p in made if p.run == run] for run in runs}


def rules(**more: object) -> InstructionMetricsConfig:
    return InstructionMetricsConfig(verdicts=VerdictSettings(by="rule"), **more)  # type: ignore[arg-type]


def value(table: AnalysisTable, number: str, run: str = "a") -> Estimate:
    (found,) = (r["value"] for r in table.rows if (r["number"], r["run"]) == (number, run))
    return found


def titled(table: AnalysisTable, title: str) -> AnalysisTable:
    (found,) = (one for one in table.tables() if one.title.startswith(title))
    return found


def test_every_number_is_counted(sqlite_store: Store) -> None:
    fill(sqlite_store, {"a": ["yyy", "yny", "nyy", "yy"]}, kind="rule")
    table = instruction_metrics(sqlite_store, rules(depends=("answer=translate",)))
    found = {name: value(table, name) for name in dict.fromkeys(r["number"] for r in table.rows)}
    assert (found["instruction-level accuracy"].value, found["instruction-level accuracy"].n) == (
        9 / 11,
        11,
    )
    assert (found["prompt-level accuracy"].value, found["prompt-level accuracy"].n) == (0.5, 4)
    assert found["CSR"].value == pytest.approx((1 + 2 / 3 + 2 / 3 + 1) / 4)
    # The third output's answer builds on a translation that failed; of the last there is none.
    assert found["instruction-level, with dependencies"].value == pytest.approx(6 / 9)
    assert found["CSR, with dependencies"].value == pytest.approx((1 + 2 / 3 + 1 / 3) / 3)
    assert found["instruction depth"].value == (3 + 1 + 0 + 2) / 4
    assert found["last step"].value == 1.0
    assert "CSL" not in found
    assert "in order" not in found
    low, high = found["CSR"].low, found["CSR"].high
    assert low is not None
    assert high is not None
    assert low < found["CSR"].value < high
    at = titled(table, "Accuracy at")
    assert [row["steps 1 to j done"].value for row in at.rows] == [0.75, 0.5, 2 / 3 - 1 / 3]
    assert [row["step j done"].value for row in at.rows] == [0.75, 0.75, 1.0]
    assert [row["steps 1 to j done"].n for row in at.rows] == [4, 4, 3]
    each = titled(table, "Each step")
    assert {row["step"]: row["a"].value for row in each.rows} == {
        "translate": 2 / 3,
        "repeat": 0.75,
        "answer": 1.0,
    }


def test_weights_of_the_setting_and_of_the_example(sqlite_store: Store) -> None:
    meta = [{"weights": {"answer": 2}}, {"weights": '{"repeat": 3}'}]
    fill(sqlite_store, {"a": ["yn", "yn"]}, meta=meta, kind="rule")
    table = instruction_metrics(sqlite_store, rules())
    assert value(table, "WCSR").value == pytest.approx((1 / 3 + 3 / 4) / 2)
    table = instruction_metrics(sqlite_store, rules(weights=("answer=3",)))
    assert value(table, "WCSR").value == 0.25


def test_levels_and_groups_give_the_numbers_of_followbench(sqlite_store: Store) -> None:
    meta = [
        {"group": "x", "level": 1},
        {"group": "x", "level": 2},
        {"group": "y", "level": 1},
        {"group": "y", "level": 2},
        {"group": "z", "level": 2},
        {},
    ]
    fill(sqlite_store, {"a": ["yy", "yy", "yy", "yn", "yy", "nn"]}, meta=meta, kind="rule")
    table = instruction_metrics(sqlite_store, rules())
    assert (value(table, "CSL").value, value(table, "CSL").n) == (1.5, 2)
    assert not value(table, "CSL").percent
    levels = titled(table, "By level")
    assert [(r["level"], r["HSR"].value, r["SSR"].value) for r in levels.rows] == [
        (1, 1.0, 1.0),
        (2, 2 / 3, pytest.approx(2.5 / 3)),
    ]
    assert levels.left_out == {"no level is given": 1}


def test_unknown_is_never_success_and_always_counted(sqlite_store: Store) -> None:
    ids = fill(sqlite_store, {"a": ["yy", "yu", "y-", "--"]}, kind="rule")["a"]
    judge(sqlite_store, None, ids[3], "ada", {"follow": "yes"}, kind="rule")
    table = instruction_metrics(sqlite_store, rules())
    assert (value(table, "prompt-level accuracy").value, value(table, "CSR").value) == (0.5, 0.75)
    assert "1 unsure verdicts, in 1 outputs, count as not done." in table.note
    assert table.left_out == {
        "a: some of its steps were not judged": 1,
        "a: judged as a whole, not step by step": 1,
    }
    table = instruction_metrics(sqlite_store, rules(unsure="left-out"))
    assert (value(table, "prompt-level accuracy").value, value(table, "CSR").n) == (1.0, 1)
    assert table.left_out["a: a step is unsure"] == 1
    people = instruction_metrics(sqlite_store, InstructionMetricsConfig())  # who said nothing
    assert people.left_out == {"a: not judged": 4}
    assert all(row["value"].value is None for row in people.rows)


def test_partly_is_read_as_the_setting_says(sqlite_store: Store) -> None:
    fill(sqlite_store, {"a": ["yp"]}, kind="rule")
    assert value(instruction_metrics(sqlite_store, rules()), "CSR").value == 1.0
    strict = InstructionMetricsConfig(verdicts=VerdictSettings(by="rule", partly="not-done"))
    assert value(instruction_metrics(sqlite_store, strict), "CSR").value == 0.5


def test_order_is_of_those_outputs_whose_order_was_judged(sqlite_store: Store) -> None:
    ids = fill(sqlite_store, {"a": ["yy", "yy", "yn", "yy"]}, kind="rule")["a"]
    for name, verdict in zip(ids, ["yes", "unsure", "yes"], strict=False):
        judge(sqlite_store, None, name, "ada", {"in_order": verdict}, kind="rule")
    table = instruction_metrics(sqlite_store, rules())
    assert (value(table, "in order").value, value(table, "in order").n) == (2 / 3, 3)
    assert value(table, "all done and in order").value == 1 / 3
    assert "1 outputs whose order is unsure count as not in order." in table.note


def test_a_baseline_is_compared_on_shared_prompts_step_by_step(sqlite_store: Store) -> None:
    fill(sqlite_store, {"a": ["yn", "ny"], "b": ["yy", "yy", "nn"]}, kind="rule")
    table = instruction_metrics(sqlite_store, rules(runs=("b",), baseline="a"))
    (row,) = (
        r for r in table.rows if (r["number"], r["run"]) == ("instruction-level accuracy", "b")
    )
    assert (row["− baseline"].value, row["− baseline"].n) == (0.5, 4)
    (deep,) = (r for r in table.rows if (r["number"], r["run"]) == ("instruction depth", "b"))
    assert (deep["− baseline"].value, deep["− baseline"].n) == (1.5, 2)
    (own,) = (r for r in table.rows if (r["number"], r["run"]) == ("CSR", "a"))
    assert own["− baseline"].value is None


def test_a_study_says_which_outputs_and_which_verdicts(sqlite_store: Store) -> None:
    from sit_core.store.output_values import sampled
    from sit_core.store.sample_selection import scopes

    fill(sqlite_store, {"a": ["yy", "nn"]}, kind="rule")
    make_study(sqlite_store, "s", ["a"])
    (scope,) = scopes(sqlite_store, "s", ())
    for name in sampled(sqlite_store, scope):
        judge(sqlite_store, "s", name, "bea", {"repeat": "yes", "answer": "no"})
    config = InstructionMetricsConfig(verdicts=VerdictSettings(study="s"))
    assert value(instruction_metrics(sqlite_store, config), "CSR").value == 0.5


def test_what_is_said_wrong_is_refused(sqlite_store: Store) -> None:
    fill(sqlite_store, {"a": ["yy"]}, kind="rule")
    with pytest.raises(UsageError, match="--depends"):
        instruction_metrics(sqlite_store, rules(depends=("answer",)))
    with pytest.raises(UsageError, match="--weights"):
        instruction_metrics(sqlite_store, rules(weights=("answer=x",)))
    with pytest.raises(SitError, match="no such file"):
        instruction_metrics(sqlite_store, rules(check="/nowhere.jsonl"))


def test_rows_that_differ_from_the_per_item_results_are_named(
    sqlite_store: Store, tmp_path: Path
) -> None:
    ids = fill(sqlite_store, {"a": ["yy", "yn", "ny"]}, meta=[{}, {"key": 7}, {}], kind="rule")["a"]
    rows = [
        {"prompt": "Question 0? ", "follow_instruction_list": [True, True]},
        {"doc": {"key": 7}, "inst_level_strict_acc": [True, True], "prompt_level_strict_acc": 1},
        {"prompt": "Question 2?", "follow_instruction_list": [False]},
        {"prompt": "Nobody asked.", "follow_all_instructions": True},
        {"prompt": "Nothing is said of this."},
    ]
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    found = titled(instruction_metrics(sqlite_store, rules(check=str(file))), "Compared")
    assert [dict(row) for row in found.rows] == [
        {
            "run": "a",
            "row of the file": 2,
            "step": step,
            "file": "followed",
            "here": "not followed",
        }
        for step in ("answer", "all")
    ]
    assert found.samples_of(0, "step") == [ids[1]]
    assert found.note.startswith("1 outputs are judged alike, 1 are not")
    assert found.left_out == {
        "rows of the file with another number of steps than the prompt here": 1,
        "rows of the file without a judged output for their prompt": 1,
        "rows of the file without per-item results": 1,
    }
    file.write_text('{"prompt": "Question 0?"}')
    with pytest.raises(SitError, match="no per-item results"):
        instruction_metrics(sqlite_store, rules(check=str(file)))


def test_points_of_the_figure_open_the_outputs_of_their_number(sqlite_store: Store) -> None:
    ids = fill(sqlite_store, {"a": ["yy", "yn"], "b": ["nn"]}, kind="rule")
    table = instruction_metrics(sqlite_store, rules())
    figure = instruction_metrics_figure(table)
    assert {trace.meta for trace in figure.data} == {"a", "b"}
    for trace in figure.data:
        for (row, column), x in zip(trace.customdata, trace.x, strict=True):
            assert list(table.samples_of(row, column)) == ids[trace.meta]
            assert table.rows[row]["value"].percent
            assert x == 100 * table.rows[row]["value"].value
