"""The real app as a subprocess on a free port, started, killed and started again by its own pid."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class AppServer:
    """`streamlit run app.py` with a store of its own."""

    def __init__(
        self,
        home: Path,
        database_url: str | None = None,
        starter: bool = False,
        warm: bool = False,
    ) -> None:
        self.home = home
        self.database_url = database_url
        self.starter = starter
        self.warm = warm
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "AppServer":
        """Start it and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        environ = {k: v for k, v in os.environ.items() if k != "SIT_DATABASE_URL"}
        environ["SIT_HOME"] = str(self.home)
        if not self.starter:
            environ["SIT_STARTER"] = "0"
        environ["SIT_WARM"] = "1" if self.warm else "0"
        if self.database_url:
            environ["SIT_DATABASE_URL"] = self.database_url
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py",
                 "--server.port", str(self.port), "--server.address", "127.0.0.1"],
                cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait()
        return self

    def wait(self) -> None:
        """Poll the health page; fails with the server's log when it ends or never answers."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log()}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as reply:
                    if reply.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the server does not answer:\n{self.log()}")

    def kill(self) -> None:
        """SIGKILL, to this very process: no chance to tidy up."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def log(self) -> str:
        """What the server printed."""
        path = self.home / "server.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""


def sit(home: Path, *arguments: str) -> str:
    """Run ``sit …`` on a store of its own; its standard output."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SIT_")}
    done = subprocess.run(
        [sys.executable, "-m", "sit_core.cli", *arguments],
        cwd=ROOT,
        env=environ | {"SIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
