"""The help of an action is there at once: neither database nor tables nor models are imported."""

import json
import subprocess
import sys

import pytest

from sit_core.actions import ACTIONS

HEAVY = ("sqlalchemy", "pandas", "numpy", "rapidfuzz", "torch", "transformers", "pyarrow", "yaml")
CODE = """
import json, sys
from sit_core.cli import main
try:
    main([*sys.argv[1:]])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("verb", [(), *((name,) for name in ACTIONS)], ids=" ".join)
def test_help_imports_nothing_heavy(verb: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *verb, "--help"], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "Usage: sit" in done.stdout
    assert "sit_core.cli" in loaded
    assert [name for name in HEAVY if name in loaded] == []
