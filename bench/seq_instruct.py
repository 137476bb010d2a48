"""``make bench-seq-instruct``: 1,000 instructions × 4 stages, 64 in flight, answers after 200 ms.

The server is a process of its own (`slow_writer.py`). The ideal is what the waiting alone takes:
for each stage as many times 200 ms as it takes rounds of 64 to make 1,000. Then the memory that
10,000 and 100,000 instructions take (by the rules, in a process of their own, no server).
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.endpoint import SECONDS, ideal
from bench.lines import Line, options, over_rounds, show, timed
from sit_core.seq_instruct.config import SeqInstructConfig, WriterModel
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.stages import STAGES

FLAT = 1.5
"""Ten times the instructions may take so many times the memory: a few bytes each are kept."""


@contextmanager
def slow_writer(seconds: float = SECONDS) -> Iterator[str]:
    """Its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.slow_writer", str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.stdin.close()


def throughput(count: int, in_flight: int, times: int, seconds: float = SECONDS) -> Line:
    """The time taken by one iteration as a ratio to the ideal."""
    ratios = []
    with slow_writer(seconds) as url:
        writer = WriterModel("slow", backend="openai", base_url=url, in_flight=in_flight)
        source = f"microlab:instructions:{count}"
        config = SeqInstructConfig((source,), iterations=1, writer=writer)
        for _ in range(times):
            with tempfile.TemporaryDirectory() as home:
                # The first one also reads the seeds and loads what is imported late.
                taken = timed(partial(made, config, Path(home), count))
                ratios.append(taken / (len(STAGES) * ideal(count, in_flight, seconds)))
    return over_rounds("time taken / ideal time", ratios, "x", 1.3, at_most=True)


def made(config: SeqInstructConfig, home: Path, count: int) -> None:
    """Make a set; see that each stage was asked once of each instruction."""
    used = run_set("one", config, home=home).set.usage()
    assert {stage: used[stage].calls for stage in STAGES} == dict.fromkeys(STAGES, count)


def memory(count: int) -> float:
    """The most MB that a process has which makes so many instructions."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "bench.seq_instruct", "--peak", str(count), home],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
        )
    return float(done.stdout)


def peak(count: int, home: str) -> None:
    """Make so many by the rules and print this process's peak in MB."""
    import resource

    source = Path(home) / "rows.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for i in range(count):
            words = " ".join(f"w{(i * k) % 9973}" for k in range(1, 30))
            file.write(
                f'{{"instruction": "Do task {i}: {words}", "input": "", "output": "o {i}"}}\n'
            )
    run_set("many", SeqInstructConfig((str(source),), iterations=1), home=Path(home))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # noqa: T201


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["--peak"]:
        peak(int(sys.argv[2]), sys.argv[3])
        return
    parser = options(__doc__ or "", times=3)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--most", type=int, default=100_000, help="instructions, for the memory")
    arguments = parser.parse_args()
    lines = [throughput(arguments.count, arguments.in_flight, arguments.times)]
    few, many = memory(arguments.most // 10), memory(arguments.most)
    lines += [
        Line(f"memory for {arguments.most // 10:,} instructions", few, "MB"),
        Line(f"memory for {arguments.most:,} instructions", many, "MB"),
        Line("ten times the instructions, memory", many / few, "x", FLAT, at_most=True),
    ]
    title = f"Seq-Instruct: {arguments.count:,} instructions × {len(STAGES)} stages, "
    show(title + f"{arguments.in_flight} in flight, 200 ms", lines, arguments.out)


if __name__ == "__main__":
    main()
