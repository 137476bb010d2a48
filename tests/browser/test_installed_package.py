"""The wheel, installed outside the checkout, serves the app."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sit_core.security_headers import HEADERS
from tests.browser.conftest import READY
from tests.browser.servers import ROOT, AppServer

pytestmark = pytest.mark.slow

SOURCES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "app.py")
FOLDERS = ("sit_core", "pages", "data", ".streamlit")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of an earlier build is in it; nothing is fetched."""
    copy = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        shutil.copy2(ROOT / name, copy / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name)
    built = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", built, copy)
    (found,) = built.glob("*.whl")
    return found


def pip(*words: object) -> None:
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "pip", *map(str, words)],
        env=environ | {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and what it depends on from this one."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    # Named in a .pth: its packages are found, its own .pth files (the checkout's) are not read.
    here = sysconfig.get_paths()["purelib"]
    (site / "others.pth").write_text(f"{here}\n", encoding="utf-8")
    pip("--python", python, "install", "--quiet", "--no-deps", wheel)
    return python


@pytest.fixture
def sit_app(installed: Path, tmp_path: Path) -> Iterator[AppServer]:
    """`sit app` of the environment, started in an empty folder."""
    server = AppServer(tmp_path / "home", starter=True)
    server.home.mkdir()
    (tmp_path / "elsewhere").mkdir()
    words = ["--port", str(server.port), "--home", str(server.home)]
    with (server.home / "server.log").open("ab") as log:
        server.process = subprocess.Popen(
            [installed.parent / "sit", "app", *words],
            cwd=tmp_path / "elsewhere",
            env=clean_environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def clean_environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIT_", "PYTHONPATH"))}
    return kept | {"SIT_WARM": "0"}


def test_nothing_of_a_general_name_lies_among_other_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sit_core", "sit_app"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_all_files_of_the_checkout_are_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("pages", "data"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"sit_app/{path.relative_to(ROOT).as_posix()}" in names
    for path in (ROOT / "sit_core").rglob("*.py"):
        assert path.relative_to(ROOT).as_posix() in names
    assert {"sit_app/app.py", "sit_app/.streamlit/config.toml"} <= names


def test_the_installed_package_takes_nothing_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    script = (
        "import sit_core, sit_core.settings, sit_core.embedded.shipped as shipped\n"
        "print(sit_core.__file__)\nprint(sit_core.settings.DATA)\nprint(shipped.shipped_base())\n"
        "print(shipped.portable(str(shipped.FOLDER / 'adapters' / 'it')))\n"
        "from sit_core.judge.folder import judges\nprint(*judges())"
    )
    done = subprocess.run(
        [installed, "-c", script],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *places, portable, judges = done.stdout.splitlines()
    assert all(Path(place).is_relative_to(installed.parents[1]) for place in places)
    assert portable == "data/microlab/adapters/it"
    assert set(judges.split()) == {p.parent.name for p in ROOT.glob("data/judges/*/judge.yaml")}


def test_the_first_page_opens_in_a_browser(sit_app: AppServer, page: Page) -> None:
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
    page.goto(sit_app.url)
    page.locator(READY).wait_for()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(
        page.locator("[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]")
    ).not_to_have_count(0)
    assert failed == []
    assert (sit_app.home / "sit.db").is_file()
    with urllib.request.urlopen(sit_app.url) as reply:
        assert {k: reply.headers[k] for k in HEADERS} == HEADERS
    assert not [*(sit_app.home.parent / "elsewhere").iterdir()]


def test_fonts_and_logos_are_served_with_the_same_headers(sit_app: AppServer) -> None:
    (font, *_) = sorted((ROOT / "pages" / "static" / "fonts").glob("*.woff2"))
    for path in (font, ROOT / "pages" / "static" / "logo_mark.svg"):
        name = path.relative_to(ROOT / "pages" / "static").as_posix()
        with urllib.request.urlopen(f"{sit_app.url}/app/static/{name}") as reply:
            assert reply.read() == path.read_bytes()
            assert {k: reply.headers[k] for k in HEADERS} == HEADERS


def test_it_ends_with_the_signal_that_ctrl_c_sends(sit_app: AppServer) -> None:
    assert sit_app.process is not None
    sit_app.process.send_signal(signal.SIGINT)
    assert sit_app.process.wait(20) in (0, 1, 130, -signal.SIGINT)  # 1: as every verb
    assert "Traceback" not in sit_app.log()


def test_a_port_in_use_is_one_sentence(sit_app: AppServer, installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "-m", "sit_core", "app", "--port", str(sit_app.port)],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"sit: Nothing can listen at 127.0.0.1:{sit_app.port}")
    assert line.endswith("name another with --port.")
