"""``make bench-leaderboard``: 50 systems × 805 prompts on one board: the first time and later ones.

Outputs of some 300 words, verdicts and ratings of one LLM judge, both orders of comparisons with
the first system. *First*: a process that has seen nothing of the store. *Changed*: one more verdict
came, everything is counted anew but the words of outputs. *Later*: nothing changed. Against it the
straightforward way in pandas: the tables read, a resample drawn 1,000 times per system and figure,
each pair tested by scipy; of that a tenth of the systems and of the pairs, times ten.
"""

import random
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.lines import Line, options, over_rounds, show, timed
from sit_core.records import Example, Prediction
from sit_core.results.leaderboard import build as board
from sit_core.results.leaderboard import word_counts as lengths
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import duels, examples, judges, judgments, predictions, runs

SYSTEMS, PROMPTS = 50, 805
RESAMPLES = 1000
"""Of the naive way, which draws its intervals; the board computes them."""
SHARE = 10
"""Of the naive way only so small a part is measured."""
JUDGE = "bench"


def fill(store: Store, systems: int, prompts: int, seed: int = 1) -> None:
    """Systems that differ a little, each with an output and a verdict for every prompt."""
    rng = random.Random(seed)
    words = [f"word{i}" for i in range(500)]
    asked = [
        Example(f"First name {i}, then say why.", meta={"iteration": 1 + i % 4})
        for i in range(prompts)
    ]
    with store.write() as connection:
        connection.execute(
            insert(examples),
            [
                {"id": e.id, "instruction": e.instruction, "input": "", "steps": []}
                | {"variant": 0, "meta": dict(e.meta)}
                for e in asked
            ],
        )
        judge = _number(connection, judges, kind="llm", name=JUDGE)
        first: list[str] = []
        for system in range(systems):
            name = f"system {system}"
            run = _number(connection, runs, name=name, settings={}, provenance={})
            made = [
                Prediction(name, e, " ".join(rng.choices(words, k=rng.randint(100, 500))))
                for e in asked
            ]
            first = first or [p.id for p in made]
            good = 0.6 + 0.3 * system / systems
            connection.execute(
                insert(predictions),
                [
                    {"id": p.id, "run_id": run, "example_id": p.example.id, "ordinal": 0}
                    | {"row": i, "output": p.output, "length": len(p.output), "meta": {}}
                    for i, p in enumerate(made)
                ],
            )
            connection.execute(
                insert(judgments),
                [
                    {"prediction_id": p.id, "judge_id": judge, "step": "follow", "revision": 1}
                    | {"verdict": "yes" if rng.random() < good else "no"}
                    | {"score": rng.randint(2, 10) / 2, "created_at": 1.0}
                    for p in made
                ],
            )
            summarise(connection, [p.id for p in made])
            if system:
                connection.execute(
                    insert(duels),
                    [
                        {"judge_id": judge, "prediction_id": p.id, "against_id": other}
                        | {"place": place, "preferred": rng.choice([0, 0.5, 1]), "reply": ""}
                        | {"provenance": {}, "created_at": 1.0}
                        for p, other in zip(made, first, strict=True)
                        for place in (1, 2)
                    ],
                )


def _number(connection: Any, table: Any, **values: Any) -> int:
    made = connection.execute(insert(table).values(created_at=1.0, **values))
    return int(made.inserted_primary_key[0])


def forget() -> None:
    """As a new process would find it."""
    board._boards.clear()
    lengths._counts.clear()


def one_more(store: Store, number: int) -> None:
    """A verdict changes."""
    with store.write() as connection:
        row = connection.execute(predictions.select().limit(1)).one()
        connection.execute(
            insert(judgments).values(
                prediction_id=row.id,
                judge_id=1,
                step="follow",
                revision=2 + number,
                verdict="yes",
                score=5.0,
                created_at=2.0,
            )
        )
        summarise(connection, [row.id])


def naive(store: Store, share: int, resamples: int) -> float:
    """A part of the board in pandas; its seconds, times the part."""
    import numpy as np
    import pandas as pd
    from scipy.stats import binomtest, permutation_test

    def work() -> None:
        with store.read() as connection:
            outputs = pd.read_sql(predictions.select(), connection)
            said = pd.read_sql(judgments.select(), connection)
        said = said.sort_values("revision").drop_duplicates("prediction_id", keep="last")
        table = outputs.merge(said, left_on="id", right_on="prediction_id")
        table["follows"] = (table["verdict"] == "yes").astype(float)
        table["words"] = table["output"].str.split().str.len()
        table.groupby("run_id")[["follows", "score", "length", "words"]].mean()
        columns = ["follows", "score", "length", "words"]
        some = sorted(table["run_id"].unique())[::share]
        for run in some:
            mine = table.loc[table["run_id"] == run, columns]
            drawn = [
                mine.sample(len(mine), replace=True, random_state=i).mean()
                for i in range(resamples)
            ]
            pd.DataFrame(drawn).quantile([0.025, 0.975])
        wide = {
            column: table.pivot(index="example_id", columns="run_id", values=column)
            for column in ("follows", "score")
        }
        pairs = list(combinations(sorted(table["run_id"].unique()), 2))[::share]
        for a, b in pairs:
            apart = (wide["follows"][a] - wide["follows"][b]).to_numpy()
            won, lost = int((apart > 0).sum()), int((apart < 0).sum())
            if won + lost:
                _ = binomtest(won, won + lost).pvalue
            rated = (wide["score"][a] - wide["score"][b]).to_numpy()
            permutation_test(
                (rated,), np.mean, permutation_type="samples", n_resamples=resamples, rng=1
            )

    return timed(work) * share


def measure(
    systems: int = SYSTEMS, prompts: int = PROMPTS, times: int = 3, share: int = SHARE
) -> list[Line]:
    """The lines."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(settings({"SIT_HOME": str(Path(folder) / "home")}))
        fill(store, systems, prompts)
        asked = board.LeaderboardQuestion()
        first, changed, later = [], [], []
        for number in range(times):
            forget()
            first.append(timed(lambda: board.leaderboard(store, asked)))
            one_more(store, number)
            changed.append(timed(lambda: board.leaderboard(store, asked)))
            later.append(timed(lambda: board.leaderboard(store, asked)))
        made = board.leaderboard(store, asked)
        assert len(made.rows) == systems
        other = naive(store, share, RESAMPLES)
        store.close()
    return [
        over_rounds("first time", first, "s"),
        over_rounds("after a change", changed, "s"),
        over_rounds("later", later, "s", 1.0, at_most=True),
        Line(f"naive in pandas (1/{share} of it, times {share})", other, "s"),
        over_rounds("times as fast as that, first time", [other / one for one in first], "x"),
    ]


def main() -> None:
    """Measure and print."""
    arguments = options(__doc__ or "").parse_args()
    lines = measure(times=arguments.times)
    show(f"Leaderboard of {SYSTEMS} systems and {PROMPTS} prompts", lines, arguments.out)


if __name__ == "__main__":
    main()
