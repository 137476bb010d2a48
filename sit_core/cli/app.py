"""``sit app``: serve the app, from a checkout or from the installed package."""

import importlib.util
import os
import runpy
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import click

from sit_core.errors import SitError
from sit_core.settings import app_folder

START_SECONDS = 60.0
"""How long the browser waits for the server before it is not opened at all."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="The port it listens on.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address it listens on; 0.0.0.0 lets other machines in. It asks for no password.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the store, instead of SIT_HOME (default .sit).",
)
@click.option("--open", "opens", is_flag=True, help="Open it in this machine's browser.")
def app(port: int, host: str, home: Path | None, opens: bool) -> None:
    """Serve the app at http://127.0.0.1:8501 until Ctrl-C.

    It needs Streamlit: pip install 'sit-core[app]'.
    """
    script = app_folder() / "app.py"
    _check(script, host, port)
    if home is not None:
        os.environ["SIT_HOME"] = str(home.expanduser().absolute())
    url = address(host, port)
    click.echo(f"The app: {url}", err=True)
    if opens:
        threading.Thread(target=_open_when_ready, args=(url,), daemon=True).start()
    # Streamlit's own command, so that signals and the exit code are its own; `app.py` may lie
    # anywhere, and Streamlit reads the .streamlit/config.toml beside it.
    sys.argv = [
        "streamlit",
        "run",
        str(script),
        f"--server.port={port}",
        f"--server.address={host}",
    ]
    runpy.run_module("streamlit", run_name="__main__")


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it.

    >>> address("0.0.0.0", 80), address("::1", 8501)
    ('http://127.0.0.1:80', 'http://[::1]:8501')
    """
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _check(script: Path, host: str, port: int) -> None:
    """Say in one sentence why it can't be served, before Streamlit says it in many."""
    if importlib.util.find_spec("streamlit") is None:
        raise SitError("The app needs Streamlit; install it with: pip install 'sit-core[app]'.")
    if not script.is_file():
        raise SitError(f"There is no app at {script}; install the whole package sit-core again.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        raise SitError(
            f"Nothing can listen at {host}:{port} ({error.strerror or error}); "
            "end what does, or name another with --port."
        ) from None


def _open_when_ready(url: str) -> None:
    """Open the browser once the server answers; never where it does not start."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                webbrowser.open(url)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
