"""A plugin as pip leaves it: modules and a dist-info with entry points, in a folder on the path."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pages.shared.page_list import PLUGIN_PAGES
from sit_core import plugins
from sit_core.judge.judge_types import KINDS
from sit_core.metrics.registry import METRICS
from sit_core.results.analyses import ANALYSES
from sit_core.seq_instruct.filters import GATES
from sit_core.sources import EXAMPLE_SOURCES, FORMATS
from sit_core.tasks import TASKS, wording

REGISTRIES = (TASKS, METRICS, FORMATS, KINDS, GATES, EXAMPLE_SOURCES, ANALYSES, PLUGIN_PAGES)


def write_plugin(
    site: Path,
    modules: Mapping[str, str],
    entries: Mapping[str, Mapping[str, str]],
    name: str = "sit-example",
) -> Path:
    """Write ``modules`` (path → text) and the entry points (group → name → value)."""
    for path, text in modules.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, of_group in entries.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in of_group.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def look_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every registry ask for plugins again, in this test alone."""
    for registry in REGISTRIES:
        shipped = {name: registry._things[name] for name in registry.shipped()}
        monkeypatch.setattr(registry, "_things", shipped)
        monkeypatch.setattr(registry, "_added", set())
        monkeypatch.setattr(registry, "_pending", True)
    for name, empty in (("_offers", None), ("_taken", {}), ("_broken", [])):
        monkeypatch.setattr(plugins, name, empty)
    wording._remembered.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    """Put the folder on the path, as a site-packages is."""
    tops = {path.name.removesuffix(".py") for path in site.iterdir()}
    for name in [name for name in sys.modules if name.split(".")[0] in tops]:
        monkeypatch.delitem(sys.modules, name)  # of another test's folder
    monkeypatch.syspath_prepend(str(site))
    look_anew(monkeypatch)
