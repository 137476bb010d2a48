"""The rooms import downwards only, sit_core knows no screen, and only the store knows SQL."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {"errors", "names", "records", "matching", "registry", "settings", "security_headers"}
    | {"statistics"},
    {"thoughts", "times", "typed_yaml"},
    {"checking"},
    {"tasks", "prompts"},
    {"sources", "scoring", "microlab", "models"},
    {"store"},
    {"jobs"},
    {"predicting", "augment", "evaluating", "judging", "training"},
    {"annotating", "live", "benchmarks", "seqeval"},
    {"results"},
    {"reproduction"},
    {"starter"},
    {"figures", "instruction_figures", "board_figures", "export"},
    {"backup"},
    {"cli"},
]
"""From the ground up; a room may import its own floor and those below."""
FLOOR_OF = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
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


def room_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if len(parts) < 2 or parts[1] == "__init__":
        return
    room = parts[1]
    assert room in FLOOR_OF, f"give the room {room} its floor here and in docs/architecture.md"
    for module in imported(path):
        if not module.startswith("sit_core.") or module.count(".") < 1:
            continue
        other = room_of(module)
        if other in FLOOR_OF and other != room:
            assert FLOOR_OF[other] <= FLOOR_OF[room], f"{room} imports {module}"


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
    assert guilty == ["sit_core/annotating/desk.py"]
