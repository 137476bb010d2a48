"""An endpoint as a process of its own, which can be killed and comes back on the same port.

It answers with the prompt in capitals and writes each prompt it has answered as a line of the file
``answered`` in its folder, so that the count outlives it. ``python -m
tests.predict.endpoint_process FOLDER PORT [HOLD]``: with HOLD it answers so many prompts and
holds all others until a file ``open`` is there.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from tests.jobs.conftest import until

ROOT = Path(__file__).parents[2]
LONG = 20_000
"""Characters of an answer to what says ``long``."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    folder: Path
    hold: int | None

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = str(asked["messages"][0]["content"])
        with self.lock:
            answered = self.folder / "answered"
            count = len(answered.read_text().splitlines()) if answered.exists() else 0
            if self.hold is not None and count >= self.hold:
                (self.folder / "holding").touch()
                while not (self.folder / "open").exists():
                    threading.Event().wait(0.01)
            if self._left():
                return  # whoever asked was killed: it is no answer
            with answered.open("a") as file:
                file.write(json.dumps(prompt) + "\n")
        text = self.reply(prompt)
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        content = json.dumps({"model": "echo", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def reply(self, prompt: str) -> str:
        """What it answers."""
        return prompt.upper() + "x" * (LONG if "long" in prompt else 0)

    def _left(self) -> bool:
        """Whether the other end has closed the connection."""
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


E = TypeVar("E", bound="Endpoint")


class Endpoint:
    """The process, started and killed by its own pid."""

    module = "tests.predict.endpoint_process"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, hold: int | None = None) -> None:
        """Start it (again, on the same port) and wait until it answers."""
        command = [
            sys.executable,
            "-m",
            self.module,
            str(self.folder),
            str(self.port),
        ]
        more = [] if hold is None else [str(hold)]
        self.process = subprocess.Popen([*command, *more], cwd=ROOT)
        until(self._listens)

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the endpoint ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """SIGKILL, to this very process."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def answered(self) -> list[str]:
        """The prompts it has answered, over all its lives."""
        record = self.folder / "answered"
        return [json.loads(x) for x in record.read_text().splitlines()] if record.exists() else []

    @property
    def holding(self) -> bool:
        """Whether it keeps somebody waiting."""
        return (self.folder / "holding").exists()

    def open(self) -> None:
        """Let all answers go."""
        (self.folder / "open").touch()


def of_its_own(kind: type[E], folder: Path) -> Iterator[E]:
    """What a fixture yields: such a process in a new folder, not started yet; killed at the end."""
    folder.mkdir()
    made = kind(folder)
    try:
        yield made
    finally:
        made.kill()


def main(handler: type[Handler] = Handler) -> None:
    folder, port, *hold = sys.argv[1:]
    handler.folder, handler.hold = Path(folder), int(hold[0]) if hold else None
    Server(("127.0.0.1", int(port)), handler).serve_forever(0.05)


if __name__ == "__main__":
    main()
