"""The packages import downwards only, sit_core knows no screen, and only the store knows SQL."""

import ast
import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {
        "errors",
        "files",
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
    {"analyses"},
    {"experiment"},
    {"report"},
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


def at_module_level(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when a file is imported, not those inside functions or for types."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from at_module_level(node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef | ast.ExceptHandler):
            for part in ("body", "orelse", "finalbody", "handlers"):
                yield from at_module_level(getattr(node, part, []))


def files_imported(files: Mapping[str, str]) -> dict[str, set[str]]:
    """Module → the modules among them that its import imports; of module → its text."""
    found: dict[str, set[str]] = {}
    for module, text in files.items():
        names: set[str] = set()
        for node in at_module_level(ast.parse(text).body):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
                continue
            assert not node.level, f"{module}: import with the whole name"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in files else str(node.module) for name in whole}
        found[module] = (names & files.keys()) - {module}
    return found


def circles(imports: Mapping[str, Set[str]]) -> list[list[str]]:
    """Modules that import each other, maybe through others: what is left without ends."""
    left = {module: set(names) for module, names in imports.items()}
    while ends := {module for module, names in left.items() if not names & left.keys()}:
        left = {module: names for module, names in left.items() if module not in ends}
    # What only leads into a circle is taken off from the other side.
    while starts := left.keys() - set().union(*left.values()):
        left = {module: names for module, names in left.items() if module not in starts}
    return [[module, *sorted(names & left.keys())] for module, names in sorted(left.items())]


def texts_of(*folders: str) -> dict[str, str]:
    """Module → its text."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
            path.read_text(encoding="utf-8")
        )
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def test_no_file_imports_itself_through_others() -> None:
    imports = files_imported(texts_of("sit_core", "pages"))
    assert sum(map(len, imports.values())) > len(imports)  # the imports were found at all
    assert circles(imports) == []


def test_a_circle_of_files_would_be_found() -> None:
    files = {
        "a": "import b",
        "b": "try:\n    from c import one\nexcept ImportError:\n    one = None",
        "c": "from d import two",
        "d": "from a import three",
        "leads_in": "import a",
        "led_to": "",
        "late": "def run():\n    import leads_in",
        "typed": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import late",
    }
    files["a"] += "\nimport led_to, typed"
    assert [module for module, *_ in circles(files_imported(files))] == ["a", "b", "c", "d"]
    files["c"] = "def later():\n    from d import two"
    assert circles(files_imported(files)) == []


def test_pages_import_no_command_line() -> None:
    paths = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
    found = {str(p.relative_to(ROOT)): imported(p) for p in paths}
    assert any("sit_core.settings" in names for names in found.values())
    assert [
        path
        for path, names in found.items()
        if any(name == "sit_core.cli" or name.startswith("sit_core.cli.") for name in names)
    ] == []


def test_only_one_place_writes_files_beside_their_place() -> None:
    texts = texts_of("sit_core", "pages")
    guilty = {
        m for m, text in texts.items() if re.search(r"\.part[\"'}]|os\.fsync|os\.replace", text)
    }
    # These write folders, which no stream is.
    folders = {
        "sit_core.train.trainer",
        "sit_core.train.run",
        "sit_core.microlab.build",
        "sit_core.microlab.seed_run",
    }
    assert guilty == {"sit_core.files"} | folders


def test_failures_in_a_row_and_intervals_in_texts_are_made_in_one_place_each() -> None:
    texts = texts_of("sit_core", "pages")
    counting = {m for m, text in texts.items() if re.search(r"failures \+ 1|failures \+= 1", text)}
    assert counting == set()
    spans = {m for m, text in texts.items() if re.search(r"\[\{[^}\n]*low[^\n]*–", text)}
    assert spans == {"sit_core.statistics.interval"}


def test_keys_of_what_stands_for_several_steps_are_declared_once() -> None:
    texts = texts_of("sit_core", "pages")
    found = {
        key: [m for m, text in texts.items() if re.search(rf'^\w+ = "{key}"$', text, re.MULTILINE)]
        for key in ("chain", "follow", "in_order")
    }
    state = ["sit_core.store.verdict_state"]
    assert found == {"chain": state, "follow": state, "in_order": ["sit_core.records"]}


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


def file_of(module: str) -> Path | None:
    """The file of a module of ours; None where there is none."""
    at = ROOT.joinpath(*module.split("."))
    return next((f for f in (at.with_suffix(".py"), at / "__init__.py") if f.is_file()), None)


def names_in(path: Path) -> set[str]:
    """What a file's code names at any depth: more than what it offers, never less."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def test_what_pages_and_tests_import_of_ours_is_there() -> None:
    """The type checker reads `sit_core` only: a page's late import would fail when it is opened."""
    offered: dict[Path, set[str]] = {}
    lacking = []
    for folder in ("pages", "sit_core", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
                    continue
                if node.module.split(".")[0] not in {"pages", "sit_core", "tests", "bench"}:
                    continue
                source = file_of(node.module)
                for alias in node.names:
                    if file_of(f"{node.module}.{alias.name}") is not None:
                        continue
                    if source is not None and source not in offered:
                        offered[source] = names_in(source)
                    if source is None or alias.name not in offered[source]:
                        lacking.append(f"{path.relative_to(ROOT)}: {node.module}.{alias.name}")
    assert lacking == []
