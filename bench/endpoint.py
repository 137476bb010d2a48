"""``make bench-endpoint``: 500 calls, 64 in flight, of a server that answers after 200 ms.

The server (`slow_server.py`) is a process of its own. The ideal is what the waiting alone takes: as
many times 200 ms as it takes rounds of 64 to make 500.
"""

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.lines import Line, options, over_rounds, show
from bench.slow_server import SAID
from sit_core.models import GenerationSettings, ModelSpec, load_model

SECONDS = 0.2


@contextmanager
def slow_server(seconds: float = SECONDS, said: str = SAID) -> Iterator[str]:
    """Its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.slow_server", str(seconds), said],
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


def ideal(calls: int, in_flight: int, seconds: float = SECONDS) -> float:
    """Seconds of mere waiting.

    >>> ideal(500, 64, 0.25)
    2.0
    """
    return math.ceil(calls / in_flight) * seconds


def measure(calls: int, in_flight: int, times: int, seconds: float = SECONDS) -> list[Line]:
    """The time taken as a ratio to the ideal, and the client's work per call."""
    settings = GenerationSettings(in_flight=in_flight)
    prompts = [
        f"Question {number}: what is a boat, and what is it good for?" for number in range(calls)
    ]
    ratios, work = [], []
    with slow_server(seconds) as url:
        spec = ModelSpec("slow", backend="openai", base_url=url)
        with closing(load_model(spec)) as model:
            list(model.generate(prompts[:1], settings))
            for _ in range(times):
                began, busy = time.perf_counter(), time.process_time()
                made = dict(model.generate(prompts, settings))
                ratios.append((time.perf_counter() - began) / ideal(calls, in_flight, seconds))
                work.append((time.process_time() - busy) * 1000 / calls)
                assert len(made) == calls, f"{len(made)} replies"
                assert not any(one.error for one in made.values()), "errors"
    return [
        over_rounds("time taken / ideal time", ratios, "x", 1.25, at_most=True),
        over_rounds("processor time of the client per call", work, "ms"),
    ]


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "", times=5)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--in-flight", type=int, default=64)
    arguments = parser.parse_args()
    lines = measure(arguments.calls, arguments.in_flight, arguments.times)
    title = f"Endpoint: {arguments.calls} calls, {arguments.in_flight} in flight, "
    show(title + f"answers after {SECONDS * 1000:.0f} ms", lines, arguments.out)


if __name__ == "__main__":
    main()
