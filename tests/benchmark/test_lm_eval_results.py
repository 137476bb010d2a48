"""Result files of every version of lm-eval are read; what they lack is counted."""

import json
from pathlib import Path

import pytest

from sit_core.benchmark.lm_eval_results import read_files, read_results
from sit_core.benchmark.save import keep
from sit_core.errors import SitError
from sit_core.store.benchmarks import read_benchmarks
from sit_core.store.systems import get_system, set_system
from tests.factories import make_run

NEW = {
    "results": {
        "gsm8k": {
            "alias": "gsm8k",
            "name": "gsm8k",
            "sample_len": 100,
            "exact_match,strict-match": 0.25,
            "exact_match_stderr,strict-match": 0.02,
            "exact_match,flexible-extract": 0.5,
            "exact_match_stderr,flexible-extract": "N/A",
        },
        "mmlu": {"acc,none": 0.4, "acc_stderr,none": 0.01, "alias": "mmlu"},
        "mmlu_stem": {"acc,none": 0.3, "acc_stderr,none": 0.02},
        "mmlu_physics": {"acc,none": 0.2, "acc_stderr,none": 0.03},
        "mmlu_law": {"acc,none": 0.6, "acc_stderr,none": 0.04},
        "odd": {"acc,none": float("nan"), "f1,none": "N/A", "ready,none": True, "ppl": 12.5},
    },
    "group_subtasks": {"mmlu": ["mmlu_stem", "mmlu_law"], "mmlu_stem": ["mmlu_physics"]},
    "n-shot": {"gsm8k": 5, "mmlu_physics": 0, "mmlu_law": 0, "odd": 1},
    "n-samples": {
        "gsm8k": {"original": 1319, "effective": 100},
        "mmlu_physics": {"original": 40, "effective": 40},
        "mmlu_law": {"original": 60, "effective": 60},
    },
    "versions": {"gsm8k": 3.0},
    "higher_is_better": {"gsm8k": {"exact_match": True}},
    "config": {
        "model": "hf",
        "model_args": {"pretrained": "org/base", "peft": "mine", "auth_token": "sesame"},
        "limit": 100,
    },
    "chat_template": "{{ messages }}",
    "date": 1_700_000_000.5,
    "lm_eval_version": "0.4.13",
}


def figures(loaded: object, **more: bool) -> dict[tuple[str, str, str], object]:
    file = read_results(json.dumps(loaded).encode(), "r.json", **more)
    return {(r.task, r.metric, r.setting): r for r in file.results}


def test_the_shape_of_today() -> None:
    found = figures(NEW)
    strict = found["gsm8k", "exact_match", "5-shot · strict-match · first 100 · chat"]
    assert (strict.value, strict.stderr, strict.n) == (0.25, 0.02, 100)
    loose = found["gsm8k", "exact_match", "5-shot · flexible-extract · first 100 · chat"]
    assert (loose.value, loose.stderr) == (0.5, None)
    assert strict.provenance["task_version"] == 3.0
    assert strict.provenance["higher_is_better"] is True
    assert strict.provenance["model"] == "org/base + mine"
    assert strict.provenance["date"].startswith("2023-11-14T22:13:20")
    assert "sesame" not in json.dumps([r.provenance for r in found.values()])


def test_a_group_stands_for_its_parts_which_are_counted() -> None:
    file = read_results(json.dumps(NEW).encode(), "r.json")
    mmlu = [r for r in file.results if r.task.startswith("mmlu")]
    assert [(r.task, r.value, r.n, r.setting) for r in mmlu] == [
        ("mmlu", 0.4, 100, "0-shot · first 100 · chat")
    ]
    assert file.subtasks == 3
    every = figures(NEW, subtasks=True)
    assert {key[0] for key in every} == {
        "gsm8k", "mmlu", "mmlu_stem", "mmlu_physics", "mmlu_law", "odd",
    }  # fmt: skip


def test_what_is_no_number_is_counted_and_never_a_zero() -> None:
    file = read_results(json.dumps(NEW).encode(), "r.json")
    assert file.without == {"no number": 3}
    assert [(r.metric, r.value) for r in file.results if r.task == "odd"] == [("ppl", 12.5)]


def test_the_shape_of_version_0_3() -> None:
    found = figures(
        {
            "results": {"hellaswag": {"acc": 0.5, "acc_stderr": 0.01, "acc_norm": 0.6}},
            "versions": {"hellaswag": 0},
            "config": {"model": "hf-causal", "model_args": "pretrained=org/old,dtype=float16",
                       "num_fewshot": 10, "limit": None},
        }
    )  # fmt: skip
    assert list(found) == [("hellaswag", "acc", "10-shot"), ("hellaswag", "acc_norm", "10-shot")]
    acc = found["hellaswag", "acc", "10-shot"]
    assert (acc.value, acc.stderr, acc.n) == (0.5, 0.01, None)
    assert acc.provenance["model"] == "org/old"


def test_the_shape_of_the_first_open_leaderboard() -> None:
    found = figures(
        {
            "results": {
                "harness|gsm8k|5": {"acc": 0.1, "acc_stderr": 0.005},
                "all": {"acc": 0.9},
            },
            "config_general": {"model_name": "org/model"},
        }
    )
    assert list(found) == [("gsm8k", "acc", "5-shot")]
    assert found["gsm8k", "acc", "5-shot"].provenance["model"] == "org/model"


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", '{"results": 1}', '{"results": {"a": 2}}', '{"results": {}}', "[" * 9999],
)
def test_what_is_no_result_file_is_said_in_one_sentence(text: str) -> None:
    with pytest.raises(SitError, match=r"x\.json"):
        read_results(text.encode(), "x.json")


def test_any_part_may_be_of_another_shape() -> None:
    loaded = {
        "results": {"t": {"acc": 1, "\ud800": 0.5, "m" * 101: 0.5}},
        "config": [],
        "n-shot": 3,
        "n-samples": {"t": "many"},
        "versions": None,
        "group_subtasks": {"g": "t", "h": ["h"], "t": [1]},
        "date": "yesterday",
    }
    file = read_results(json.dumps(loaded).encode(), "r.json")
    assert [(r.task, r.metric, r.setting, r.value, r.n) for r in file.results] == [
        ("t", "acc", "", 1.0, None)
    ]
    assert file.without == {"a name that can't be stored": 2}


@pytest.mark.parametrize("date", ["1e300", "-1e18", "9" * 400])
def test_a_date_that_no_calendar_has_is_none(date: str) -> None:
    figures = f'{{"acc": 0.5, "f1": {"9" * 400}}}'
    text = f'{{"results": {{"x": {figures}}}, "date": {date}}}'
    file = read_results(text.encode(), "r.json")
    assert (file.date, file.without) == (0.0, {"no number": 1})
    assert [(r.value, r.provenance["date"]) for r in file.results] == [(0.5, "")]


def test_a_file_without_a_number_makes_no_system(store) -> None:
    with pytest.raises(SitError, match="no figure"):
        keep(store, "empty", read_results(b'{"results": {"x": {"acc": NaN}}}', "r.json").results)
    with pytest.raises(SitError):
        get_system(store, "empty")


def test_of_a_folder_the_newest_file_counts_and_others_are_named(tmp_path: Path) -> None:
    older = NEW | {"date": 1.0, "results": {"gsm8k": {"exact_match,strict-match": 0.1}}}
    (tmp_path / "sub").mkdir()
    (tmp_path / "z.json").write_text(json.dumps(older))
    (tmp_path / "sub" / "a.json").write_text(json.dumps(NEW))
    (tmp_path / "sub" / "samples.jsonl").write_text("{}")
    (tmp_path / "notes.json").write_text("{}")
    reading = read_files([tmp_path])
    assert [file.name for file in reading.files] == ["z.json", "a.json"]
    assert reading.problems == (
        "notes.json is no result file of lm-eval (it has no figures by task).",
    )
    with pytest.raises(SitError, match="no result file"):
        read_files([tmp_path / "notes.json"])


def test_results_stand_in_a_runs_line_or_make_a_system(store) -> None:
    make_run(store, "mine", 1)
    set_system(store, "mine", rename="Mine, tuned")
    file = read_results(json.dumps(NEW).encode(), "r.json")
    keep(store, "mine", file.results)
    keep(store, "Theirs", file.results)
    keep(store, "Theirs", file.results)
    assert {row.system for row in read_benchmarks(store)} == {"Mine, tuned", "Theirs"}
    assert len(read_benchmarks(store, ["Theirs"])) == len(file.results)
    theirs = get_system(store, "Theirs")
    assert (theirs.run, theirs.base_model) == (None, "org/base + mine")
    make_run(store, "new", 1)
    keep(store, "new", file.results)
    assert get_system(store, "new").run == "new"
