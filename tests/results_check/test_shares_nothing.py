"""The second computation takes nothing from the first."""

import ast
from pathlib import Path

import sit_core.results_check
from tests.test_architecture import imported

FOLDER = Path(sit_core.results_check.__file__).parent
ALLOWED = ("sit_core.errors", "sit_core.results_check")


def test_it_imports_nothing_of_ours_but_errors() -> None:
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) > 8
    for path in files:
        ours = {name for name in imported(path) if name.startswith("sit_core")}
        assert all(name.startswith(ALLOWED) for name in ours - {"sit_core"}), path.name


def test_it_needs_what_the_app_needs_only() -> None:
    """The reference packages are the tests' own."""
    root = Path(__file__).parents[2]
    pinned = (root / "requirements.txt").read_text("utf-8").lower()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in ("statsmodels", "krippendorff"):
                raise AssertionError(path.name)
    assert {"numpy", "scipy"} <= {line.split("==")[0] for line in pinned.splitlines()}
