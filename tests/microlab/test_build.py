"""The build: killed and started again it ends with the same weights as one that was left alone."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sit_core.cli import main
from sit_core.errors import SitError

pytest.importorskip("torch")
pytest.importorskip("transformers")

from sit_core.embedded.recipe import TINY
from sit_core.microlab.build import build, load_base

pytestmark = pytest.mark.slow

RECIPE = replace(TINY, steps=14, early_until=4, decay=4)

CHILD = """
import os, sys
from dataclasses import replace
from pathlib import Path
from sit_core.microlab.build import build
from sit_core.embedded.recipe import TINY

recipe = replace(TINY, steps=14, early_until=4, decay=4)
build(recipe, Path(sys.argv[1]), device="cpu", items=2, evaluate_every=0,
      checkpoint_seconds=0, say=lambda line: print(line, flush=True), report_seconds=0)
"""


def weights(folder: Path) -> bytes:
    return (folder / "base" / "model.safetensors").read_bytes()


def start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def kill_when_said(process: "subprocess.Popen[str]", beginning: str) -> None:
    """SIGKILL by its id, as soon as it prints a line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            os.kill(process.pid, signal.SIGKILL)
            break
    else:
        pytest.fail(f"it ended without saying {beginning!r}")
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that nobody disturbed."""
    folder = tmp_path_factory.mktemp("microlab")
    build(RECIPE, folder, device="cpu", items=2, evaluate_every=0)
    return folder


@pytest.mark.slow
def test_killed_twice_and_started_again_it_ends_with_the_same_weights(
    uninterrupted: Path, tmp_path: Path
) -> None:
    kill_when_said(start(tmp_path), "step 3/")
    assert not (tmp_path / "base").exists()
    again = start(tmp_path)
    assert again.stdout is not None
    first = again.stdout.readline()
    assert first.startswith("going on from step"), first
    assert int(first.split()[-1]) >= 2, "what was done is not done again"
    kill_when_said(again, "step 9/")
    last = start(tmp_path)
    out, _ = last.communicate()
    assert last.returncode == 0
    assert int(out.split("\n", 1)[0].split()[-1]) >= 8
    assert weights(tmp_path) == weights(uninterrupted)


@pytest.mark.slow
def test_two_builds_of_one_recipe_are_the_same_and_another_seed_is_another_model(
    uninterrupted: Path, tmp_path: Path
) -> None:
    build(RECIPE, tmp_path / "again", device="cpu", items=2, evaluate_every=0)
    assert weights(tmp_path / "again") == weights(uninterrupted)
    for name in ("tokenizer.json", "config.json"):
        left, right = (f / "base" / name for f in (tmp_path / "again", uninterrupted))
        assert left.read_bytes() == right.read_bytes()
    build(replace(RECIPE, seed=8), tmp_path / "other", device="cpu", items=2, evaluate_every=0)
    assert weights(tmp_path / "other") != weights(uninterrupted)


def test_a_finished_build_is_not_trained_again(uninterrupted: Path) -> None:
    before = (uninterrupted / "base" / "model.safetensors").stat().st_mtime_ns
    said: list[str] = []
    found = build(RECIPE, uninterrupted, device="cpu", items=3, say=said.append)
    assert (uninterrupted / "base" / "model.safetensors").stat().st_mtime_ns == before
    assert not any(line.startswith("step") for line in said)
    assert {f.items for f in found if f.sort == "all"} == {3}


def test_a_folder_with_another_recipes_build_is_refused(uninterrupted: Path) -> None:
    with pytest.raises(SitError, match="another steps, width"):
        build(replace(RECIPE, steps=15, width=64), uninterrupted, device="cpu")


def test_a_broken_checkpoint_is_one_sentence(uninterrupted: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (work / name).write_bytes((uninterrupted / "work" / name).read_bytes())
    (work / "checkpoint.safetensors").write_bytes(b"not a checkpoint")
    with pytest.raises(SitError, match=r"can't be read .* delete it"):
        build(RECIPE, tmp_path, device="cpu", items=2)


def test_the_saved_model_is_an_ordinary_small_llama(uninterrupted: Path) -> None:
    model, tokenizer = load_base(uninterrupted / "base")
    assert model.config.model_type == "llama"
    assert model.config.eos_token_id == tokenizer.eos_token_id
    assert model.config.vocab_size == len(tokenizer)
    assert "auto_map" not in model.config.to_dict()


@pytest.mark.slow
def test_training_makes_the_loss_smaller(tmp_path: Path) -> None:
    said: list[str] = []
    recipe = replace(RECIPE, steps=60, batch_tokens=512)
    build(
        recipe, tmp_path, device="cpu", items=2, evaluate_every=0, say=said.append, report_seconds=0
    )
    losses = [float(line.split("loss ")[1].split()[0]) for line in said if "loss" in line]
    assert len(losses) == 60
    assert sum(losses[-5:]) < sum(losses[:5]) * 0.9


@pytest.mark.slow
@pytest.mark.long
def test_the_command_prints_figures_and_keeps_progress_apart(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["microlab", "build", "--out", str(tmp_path), "--size", "tiny", "--steps", "3"]
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--device", "cpu", "--items", "2"])
    out, err = capfd.readouterr()
    assert caught.value.code == 0
    assert "step 3/3" in err
    assert "step" not in out
    assert [line.split()[0] for line in out.splitlines() if " all " in line] == [
        "answer",
        "open",
        "paraphrase",
        "repeat",
        "translate",
    ]
