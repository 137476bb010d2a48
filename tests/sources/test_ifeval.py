"""IFEval's prompts, and outputs that come with them: a step per constraint, verdicts end to end."""

import json
from pathlib import Path

import pytest

from sit_core.analyses.instruction_metrics import InstructionMetricsConfig, instruction_metrics
from sit_core.metrics.verifiable import META, judge_name
from sit_core.records import Example
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.sources import ExampleReading, Problem, named_examples
from sit_core.store import Store
from tests.cli.conftest import sit

PROMPTS = [
    {
        "key": 1000 + number,
        "prompt": f"Write about river {number}. End with bye and use no commas.",
        "instruction_id_list": ["punctuation:no_comma", "startend:end_checker"],
        "kwargs": [{"end_phrase": None}, {"end_phrase": "bye"}],
    }
    for number in range(3)
]
OUTPUTS = ["It flows bye", "It flows, bye", "Sure:\nit flows, bye\nSee you"]


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    file = tmp_path / "input_data.jsonl"
    file.write_text("\n".join(map(json.dumps, PROMPTS)))
    return file


def test_prompts_have_a_step_per_constraint(prompts: Path) -> None:
    found = list(named_examples(f"ifeval:{prompts}", ExampleReading()))
    assert all(isinstance(one, Example) for one in found)
    (first, *_) = found
    assert isinstance(first, Example)
    assert [step.key for step in first.steps] == PROMPTS[0]["instruction_id_list"]
    assert first.meta["key"] == 1000
    assert first.meta[META]["startend:end_checker"]["kwargs"] == {"end_phrase": "bye"}


def test_a_broken_row_is_a_problem_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    rows = [PROMPTS[0], {**PROMPTS[1], "kwargs": [{}]}, {"instruction_id_list": []}]
    file.write_text("\n".join(map(json.dumps, rows)))
    _, short, bare = named_examples(f"ifeval:{file}", ExampleReading())
    assert isinstance(short, Problem)
    assert "'kwargs'" in short.reason
    assert short.line == 2
    assert isinstance(bare, Problem)


def responses(tmp_path: Path) -> Path:
    file = tmp_path / "responses.jsonl"
    rows = [  # in another order than the prompts'
        {"prompt": asked["prompt"], "response": output}
        for asked, output in reversed(list(zip(PROMPTS, OUTPUTS, strict=True)))
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def samples(tmp_path: Path) -> Path:
    """As lm-eval writes them, with its verdicts."""
    file = tmp_path / "samples_ifeval_2026.jsonl"
    strict, loose = [[True, True], [False, True], [False, False]], [[True] * 2, [False, True]]
    rows = [
        {
            "doc_id": number,
            "doc": asked,
            "target": 0,
            "arguments": {"gen_args_0": {"arg_0": asked["prompt"], "arg_1": {}}},
            "resps": [[output]],
            "filtered_resps": [output],
            "filter": "none",
            "inst_level_strict_acc": strict[number],
            "inst_level_loose_acc": [*loose, [False, True]][number],
            "prompt_level_strict_acc": all(strict[number]),
        }
        for number, (asked, output) in enumerate(zip(PROMPTS, OUTPUTS, strict=True))
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def test_outputs_are_scored_and_agree_with_the_files_own_verdicts(
    sqlite_store: Store,
    tmp_path: Path,
    prompts: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("if_verifiable")
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    of_lm_eval = samples(tmp_path)
    files = {"own": [str(responses(tmp_path)), "--questions", str(prompts)]}
    files["lm-eval"] = [str(of_lm_eval)]
    for run, words in files.items():
        assert sit(capsys, "import", *words, "--run", run)[0] == 0
        metrics = "verifiable,verifiable-loose,following"
        assert sit(capsys, "score", "--run", run, "--metrics", metrics)[0] == 0
    for form, right in (("strict", [1 / 3, 3 / 6]), ("loose", [1 / 3, 4 / 6])):
        verdicts = VerdictSettings(by="rule", annotator=judge_name(form))
        config = InstructionMetricsConfig(verdicts=verdicts, check=str(of_lm_eval))
        table = instruction_metrics(sqlite_store, config)
        for run in files:
            found = {r["number"]: r["value"].value for r in table.rows if r["run"] == run}
            assert [
                found["prompt-level accuracy"],
                found["instruction-level accuracy"],
            ] == pytest.approx(right)
        (checked,) = (one for one in table.tables() if one.title.startswith("Compared"))
        assert not checked.rows, [dict(row) for row in checked.rows]
        assert "6 outputs are judged alike" in checked.note
    usual = instruction_metrics(
        sqlite_store, InstructionMetricsConfig(verdicts=VerdictSettings(by="rule"))
    )
    found = {r["number"]: r["value"].value for r in usual.rows if r["run"] == "own"}
    assert found["instruction-level accuracy"] == pytest.approx(3 / 6)  # strict, not a tie of both
