"""A training's folder: whose it is, what counts as a checkpoint, and that no kill spoils it."""

from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.train.card import card
from sit_core.train.config import TrainingConfig, config_from
from sit_core.train.folder import COMPLETE, TrainingFolder

SAME = {"same": {"train_sha256": "a"}}


def config(**changes: object) -> TrainingConfig:
    least = {"name": "mine", "model": {"base": "b"}, "data": {"train": "a.jsonl"}}
    return config_from({**least, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> TrainingFolder:
    return TrainingFolder("mine", tmp_path)


def begun(folder: TrainingFolder) -> None:
    folder.curves.write_text('{"begins_at": 0}\n', encoding="utf-8")


def test_what_is_laid_down_may_be_changed_until_it_begins(folder: TrainingFolder) -> None:
    folder.claim(config(), SAME)
    folder.claim(config(seed=2), SAME)
    assert folder.known_config() is None
    begun(folder)
    assert folder.known_config() == config(seed=2)
    with pytest.raises(SitError, match=r"other settings \(seed\); choose another name"):
        folder.claim(config(seed=3), SAME)
    folder.claim(config(seed=2, hardware={"threads": 2}), SAME)
    with pytest.raises(SitError, match="data of the training mine has changed"):
        folder.claim(config(seed=2), {"same": {"train_sha256": "b"}})


def test_only_whole_checkpoints_count(folder: TrainingFolder) -> None:
    assert folder.checkpoint() is None
    for step, whole in ((2, True), (10, True), (12, False)):
        path = folder.checkpoints / f"checkpoint-{step}"
        path.mkdir(parents=True)
        if whole:
            (path / COMPLETE).touch()
    assert folder.checkpoint() == folder.checkpoints / "checkpoint-10"
    assert not (folder.checkpoints / "checkpoint-12").exists()


def made(folder: TrainingFolder, step: int) -> Path:
    path = folder.path / "best.part"
    path.mkdir(parents=True)
    write_json(path / "best.json", {"step": step, "loss": 1.0})
    return path


def test_the_best_weights_survive_a_kill_between_two_renames(folder: TrainingFolder) -> None:
    assert folder.best_so_far() is None
    folder.keep_best(made(folder, 1))
    folder.best.rename(folder.best.with_name("best.before"))  # killed here
    assert folder.best_so_far() == {"step": 1, "loss": 1.0}
    folder.keep_best(made(folder, 2))
    assert folder.best_so_far() == {"step": 2, "loss": 1.0}
    assert sorted(p.name for p in folder.path.iterdir()) == ["best"]


def test_a_card_shows_names_as_they_are() -> None:
    evil = "`</code>|x\n# Heading"
    known = {
        "name": "mine",
        "config": {
            "data": {"max_length": 9, "too_long": "drop"},
            "method": {"kind": "lora", "rank": 1, "alpha": 2.0, "dropout": 0, "targets": [evil]},
            "schedule": {
                "steps": None,
                "epochs": 2.0,
                "batch": 4,
                "learning_rate": 1e-3,
                "decay": "linear",
            },
            "seed": 0,
        },
        "data": {
            "train": evil,
            "same": {"train_sha256": "0" * 64},
            "used": 3,
            "held_out_used": 1,
            "left_out": {"the output is empty": 2},
            "lengths": {"cut": 5},
        },
        "base": {"name": evil, "revision": None, "weights": "sha256:1", "prompt_format": "chat"},
        "figures": {"best_step": 1, "steps": 2, "held_out": 0.5},
        "held_out_before": 0.75,
    }
    text = card(known)
    assert "\n# Heading" not in text
    assert "'</code>/x # Heading" in text
    assert "0.5000 nats per output token (0.7500 before)" in text
    assert "2 left out because the output is empty" in text
    assert "5 longer ones were left out" in text
