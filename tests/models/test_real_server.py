"""A real server: what ``transformers serve`` answers is what the local backend makes itself."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sit_core.embedded.shipped import shipped_base
from sit_core.errors import SitError
from sit_core.models import GenerationSettings, ModelSpec, load_model
from sit_core.records import Example
from tests.models.conftest import Loader

pytestmark = pytest.mark.slow
EXAMPLES = [Example("hello"), *(Example("Repeat the input.", f"cow {i}") for i in range(5))]
SETTINGS = GenerationSettings(max_new_tokens=12, in_flight=3)


@pytest.fixture(scope="module", params=["random", "embedded"])
def folder(request: pytest.FixtureRequest, tiny: Path) -> Path:
    """A model whose outputs are any bytes at all, and the one that ships."""
    return tiny if request.param == "random" else shipped_base()


@pytest.fixture(scope="module")
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for name in ("fastapi", "uvicorn", "openai"):
        pytest.importorskip(name, reason=f"transformers serve needs the package {name}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from transformers.cli.transformers import main; main()"]
    command += ["serve", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--device", "cpu", "--dtype", "float32"]
    log = tmp_path_factory.mktemp("served") / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )
    try:
        deadline = time.monotonic() + 120
        while not _up(port):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
                pytest.fail(f"it ended: {log.read_text(errors='replace')}")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()  # this very process, by its pid
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("prompt_format", ["chat", "plain"])
def test_a_served_model_says_what_the_local_one_says(
    prompt_format: str, served: str, folder: Path, local: Loader
) -> None:
    spec = ModelSpec(str(folder), backend="openai", base_url=served, prompt_format=prompt_format)
    there, here = load_model(spec), local(folder, prompt_format=prompt_format, dtype="float32")
    answers, expected = (dict(m.generate(EXAMPLES, SETTINGS)) for m in (there, here))
    assert len(answers) == len(EXAMPLES)
    for index, made in answers.items():
        assert made.error is None
        same = expected[index]
        assert (made.text, made.cut) == (same.text, same.cut)
        assert made.tokens in (same.tokens, (same.tokens or 0) + 1)  # it counts the end's mark
    # The server never sends a character whose bytes are not complete, nor replaces it at the end.
    streamed = "".join(there.stream(EXAMPLES[1], SETTINGS))
    assert expected[1].text.replace("\ufffd", "").startswith(streamed.replace("\ufffd", ""))
    assert streamed


def test_a_model_that_is_not_served_is_one_sentence(served: str) -> None:
    model = load_model(ModelSpec("/no/such/model", backend="openai", base_url=served))
    with pytest.raises(SitError):
        list(model.generate(EXAMPLES * 10, GenerationSettings(in_flight=4)))
