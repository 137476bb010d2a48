"""``make bench-augment``: 52,000 rows made sequential from file to file, and a million.

The rows are of our own making, in Alpaca's format and of about its lengths: two fifths with an
input. Beside the product, in the same run on the same machine, the same work in two plain ways: a
Python script that holds everything in memory, and ``datasets`` (``map``, ``shuffle``, ``to_json``),
where that package is installed. Each is a process of its own, so that its time from the first line
to the last, its processor time (the same where others use the machine too) and its largest memory
are its own. Prints a table and, with ``--out``, writes JSON.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROWS, MANY = 52_000, 1_000_000
TARGETS = {"seconds": 3.0, "megabytes": 500.0}
WORDS = ["plum", "river", "house", "seven", "slowly", "red", "of the", "window", "asks", "stone"]


def write_rows(path: Path, count: int) -> None:
    """Rows as JSONL, or as a JSON list by the file's name."""
    rng = random.Random(7)

    def text(low: int, high: int) -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(low, high)))

    as_list = path.suffix == ".json"
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            row = {
                "instruction": f"{text(5, 20).capitalize()} {i}.",
                "input": text(3, 60) if rng.random() < 0.4 else "",
                "output": text(5, 200),
            }
            before = ("[" if i == 0 else ",\n") if as_list else ""
            file.write(before + json.dumps(row) + ("" if as_list else "\n"))
        file.write("]" if as_list else "")


def product(source: Path, out: Path) -> None:
    """What `sit augment` does."""
    from sit_core.augment.config import MixtureConfig
    from sit_core.augment.mixture import write_mixture

    write_mixture(MixtureConfig(sources=(str(source),), chains=("R+A",), seed=1), out)


def changed(row: dict[str, str]) -> dict[str, str]:
    """The plain way to change one row."""
    if not row["input"].strip():
        return row
    return {
        "instruction": "First repeat the input, then " + row["instruction"],
        "input": row["input"],
        "output": row["input"] + "\n" + row["output"],
    }


def plain_python(source: Path, out: Path) -> None:
    """All in memory, with the standard library."""
    rows = [changed(row) for row in json.loads(source.read_text(encoding="utf-8"))]
    random.Random(1).shuffle(rows)
    with out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def with_datasets(source: Path, out: Path) -> None:
    """As most scripts of the field do it."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        rows = datasets.load_dataset("json", data_files=str(source), split="train", cache_dir=cache)
        rows.map(changed).shuffle(seed=1).to_json(str(out), force_ascii=False)


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "product": product,
    "plain Python": plain_python,
    "datasets": with_datasets,
}


def measured(way: str, source: Path, out: Path) -> dict[str, float]:
    """Seconds of the work, without the start of Python; largest memory in MB."""
    command = [sys.executable, "-m", "bench.augment", "--way", way, str(source), str(out)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def one(way: str, source: Path, out: Path) -> None:
    """Inside the process that is measured."""
    import resource

    start, cpu = time.perf_counter(), time.process_time()
    WAYS[way](source, out)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"seconds": seconds, "cpu": cpu, "megabytes": largest}
    sys.stdout.write(json.dumps({name: round(value, 2) for name, value in found.items()}))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="Write the figures as JSON.")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        one(given.way, *given.paths)
        return
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "rows.json"
        write_rows(source, ROWS)
        for way in WAYS:
            if way == "datasets" and find_spec("datasets") is None:
                continue
            runs = [measured(way, source, folder / "out.jsonl") for _ in range(given.repeat)]
            runs.sort(key=lambda run: run["seconds"])
            figures[f"{way}, {ROWS:,}"] = runs[len(runs) // 2]
        for count in (MANY // 10, MANY):
            large = folder / "many.jsonl"
            write_rows(large, count)
            figures[f"product, {count:,}"] = measured("product", large, folder / "out.jsonl")
    sys.stdout.write(f"{'way, rows':<24}{'seconds':>10}{'CPU s':>10}{'MB':>10}\n")
    for title, found in figures.items():
        cells = "".join(f"{found[name]:>10.2f}" for name in ("seconds", "cpu", "megabytes"))
        sys.stdout.write(f"{title:<24}{cells}\n")
    ours = figures[f"product, {ROWS:,}"]
    for way in ("plain Python", "datasets"):
        if other := figures.get(f"{way}, {ROWS:,}"):
            ratio = ours["cpu"] / other["cpu"]
            memory = ours["megabytes"] / other["megabytes"]
            sys.stdout.write(
                f"against {way}: {ratio:.2f} × the processor time, {memory:.2f} × the memory\n"
            )
    missed = [name for name, most in TARGETS.items() if ours[name] > most]
    sys.stdout.write(f"targets: {'missed: ' + ', '.join(missed) if missed else 'met'}\n")
    if given.out:
        given.out.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
