"""A folder with a package ``lm_eval`` that does what a test tells it, in place of the harness."""

from pathlib import Path

PROGRAM = """
import json, os, sys, time
from pathlib import Path
words = sys.argv[1:]
told = os.environ["PRETEND"]
of = lambda name: words[words.index(name) + 1]
Path(os.environ["PRETEND_SAW"]).write_text(
    json.dumps({"words": words, "key": os.environ.get("OPENAI_API_KEY"),
                "code": {k: v for k, v in os.environ.items() if "TRUST" in k}}))
print("loading", flush=True)
for done in range(4):
    sys.stderr.write(f"\\rRunning generate_until requests:  {25 * done}%|##  | {done}/4 [00:00]")
    sys.stderr.flush()
if told == "wait":
    Path(of("--use_cache") + "_rank0.db").parent.mkdir(parents=True, exist_ok=True)
    Path(of("--use_cache") + "_rank0.db").write_text("half")
    Path(os.environ["PRETEND_SAW"] + ".waiting").write_text(str(os.getpid()))
    time.sleep(600)
if told == "fail":
    print("\\nTraceback:\\nValueError: Tasks not found: gsm9k", flush=True)
    sys.exit(3)
folder = Path(of("--output_path")) / "model"
folder.mkdir(parents=True, exist_ok=True)
if told != "silent":
    (folder / f"results_{time.time()}.json").write_text(json.dumps(
        {"results": {"gsm8k": {"exact_match,none": 0.5}}, "n-shot": {"gsm8k": 5}}))
"""


def pretend(folder: Path) -> Path:
    """Write the package; the folder is to be on ``PYTHONPATH``."""
    package = folder / "lm_eval"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(PROGRAM)
    return folder
