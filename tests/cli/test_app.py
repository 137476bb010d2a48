"""`sit app` says in a sentence why it can't serve, and hands Streamlit what it was given."""

import os
import runpy
import socket
import sys
import webbrowser
from pathlib import Path

import pytest

from sit_core.cli import app as command
from sit_core.cli import main
from sit_core.settings import app_folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The command lines that Streamlit was given; none is run."""
    seen: list[list[str]] = []
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: seen.append([name, *sys.argv]))
    monkeypatch.setattr(sys, "argv", ["sit"])
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "before"))
    return seen


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["app", *words])
    return int(ended.value.code or 0)


def test_streamlit_gets_the_app_the_port_and_the_address(
    started: list[list[str]], tmp_path: Path
) -> None:
    port = free_port()
    assert run("--port", str(port), "--home", str(tmp_path / "own")) == 0
    script = str(app_folder() / "app.py")
    assert started == [
        ["streamlit", "streamlit", "run", script, f"--server.port={port}",
         "--server.address=127.0.0.1"]
    ]  # fmt: skip
    assert os.environ["SIT_HOME"] == str(tmp_path / "own")


def test_the_store_of_the_environment_stays_where_none_is_named(
    started: list[list[str]], tmp_path: Path
) -> None:
    assert run("--port", str(free_port())) == 0
    assert os.environ["SIT_HOME"] == str(tmp_path / "before")


def test_without_streamlit_it_says_how_to_install_it(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    assert run() == 1
    assert capsys.readouterr().err.strip() == (
        "sit: The app needs Streamlit; install it with: pip install 'sit-core[app]'."
    )
    assert started == []


def test_a_port_in_use_is_a_sentence(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert run("--port", str(port)) == 1
    assert f"Nothing can listen at 127.0.0.1:{port}" in capsys.readouterr().err
    assert started == []


def test_an_address_that_is_not_of_this_machine_is_a_sentence(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--host", "192.0.2.1") == 1
    assert "Nothing can listen at 192.0.2.1:8501" in capsys.readouterr().err


def test_the_browser_is_opened_once_the_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    answers = iter([OSError("refused"), OSError("refused"), None])

    class Answer:
        def __enter__(self) -> None:
            assert not opened
            error = next(answers)
            if error:
                raise error

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(command.urllib.request, "urlopen", lambda url, timeout: Answer())
    monkeypatch.setattr(command.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    command._open_when_ready("http://127.0.0.1:1")
    assert opened == ["http://127.0.0.1:1"]


def test_the_app_is_found_in_a_checkout_and_in_an_installed_package(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert app_folder(tmp_path) == tmp_path
    (tmp_path / "sit_app").mkdir()
    assert app_folder(tmp_path) == tmp_path / "sit_app"
    assert (app_folder() / "app.py").is_file()
