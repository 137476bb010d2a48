"""The app opens on something to annotate, without loading what only other pages need."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPEN_THE_APP = """
import json, sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("pages/main.py", default_timeout=60).run()
print(json.dumps({
    "exceptions": [e.value for e in page.exception],
    "studies": [b.options for b in page.selectbox],
    "loaded": sorted({m.split(".")[0] for m in sys.modules} & set(sys.argv[1:])),
}))
"""


def test_a_fresh_store_opens_on_the_starter_study_and_loads_no_torch(tmp_path: Path) -> None:
    heavy = ["torch", "transformers", "datasets", "bert_score", "scipy", "peft"]
    done = subprocess.run(
        [sys.executable, "-c", OPEN_THE_APP, *heavy],
        cwd=ROOT,
        env={"SIT_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["exceptions"] == []
    assert any("Try it" in str(option) for options in found["studies"] for option in options)
    assert found["loaded"] == []
