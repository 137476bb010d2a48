"""A filled store of an earlier schema opens with all that it holds, and with what came since."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from sit_core.annotation.session import exchange
from sit_core.export.tables import TABLES
from sit_core.matching import example_key
from sit_core.records import Example, Outcome, stable_id
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.settings import Settings
from sit_core.store import Store, migrations, open_store
from sit_core.store.engine import Store as EngineStore
from sit_core.store.engine import _engine
from sit_core.store.guideline_versions import UNKNOWN, guideline_versions
from sit_core.store.runs import list_runs
from sit_core.store.schema import examples, judgments, predictions, scores
from sit_core.store.scores import read_outputs
from sit_core.store.studies import StudyPlan, create_study, get_study, sharing

MANY = 2300
"""Examples: more than two of the batches in which keys are filled in."""
STEPS = [{"task": "answer", "letter": "A", "key": "answer", "expected": None}]


def old_store(where: Settings, revision: str = "0004") -> dict[str, list[tuple[Any, ...]]]:
    """A store as the program made it at that revision: two runs, a study, three verdicts.

    Run *b* has written the same questions with CRLF and a blank at the end.

    Returns:
        Table → its rows.
    """
    where.home.mkdir(parents=True, exist_ok=True)
    engine = _engine(where)
    store = EngineStore(engine, where.database_url)
    with store.write() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = sa.MetaData()
        tables.reflect(connection)
        t = tables.tables
        asked = {
            "a": [Example("Answer.", f"Café {i}?\nYes or no?") for i in range(MANY)],
            "b": [Example("Answer. ", f"Cafe\u0301 {i}?\r\nYes or no? ") for i in range(5)],
        }
        for number, (run, mine) in enumerate(asked.items(), 1):
            connection.execute(
                t["runs"].insert().values(name=run, settings={}, provenance={}, created_at=number)
            )
            connection.execute(
                t["examples"].insert(),
                [
                    {"id": e.id, "instruction": e.instruction, "input": e.input, "steps": STEPS}
                    | {"variant": 0, "meta": {}, "reference": "yes"}
                    for e in mine
                ],
            )
            connection.execute(
                t["predictions"].insert(),
                [
                    {"id": prediction(run, e), "run_id": number, "example_id": e.id, "row": i}
                    | {"ordinal": 0, "output": "Yes.", "length": 4, "meta": {}}
                    for i, e in enumerate(mine)
                ],
            )
        connection.execute(
            t["studies"]
            .insert()
            .values(name="s", steps=STEPS, guidelines="", blind=True, ask_order=False)
            .values(annotators=1, sample=3, seed=0, claim_minutes=30, provenance={}, created_at=0)
        )
        connection.execute(t["study_runs"].insert().values(study_id=1, run_id=1, position=0))
        connection.execute(t["judges"].insert().values(kind="human", name="Ann", created_at=0))
        for i in range(3):
            sample = {"study_id": 1, "prediction_id": prediction("a", asked["a"][i]), "judge_id": 1}
            connection.execute(
                t["slots"].insert().values(**sample, position=i, place=0, done_at=1.0)
            )
            connection.execute(
                t["judgments"]
                .insert()
                .values(**sample, step="answer", revision=1, created_at=1.0)
                .values(verdict="yes" if i else "no")
            )
        held = {
            name: [tuple(row) for row in connection.execute(table.select())]
            for name, table in t.items()
            if name != "alembic_version"
        }
    engine.dispose()
    return held


def prediction(run: str, example: Example) -> str:
    return stable_id("prediction", run, example.id, "0")


def rows_of(store: Store, held: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[Any]]:
    """The same tables as they are now, as many columns as they had."""
    with store.read() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        return {
            name: [
                tuple(row)[: len(rows[0])] if rows else tuple(row)
                for row in connection.execute(tables.tables[name].select())
            ]
            for name, rows in held.items()
        }


def test_nothing_of_a_filled_store_is_lost_or_changed(where: Settings) -> None:
    held = old_store(where)
    assert len(held["judgments"]) == 3
    store = open_store(where)
    now = rows_of(store, held)
    for name, rows in held.items():
        assert sorted(map(repr, now[name])) == sorted(map(repr, rows)), name
    (row,) = following(store, TableQuery(study="s")).rows
    assert (row.followed, row.n) == (2, 3)
    store.close()


def test_every_example_of_an_old_store_has_its_key(where: Settings) -> None:
    old_store(where)
    store = open_store(where)
    with store.read() as connection:
        rows = connection.execute(sa.select(examples)).all()
    assert len(rows) == MANY + 5
    for row in rows:
        example = Example(row.instruction, row.input, image=row.image, variant=row.variant)
        assert row.match_key == example_key(example)
    store.close()


def test_runs_of_an_old_store_share_what_was_written_in_two_ways(where: Settings) -> None:
    old_store(where)
    store = open_store(where)
    found = sharing(store, ["a", "b"])
    assert found.shared == 5
    assert [(r.run, r.examples, r.left_out) for r in found.runs] == [
        ("a", MANY, MANY - 5),
        ("b", 5, 0),
    ]
    made = create_study(store, StudyPlan("both", ["a", "b"]))
    assert made.sample == 5
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(judgments)) == 3
        assert connection.scalar(sa.select(sa.func.count()).select_from(predictions)) == MANY + 5
    store.close()


def test_opening_an_old_file_a_second_time_changes_nothing(tmp_path: Path) -> None:
    from sit_core.settings import settings

    where = settings({"SIT_HOME": str(tmp_path / "home")})
    old_store(where)
    open_store(where).close()
    before = (where.home / "sit.db").read_bytes()
    store = open_store(where)
    with store.read() as connection:
        assert migrations.current(connection) == migrations.NEWEST
    store.close()
    assert (where.home / "sit.db").read_bytes() == before


def test_outputs_that_a_limit_ended_are_cut_and_wrong_everywhere(where: Settings) -> None:
    """It stood in their meta; accuracy, Runs and Inspect then said different things of them."""
    old_store(where)
    one, two = (prediction("a", Example("Answer.", f"Café {i}?\nYes or no?")) for i in (0, 1))
    engine = _engine(where)
    with EngineStore(engine, where.database_url).write() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        t = tables.tables
        told = t["predictions"].update().where(t["predictions"].c.id == one)
        connection.execute(told.values(meta={"tokens": 9, "cut": True}))
        said = t["predictions"].update().where(t["predictions"].c.id == two)
        connection.execute(said.values(meta={"note": 'it says "cut": true', "cut": False}))
        connection.execute(
            t["scores"].insert(),
            [
                {"prediction_id": which, "metric": "accuracy", "how": "", "step": "", "value": 1.0}
                | {"version": "", "created_at": 0}
                for which in (one, two)
            ],
        )
    engine.dispose()
    store = open_store(where)
    outcomes = {output.id: output.outcome for output in read_outputs(store, ["a"])}
    assert (outcomes[one], outcomes[two]) == (Outcome.CUT, None)
    assert [run.cut for run in list_runs(store) if run.name == "a"] == [1]
    with store.read() as connection:
        c = scores.c
        rows = connection.execute(sa.select(c.value, c.counted, c.reason).order_by(c.id)).all()
    assert [tuple(row) for row in rows] == [
        (None, 0.0, "the output was cut off before its end"),
        (1.0, 1.0, None),
    ]


def test_scores_of_before_say_what_a_mean_takes_them_for(where: Settings) -> None:
    """Left out with nothing to compare with, else 0; of several steps, the mean with gaps as 0."""
    old_store(where, "0006")
    engine = _engine(where)
    one = prediction("a", Example("Answer.", "Café 0?\nYes or no?"))
    two = prediction("a", Example("Answer.", "Café 1?\nYes or no?"))
    made = [
        (one, "accuracy", "", 1.0, None, 1.0),
        (two, "accuracy", "", None, "no answer is to be found", 0.0),
        (one, "accuracy 2", "", None, "no gold answer", None),
        (two, "accuracy 2", "", None, "the gold answer is none of the choices", None),
        (one, "rouge-l", "", None, "the input is not repeated", 0.3),
        (one, "rouge-l", "paraphrase", 0.6, None, 0.6),
        (one, "rouge-l", "repeat", None, "the input is not repeated", 0.0),
        (two, "rouge-l", "", None, "there is no intermediate step", None),
        (one, "bertscore", "", None, "nothing in the output is left for this step", 0.0),
        (one, "bertscore", "p", None, "nothing in the output is left for this step", 0.0),
        (one, "following", "x", None, "there is no rule for the step 'x'", None),
    ]
    columns = ("prediction_id", "metric", "step", "value", "reason")
    with EngineStore(engine, where.database_url).write() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        connection.execute(
            tables.tables["scores"].insert(),
            [
                {**dict(zip(columns, row, strict=False)), "how": "", "version": "", "created_at": 0}
                for row in made
            ],
        )
    engine.dispose()
    with open_store(where).read() as connection:
        rows = connection.execute(sa.select(scores.c.counted).order_by(scores.c.id)).all()
    assert [row[0] for row in rows] == [row[-1] for row in made]


def test_verdicts_of_before_refer_to_no_wording_and_later_ones_to_the_first(
    where: Settings,
) -> None:
    old_store(where, "0008")
    store = open_store(where)
    study = get_study(store, "s")
    assert (study.guidelines_version, study.practice_required) == (1, False)
    assert [(one.version, one.text) for one in guideline_versions(store)] == [(1, "")]
    reply = exchange(store, study, "Ben", {"progress": True})
    assert (reply["hand"], reply["practice"]) == ([], None)
    sample = prediction("a", Example("Answer.", "Café 0?\nYes or no?"))
    again = {"id": "x", "prediction": sample, "verdicts": {"answer": "yes"}, "base": {"answer": 1}}
    ack = exchange(store, study, "Ann", {"submissions": [again | {"guidelines": 1}]})["acks"][0]
    assert ack["ok"]
    rows = list(TABLES.get("judgments").rows(store, TableQuery(study="s")))
    assert [row["guidelines_version"] for row in rows] == [UNKNOWN] * 3 + ["1"]
    assert list(TABLES.get("judgments").columns)[-1] == "guidelines_version"
    store.close()
