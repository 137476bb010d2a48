"""lm-eval in a process of its own: its command line, its environment, what it says on the way.

It is another program with packages of its own, so it may live in an environment of its own
(``SIT_LM_EVAL`` names that one's Python). No code from a model's or data set's repository is ever
allowed; weights come from folders that hold safetensors.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from sit_core.benchmark.config import BenchmarkConfig
from sit_core.errors import SitError, UsageError
from sit_core.jobs.process import identity, is_alive, kill, this_host
from sit_core.settings import settings

VERSION = "0.4.13"
"""The version that this was written for and tried with."""
MISSING = (
    f'Standard benchmarks need the package lm-eval; install it with: pip install "lm-eval[api]'
    f"=={VERSION}\" (in an environment of its own, name that one's Python in SIT_LM_EVAL)."
)
_BAR = re.compile(r"(?P<what>[^\r\n|]*?):?\s+\d+%\|[^|]*\|\s*(?P<done>\d+)/(?P<total>\d+)")
_SECONDS_TO_END = 10.0


def lacking() -> str | None:
    """Why benchmarks can't be run here; None: they can."""
    try:
        _python()
    except SitError as error:
        return str(error)
    return None


def _python() -> str:
    """The Python that has lm-eval.

    Raises:
        SitError: none has.
    """
    named = settings().lm_eval
    if named:
        if not os.access(named, os.X_OK):
            raise SitError(f"SIT_LM_EVAL names {named}, which is no program.")
        return named
    if importlib.util.find_spec("lm_eval") is None:
        raise SitError(MISSING)
    return sys.executable


def command(options: BenchmarkConfig, folder: Path) -> list[str]:
    """The command that runs the benchmarks; holds no secret.

    Args:
        options: what to run.
        folder: where results and the replies so far (for going on) are kept.

    Raises:
        SitError: lm-eval, the model or the adapter is not there.
    """
    kind, arguments = _endpoint(options) if options.backend == "openai" else _local(options)
    words = [_python(), "-m", "lm_eval", "run", "--model", kind]
    words += ["--model_args", json.dumps(arguments), "--tasks", ",".join(options.tasks)]
    words += ["--output_path", str(folder / "results"), "--use_cache", str(folder / "replies")]
    words += ["--batch_size", str(options.batch_size if kind == "hf" else 1)]
    if options.shots is not None:
        words += ["--num_fewshot", str(options.shots)]
    if options.limit is not None:
        words += ["--limit", str(options.limit)]
    if options.chat:
        words += ["--apply_chat_template"]
    if options.device != "auto":
        words += ["--device", options.device]
    if options.tasks_folder is not None:
        words += ["--include_path", options.tasks_folder]
    if options.run_code:
        words += ["--confirm_run_unsafe_code"]
    return words


def _local(options: BenchmarkConfig) -> tuple[str, dict[str, object]]:
    from sit_core.models.local.adapters import adapter_files
    from sit_core.models.local.weights import weights_in
    from sit_core.models.resolve import find_place

    spec = options.spec()
    place = find_place(spec.model, spec.revision, "model")
    weights_in(place.folder)  # refuses pickles
    found: dict[str, object] = {"pretrained": str(place.folder), "use_safetensors": True}
    if options.dtype != "auto":
        found["dtype"] = options.dtype
    if options.adapter is not None:
        adapter = find_place(options.adapter, None, "adapter")
        adapter_files(adapter, options.adapter)
        found["peft"] = str(adapter.folder)
    return "hf", found


def _endpoint(options: BenchmarkConfig) -> tuple[str, dict[str, object]]:
    if not options.base_url:
        raise UsageError("Name the endpoint's address (--base-url).")
    path = "/chat/completions" if options.chat else "/completions"
    found: dict[str, object] = {
        "model": options.model,
        "base_url": options.base_url.rstrip("/") + path,
        "num_concurrent": options.in_flight,
        "tokenized_requests": False,
        "tokenizer_backend": "huggingface" if options.tokenizer else "none",
    }
    if options.tokenizer:
        found["tokenizer"] = options.tokenizer
    return ("local-chat-completions" if options.chat else "local-completions"), found


def environment(options: BenchmarkConfig) -> dict[str, str]:
    """Its environment: the key where lm-eval looks for it, no code from repositories."""
    found = {name: value for name, value in os.environ.items() if name != "SIT_JOB"}
    if options.backend == "openai":
        # An endpoint of the user's own gets the key that was named for it, and no other.
        found["OPENAI_API_KEY"] = os.environ.get(options.key_env or "", "") or "none"
    if settings().lm_eval:  # another environment: our packages are not its own
        found.pop("PYTHONPATH", None)
    found |= {"HF_DATASETS_TRUST_REMOTE_CODE": "0", "PYTHONUNBUFFERED": "1"}
    return found | {"TOKENIZERS_PARALLELISM": "false"}


def run_harness(
    words: list[str],
    environ: dict[str, str],
    *,
    folder: Path,
    say: Callable[[str], None],
    report: Callable[[int | None, int | None, str], None],
) -> None:
    """Run it to its end.

    Args:
        words: the command.
        environ: its environment.
        folder: where its number is noted, so that one whose caller was killed is ended first: two
            would write into the same results and replies.
        say: gets its lines, without those of progress bars.
        report: done, total and at what; may raise to stop.

    Raises:
        SitError: it ended with an error; what it said last is in the message.
    """
    noted = folder / "process.json"
    _end_left_behind(noted)
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environ,
        bufsize=0,
    )
    last = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        noted.write_text(
            json.dumps([this_host(), process.pid, identity(process.pid)]), encoding="utf-8"
        )
        for line in _lines(process):
            bar = _BAR.search(line)
            if bar:
                what = " ".join(bar["what"].split()) or "working"
                report(int(bar["done"]), int(bar["total"]), what[-80:])
            elif line.strip():
                last = line.strip()
                say(line)
        code = process.wait()
    finally:
        _end(process)
        noted.unlink(missing_ok=True)
    if code:
        raise SitError(f"lm-eval ended with exit code {code}: {last[-400:] or 'it said nothing'}")


def _end_left_behind(noted: Path) -> None:
    try:
        host, pid, process = json.loads(noted.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if host != this_host() or not isinstance(pid, int) or not isinstance(process, str):
        return
    kill(pid, process)
    until = time.monotonic() + _SECONDS_TO_END
    while is_alive(pid, process) and time.monotonic() < until:
        time.sleep(0.02)


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """What it writes, piece by piece between line ends and carriage returns."""
    assert process.stdout is not None
    rest = b""
    while block := process.stdout.read(65536):
        *whole, rest = re.split(rb"[\r\n]+", rest + block)
        yield from (piece.decode("utf-8", "replace") for piece in whole)
    yield rest.decode("utf-8", "replace")


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_TO_END)
        return
    process.kill()
    process.wait()
