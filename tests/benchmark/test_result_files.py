"""A figure stands under the model that its file names, or under what was said; groups give way."""

import json
from pathlib import Path

import pytest

from sit_core.benchmark.lm_eval_results import read_files, read_results
from sit_core.benchmark.save import figures_of, keep, known_models, models_of
from sit_core.errors import UsageError
from sit_core.store import Store
from tests.cli.test_import import Sit

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
TWO = CASES / "07_lmeval_two_models"
GROUP = CASES / "06_lmeval_group_without_figures.json"


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store) -> Sit:
    return Sit(capsys)


def write(path: Path, model: str, value: float, date: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    args = {"config": {"model_args": f"pretrained={model}"}} if model else {}
    path.write_text(json.dumps({"results": {"gsm8k": {"acc,none": value}}, "date": date, **args}))


def test_a_group_without_figures_gives_way_to_its_parts(sit: Sit) -> None:
    said = json.loads(sit("benchmark", "--system", "a", "--results", GROUP, "--json").out)
    found = {(r["task"], r["metric"]): r["value"] for r in said["results"]}
    assert found == {
        ("leaderboard_bbh_boolean_expressions", "acc_norm"): 0.8,
        ("leaderboard_ifeval", "prompt_level_strict_acc"): 0.4,
        ("leaderboard_ifeval", "inst_level_loose_acc"): 0.6,
        ("leaderboard_mmlu_pro", "acc"): 0.35,
    }
    assert said["models"] == ["my/m"]


def test_a_group_with_figures_stands_for_all_below_it_also_through_one_without() -> None:
    loaded = {
        "results": {
            "all_of_it": {"acc,none": 0.5},
            "middle": {"alias": "middle"},
            "leaf": {"acc,none": 0.1},
            "unsure": {"acc,none": "N/A"},
            "part": {"acc,none": 0.2},
            "loop": {"alias": "loop"},
        },
        "group_subtasks": {
            "all_of_it": ["middle"],
            "middle": ["leaf"],
            "unsure": ["part"],
            "loop": ["loop"],
        },
    }
    file = read_results(json.dumps(loaded).encode(), "r.json")
    assert [(r.task, r.value) for r in file.results] == [("all_of_it", 0.5), ("part", 0.2)]
    assert file.subtasks == 2
    assert file.without == {"no number": 1}


def test_of_two_models_the_one_that_the_system_is_called_after_is_kept(sit: Sit) -> None:
    said = json.loads(sit("benchmark", "--system", "m1", "--results", TWO, "--json").out)
    assert [(r["task"], r["value"]) for r in said["results"]] == [("gsm8k", 0.3)]
    assert said["models"] == ["org/m1"]
    assert said["problems"] == ["1 figure of another model left out: org/m2."]


def test_of_two_models_none_is_kept_unless_somebody_says_which(sit: Sit) -> None:
    assert sit("benchmark", "--system", "mine", "--results", TWO).code == 2
    assert "org/m1, org/m2" in sit.err
    assert "--of" in sit.err
    said = json.loads(
        sit("benchmark", "--system", "mine", "--results", TWO, "--of", "org/m2", "--json").out
    )
    assert [r["value"] for r in said["results"]] == [0.9]
    assert sit("benchmark", "--system", "mine", "--results", TWO, "--of", "org/m3").code == 2
    assert "No file names the model 'org/m3'" in sit.err


def test_files_that_name_no_model_are_not_counted_among_another_s(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "org/m", 0.1)
    write(tmp_path / "b.json", "", 0.9, date=2.0)
    reading = figures_of(read_files([tmp_path]), "m")
    assert [r.value for r in reading.results] == [0.1]
    assert "no model named" in reading.problems[0]
    with pytest.raises(UsageError, match="2 models"):
        figures_of(read_files([tmp_path]), "else")
    alone = figures_of(read_files([tmp_path / "b.json"]), "else")
    assert [r.value for r in alone.results] == [0.9]


def test_two_models_of_the_same_last_name_are_asked_about(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "one/m", 0.1)
    write(tmp_path / "b.json", "two/m", 0.9)
    with pytest.raises(UsageError, match="more than one"):
        figures_of(read_files([tmp_path]), "m")
    assert models_of(figures_of(read_files([tmp_path]), "two/m")) == ["two/m"]


def test_another_model_s_figures_don_t_come_into_a_system_s_line_by_themselves(
    store, tmp_path: Path
) -> None:
    write(tmp_path / "a.json", "org/a", 0.1)
    write(tmp_path / "b.json", "org/b", 0.9)
    keep(store, "mine", figures_of(read_files([tmp_path / "a.json"]), "mine").results)
    known = known_models(store, "mine")
    assert known == ["org/a"]
    with pytest.raises(UsageError, match="org/a"):
        figures_of(read_files([tmp_path / "b.json"]), "mine", None, known)
    chosen = figures_of(read_files([tmp_path / "b.json"]), "mine", "org/b", known)
    assert [r.value for r in chosen.results] == [0.9]
