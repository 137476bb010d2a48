"""One training in several processes gives what it gives in one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.settings import settings
from sit_core.train.config import FOLDER, TrainingConfig, as_yaml
from sit_core.train.curves import Curves
from sit_core.train.folder import TrainingFolder
from sit_core.train.run import train
from tests.browser.servers import free_port
from tests.train.conftest import Config

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def launched(config: TrainingConfig, tmp_path: Path, *words: str) -> "subprocess.CompletedProcess":
    """Run it by ``accelerate launch`` on two CPU processes."""
    path = tmp_path / f"{config.name}.yaml"
    path.write_text(as_yaml(config), encoding="utf-8")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "accelerate.commands.launch",
            f"--config_file={FOLDER / 'accelerate' / 'two-cpu-processes.yaml'}",
            f"--main_process_port={free_port()}",
            "-m",
            "sit_core.cli",
            "train",
            f"--config={path}",
            *words,
        ],
        env={**os.environ, "SIT_HOME": str(settings().home), "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_two_processes_train_as_one_does(config: Config, tmp_path: Path) -> None:
    """The same rows in every update, the same loss, the same result; written once."""
    changes = {"method__dropout": 0.0, "schedule__steps": 6, "hardware__micro_batch_tokens": 100}
    one = train(config(name="one", **changes), report=lambda *_: None)
    done = launched(config(name="two", **changes), tmp_path, "--json")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count('"name": "two"') == 1
    curves = {}
    for name in ("one", "two"):
        curves[name] = Curves(TrainingFolder.of(name).curves)
        curves[name].read()
    assert dict(curves["two"].loss) == pytest.approx(dict(curves["one"].loss), abs=1e-3)
    assert dict(curves["two"].held_out) == pytest.approx(dict(curves["one"].held_out), abs=1e-3)
    assert curves["two"].best is not None
    assert curves["two"].best[1] == pytest.approx(one.held_out, abs=1e-3)
    assert curves["two"].attempts == 1
    result = TrainingFolder.of("two").result(config(name="two"))
    assert (result / "adapter_model.safetensors").is_file()


def test_an_update_has_to_be_divisible(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sit_core.train.run.processes", lambda: 3)
    with pytest.raises(SitError, match="multiple of the 3 processes, but found 8"):
        train(config(), report=lambda *_: None)
