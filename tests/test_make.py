"""What `make app` does on a fresh machine, told by make itself without doing it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def recipe(tmp_path: Path, *words: str) -> str:
    """The commands of a goal where nothing is installed yet."""
    command = ["make", "--dry-run", f"VENV={tmp_path / 'none'}", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def installed(commands: str) -> set[str]:
    """The packages that the commands' files of requirements name."""
    text = "".join((ROOT / name).read_text() for name in re.findall(r"-r (\S+)", commands))
    return set(re.findall(r"^([a-z_-]+)(?:\[\w+\])?==", text, re.MULTILINE))


def test_make_app_installs_what_the_live_page_needs_before_it_serves_the_app(tmp_path):
    commands = recipe(tmp_path, "app")
    assert {"streamlit", "torch", "transformers", "peft"} <= installed(commands)
    assert commands.index("pip install") < commands.index("streamlit run app.py")


def test_the_app_can_be_installed_without_what_only_models_need(tmp_path):
    found = installed(recipe(tmp_path, "app", "MODELS="))
    assert "streamlit" in found
    assert "torch" not in found
