"""The packages import downwards only, sit_core knows no screen, and only the store knows SQL."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {
        "errors",
        "names",
        "records",
        "matching",
        "plugins",
        "registry",
        "settings",
        "security_headers",
    }
    | {"statistics"},
    {"thoughts", "times", "config"},
    {"results_check"},
    {"tasks", "prompts"},
    {"sources", "metrics", "embedded", "models"},
    {"store"},
    {"jobs"},
    {"actions"},
    {"predict", "augment", "score", "judge", "train"},
    {"seq_instruct"},
    {"annotation", "live", "benchmark", "seqeval"},
    {"results"},
    {"reproduction"},
    {"microlab"},
    {"starter"},
    {"figures", "export"},
    {"backup", "notebook"},
    {"cli", "__main__"},
]
"""From the ground up; a package may import its own floor and those below."""
FLOOR_OF = {package: i for i, packages in enumerate(FLOORS) for package in packages}
FILES = sorted((ROOT / "sit_core").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def package_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if len(parts) < 2 or parts[1] == "__init__":
        return
    package = parts[1]
    assert package in FLOOR_OF, (
        f"give the package {package} its floor here and in docs/architecture.md"
    )
    for module in imported(path):
        if not module.startswith("sit_core.") or module.count(".") < 1:
            continue
        other = package_of(module)
        if other in FLOOR_OF and other != package:
            assert FLOOR_OF[other] <= FLOOR_OF[package], f"{package} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_sit_core_never_imports_streamlit(path: Path) -> None:
    assert not {m for m in imported(path) if m.split(".")[0] == "streamlit"}


def test_only_the_store_knows_sql() -> None:
    outside = [p for p in FILES if "store" not in p.relative_to(ROOT).parts]
    outside += sorted((ROOT / "pages").rglob("*.py"))
    guilty = [
        str(p.relative_to(ROOT))
        for p in outside
        if {m for m in imported(p) if m.split(".")[0] in ("sqlalchemy", "sqlite3", "psycopg")}
    ]
    # The desk names the connection's type and the errors on which it takes a turn again.
    assert guilty == ["sit_core/annotation/session.py"]


def test_the_page_on_architecture_names_every_package_and_nothing_that_is_not_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## The packages")[1].split("\n## ")[0]
    named = {name.rstrip("/") for name in re.findall(r"`([\w/]+(?:/|\.py))`", table)}
    there = {
        p.name for p in (ROOT / "sit_core").iterdir() if p.suffix == ".py" or [*p.rglob("*.py")]
    }
    assert there - {"__init__.py", "__pycache__", "py.typed"} <= named
    folders = ("sit_core", "pages", "tests")
    every = [str(p.relative_to(ROOT)) for name in folders for p in (ROOT / name).rglob("*.py")]
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert any(f"/{path}".endswith(f"/{name}") for path in every), name
