"""``make bench-judging``: outputs judged, 64 in flight, by a server that answers after 200 ms.

From the store to the store: outputs read, prompts made, replies and verdicts kept as they come, on
SQLite. The ideal is what the waiting alone takes. Then the same once more, with all replies known.
"""

import os
import tempfile
import time

from bench.endpoint import SECONDS, ideal, slow_server
from bench.lines import Line, options, over_rounds, show
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.models.config import ModelConfig
from sit_core.settings import settings
from sit_core.store import Store, open_store
from tests.factories import make_run

OUTPUT = "A boat carries people and goods over water. "


def quiet(*_: object) -> None:
    """A report that nobody reads."""


def filled(home: str, outputs: int) -> Store:
    """A new store with a run of so many outputs, about 1,500 characters each."""
    store = open_store(settings({**os.environ, "SIT_HOME": home, "SIT_DATABASE_URL": ""}))
    make_run(store, "a", [f"{i}. {OUTPUT * 33}" for i in range(outputs)])
    return store


def measure(outputs: int, in_flight: int, times: int, seconds: float = SECONDS) -> list[Line]:
    """The time taken as a ratio to the ideal, and how fast known replies are gone through."""
    ratios, work, known = [], [], []
    with slow_server(seconds, "[[Yes, 4]]") as url:
        choice = ModelConfig("slow", backend="openai", base_url=url, in_flight=in_flight)
        wanted = JudgeConfig(("a",), model=choice)
        for _ in range(times):
            with tempfile.TemporaryDirectory() as home:
                store = filled(home, outputs)
                began, busy = time.perf_counter(), time.process_time()
                done = judge_runs(store, wanted, report=quiet)
                ratios.append((time.perf_counter() - began) / ideal(outputs, in_flight, seconds))
                work.append((time.process_time() - busy) * 1000 / outputs)
                assert (done.asked, done.unusable) == (outputs, 0)
                began = time.perf_counter()
                again = judge_runs(store, wanted, report=quiet)
                known.append(outputs / (time.perf_counter() - began))
                assert (again.asked, again.known) == (0, outputs)
                store.close()
    return [
        over_rounds("time taken / ideal time", ratios, "x", 1.3, at_most=True),
        over_rounds("processor time per output", work, "ms"),
        over_rounds("outputs per second, replies known", known, "outputs/s"),
    ]


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "", times=3)
    parser.add_argument("--outputs", type=int, default=2000)
    parser.add_argument("--in-flight", type=int, default=64)
    arguments = parser.parse_args()
    lines = measure(arguments.outputs, arguments.in_flight, arguments.times)
    title = f"Judging: {arguments.outputs} outputs, {arguments.in_flight} in flight, "
    show(title + f"answers after {SECONDS * 1000:.0f} ms", lines, arguments.out)


if __name__ == "__main__":
    main()
