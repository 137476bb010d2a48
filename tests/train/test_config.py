"""One configuration, one YAML: both ways, with everything wrong said at once."""

import doctest
from pathlib import Path

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.train import config as module
from sit_core.train.config import (
    FOLDER,
    PRESETS,
    HardwarePart,
    MethodPart,
    SchedulePart,
    TrainingConfig,
    as_yaml,
    config_from,
    load_config,
    preset_path,
)
from sit_core.train.folder import differences

LEAST = {"name": "x", "model": {"base": "b"}, "data": {"train": "a.jsonl"}}


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(module).failed == 0


def test_defaults_are_the_papers_lora_recipe() -> None:
    found = config_from(LEAST)
    method, schedule = found.method, found.schedule
    assert (method.kind, method.rank, method.alpha, method.dropout) == ("lora", 8, 16, 0.05)
    assert method.targets == ("query", "key", "value")
    assert (schedule.learning_rate, schedule.batch, schedule.epochs) == (3e-4, 128, 5)
    assert schedule.evaluate_every == 200


def test_both_ways(tmp_path: Path) -> None:
    found = config_from(
        {
            **LEAST,
            "seed": 3,
            "schedule": {"learning_rate": "1e-5", "steps": 10},
            "method": {"targets": ["query", "mlp.up"]},
            "hardware": {"four_bit": True, "micro_batch_tokens": 64},
        }
    )
    path = tmp_path / "two words.yaml"
    path.write_text(as_yaml(found, str(path)), encoding="utf-8")
    assert load_config(path) == found
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# sit train --config '{path}'"


def test_changes_are_put_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(as_yaml(config_from(LEAST)), encoding="utf-8")
    found = load_config(path, ["schedule.steps=7", "data.train=b c.jsonl", "method.targets=[key]"])
    assert (found.schedule.steps, found.data.train) == (7, "b c.jsonl")
    assert found.method.targets == ("key",)
    for wrong in ("steps", "=3", "data..x=1", "seed=["):
        with pytest.raises(UsageError, match="Expected"):
            load_config(path, [wrong])


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        config_from(
            {
                "schedule": {"leaning_rate": 3, "steps": "x"},
                "data": {"train": "a", "too_long": "cut"},
                "method": {"rank": 0},
                "nmae": "x",
            }
        )
    said = str(caught.value)
    for part in (
        "There is no setting 'nmae'; did you mean 'name'?",
        "schedule: There is no setting 'leaning_rate'; did you mean 'learning_rate'?",
        "schedule.steps: Expected a whole number, but found 'x'.",
        "data.too_long: Expected one of refuse, drop, keep, but found 'cut'.",
        "method.rank: Expected at least 1, but found 0.",
        "name: Expected a name for the training, but found nothing.",
        "model: base: Expected a folder, a hub id or microlab, but found nothing.",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a\n"}, "Expected one line"),
        ({"seed": -1}, "seed: Expected at least 0, but found -1"),
        ({"schedule": {"learning_rate": 0}}, "more than 0"),
        ({"schedule": {"warmup_share": 1}}, "at most 0.9"),
        ({"data": {"train": ""}}, "Expected a file"),
        ({"data": {"train": "a", "held_out_share": 0}}, "more than 0"),
        ({"method": {"targets": []}}, "at least one kind of module"),
        ({"method": {"kind": "full"}, "hardware": {"four_bit": True}}, "found full"),
        ({"hardware": {"four_bit": True, "device": "cpu"}}, "a CUDA GPU for 4 bits"),
    ],
)
def test_what_can_not_work_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        config_from({**LEAST, **change})


def test_a_file_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SitError, match="can't be read: No such file"):
        load_config(tmp_path / "gone.yaml")
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SitError, match="no UTF-8"):
        load_config(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(SitError, match="no YAML"):
        load_config(path)


def test_every_preset_reads_and_says_how_it_is_launched() -> None:
    assert sorted(p.stem for p in FOLDER.glob("*.yaml")) == sorted(PRESETS)
    for name in PRESETS:
        path = preset_path(name)
        assert path is not None
        assert path.read_text(encoding="utf-8").startswith(f"# sit train --config {name} ")
        load_config(path)


def test_it_and_sit_are_one_recipe_on_other_data() -> None:
    """The paper compares them as equals; whatever differs but the data would be a confounder."""
    it, sit = (load_config(preset_path(name) or Path()) for name in ("it", "sit"))
    assert differences(it, sit) == ["name", "data.train"]
    assert it.method == MethodPart()
    assert (it.schedule, it.hardware) == (SchedulePart(), HardwarePart())


def test_paper_v3_is_the_third_versions_recipe() -> None:
    found = load_config(preset_path("paper-v3") or Path())
    schedule = found.schedule
    assert found.method.kind == "full"
    assert (schedule.learning_rate, schedule.decay, schedule.warmup_share) == (2e-5, "linear", 0.03)
    assert (schedule.epochs, schedule.batch, found.data.max_length) == (3, 128, 2048)
    assert found.hardware.precision == "bfloat16"


def test_settings_without_effect_may_change() -> None:
    one = config_from(LEAST)
    other = config_from(
        {**LEAST, "out": "x", "hardware": {"threads": 2}, "schedule": {"checkpoint_every": 5}}
    )
    assert differences(one, other) == []
    assert isinstance(one, TrainingConfig)
    assert differences(one, config_from({**LEAST, "seed": 1, "method": {"rank": 4}})) == [
        "seed",
        "method.rank",
    ]
