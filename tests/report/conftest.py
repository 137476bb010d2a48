"""A small study with hostile names, and its report, written once for all tests that only look."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from sit_core.actions import Context
from sit_core.report.config import ReportConfig
from sit_core.report.write import write_report
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.schema import scores, systems
from tests.factories import judge, make_run, make_study

RUNS = ("it $a_b% {x}\\", "<script>alert('sit')</script> | ~^&#")
STUDY = "T1 \\input{/etc/passwd} <b>"
PEOPLE = ("Ann Müller", "bob@example.org")


def filled(store: Store) -> None:
    """Two runs of twelve outputs, judged by two people and by rules, and scored."""
    made = [make_run(store, run, 12) for run in RUNS]
    make_study(store, STUDY, RUNS, annotators=2, ask_order=True)
    for number, ids in enumerate(made):
        for place, name in enumerate(ids):
            for who in PEOPLE:
                said = {
                    "repeat": "yes" if place % (3 + number) else "no",
                    "answer": "partly" if place % 5 == 0 and who == PEOPLE[0] else "yes",
                }
                judge(store, STUDY, name, who, said, seconds=2.5)
            judge(store, None, name, "rules-3", {"repeat": "yes", "answer": "no"}, kind="rule")
            judge(store, None, name, "gpt <i>", {"follow": "yes"}, kind="llm")
        with store.write() as connection:
            for place, name in enumerate(ids):
                row = {"prediction_id": name, "how": "", "step": "", "version": "1"}
                value = float(place % (2 + number) == 0)
                row |= {"metric": "accuracy", "value": value, "counted": value, "created_at": 0.0}
                connection.execute(insert(scores).values(row))
    judge(store, STUDY, made[0][0], PEOPLE[0], {"repeat": "yes"})  # another revision
    with store.write() as connection:
        provenance = {"path": "/home/ann/m"}
        row = {"name": "S", "run_id": 1, "figures": {}, "provenance": provenance, "created_at": 0}
        connection.execute(insert(systems).values(row))


def written(store: Store, out: Path, **more: object) -> Path:
    """The report of the study."""
    write_report(ReportConfig(out=str(out), study=STUDY, **more), Context(store))  # type: ignore[arg-type]
    return out


@pytest.fixture(scope="session")
def one_report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """The store and the folder; nobody changes either."""
    home = tmp_path_factory.mktemp("report")
    store = open_store(settings({"SIT_HOME": str(home / "home")}))
    filled(store)
    out = written(store, home / "out", analysis=("comparison?metric=following", "length?smooth=4"))
    yield store, out
    store.close()


@pytest.fixture
def report(one_report: tuple[Store, Path], tmp_path: Path) -> Path:
    """A copy of its own."""
    return Path(shutil.copytree(one_report[1], tmp_path / "copy"))
