"""A report says what the store says, whole or not at all, the same bytes each time."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from sit_core.actions import Context
from sit_core.errors import SitError
from sit_core.records import JudgeKind
from sit_core.report import bundle
from sit_core.report.config import ReportConfig, read_analysis
from sit_core.report.verify import verify
from sit_core.report.write import write_report
from sit_core.results.agreement import agreement
from sit_core.results.following import following
from sit_core.results.scores import scores
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.schema import remarks
from tests.factories import make_run
from tests.report.conftest import PEOPLE, RUNS, STUDY, filled, written

ROOT = Path(__file__).parents[2]


def figures_of(folder: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(
        (folder / "bundle/figures.json").read_text("utf-8")
    )
    return found


def tree(folder: Path) -> dict[str, bytes]:
    names = [*bundle.files_in(folder), "bundle/manifest.json"]
    return {name: (folder / name).read_bytes() for name in names}


def test_its_numbers_are_those_of_the_pages(store: Store, tmp_path: Path) -> None:
    filled(store)
    found = figures_of(written(store, tmp_path / "r"))
    for by in (JudgeKind.HUMAN, JudgeKind.RULE):
        for row in following(store, TableQuery(STUDY, by=by)).rows:
            figure = found[f"following/{by.value} / {row.run} / {row.letter}"]
            assert [figure[key] for key in ("value", "low", "high", "n", "method")] == [
                *(row.rate, row.low, row.high, row.n, row.method)
            ]
    for score in scores(store, RUNS).rows:
        figure = found[f"scores / accuracy / {score.run} / mean"]
        assert (figure["value"], figure["low"], figure["n"]) == (score.mean, score.low, score.n)
    for row in agreement(store, TableQuery(STUDY)).rows:
        figure = found[f"agreement / {row.letter} / annotator 1 – annotator 2 / Cohen's κ"]
        assert (figure["value"], figure["low"], figure["high"]) == (
            *(row.kappa, row.kappa_low, row.kappa_high),
        )
    assert found["methods / runs"] == {"value": 2}
    assert any(path.startswith("comparison/human / ") for path in found)
    assert any(path.startswith("leaderboard / S / ") for path in found)
    assert any(path.startswith("agreement/gpt <i> / ") for path in found)
    assert verify(tmp_path / "r").passed


def test_the_same_store_makes_the_same_bytes(
    one_report: tuple[Store, Path], tmp_path: Path
) -> None:
    store, _ = one_report
    first, again = (written(store, tmp_path / name, date="today") for name in "ab")
    assert tree(first) == tree(again)
    assert b"today" in tree(first)["report.html"]


def test_annotators_have_no_names_unless_asked_for(
    one_report: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = one_report
    for name, content in tree(folder).items():
        for person in PEOPLE:
            assert person.encode() not in content, name
            assert json.dumps(person).strip('"').encode() not in content, name
        assert b"/home/ann" not in content, name
    kept = tree(written(store, tmp_path / "r", names=True))
    assert PEOPLE[0].encode() in kept["report.html"]
    assert PEOPLE[1].encode() in kept["bundle/judgments.jsonl"]
    assert verify(tmp_path / "r").passed


def test_an_analysis_by_one_annotator_is_by_the_pseudonym(
    one_report: tuple[Store, Path], tmp_path: Path
) -> None:
    store, _ = one_report
    asked = (f"comparison?annotator={PEOPLE[1]}",)
    out = written(store, tmp_path / "r", analysis=asked)
    manifest = json.loads((out / "bundle/manifest.json").read_text("utf-8"))
    settings = manifest["question"]["analyses"][0]["settings"]
    assert settings["verdicts"] == {"annotator": "annotator 2", "partly": "done", "study": STUDY}
    assert verify(out).passed


def test_notes_stay_with_who_wrote_them_and_seconds_go_along(
    sqlite_store: Store, tmp_path: Path
) -> None:
    filled(sqlite_store)
    (output,) = make_run(sqlite_store, "x", 1)
    with sqlite_store.write() as connection:
        row = {"study_id": 1, "prediction_id": output, "judge_id": 1}
        row |= {"revision": 1, "note": "a private note", "flagged": False, "created_at": 0.0}
        connection.execute(insert(remarks).values(row))
    found = tree(written(sqlite_store, tmp_path / "r"))
    assert not any(b"a private note" in content for content in found.values())
    rows = [json.loads(line) for line in found["bundle/judgments.jsonl"].splitlines()]
    assert {row["seconds"] for row in rows if row["judge_kind"] == "human"} == {2.5, None}
    assert [row["revision"] for row in rows].count(2) == 1  # every revision, not only the newest


def test_a_report_of_runs_takes_nothing_of_others(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    make_run(sqlite_store, "another", ["a secret"])
    config = ReportConfig(out=str(tmp_path / "r"), runs=RUNS[:1])
    write_report(config, Context(sqlite_store))
    found = tree(tmp_path / "r")
    assert not any(b"a secret" in content for content in found.values())
    assert not any(b"alert(" in content for content in found.values())
    assert verify(tmp_path / "r").passed


def test_runs_whose_steps_are_not_known_are_named(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    make_run(sqlite_store, "of unknown steps", 3, steps=(), instruction="Do it.")
    config = ReportConfig(out=str(tmp_path / "r"), runs=(RUNS[0], "of unknown steps"))
    made = write_report(config, Context(sqlite_store))
    said = [one for one in made.left_out if "'of unknown steps' are not known" in one]
    assert [one.partition(":")[0] for one in said] == [
        "Following by people",
        "Following by LLM judges",
        "Following by rules (an estimate)",
    ]
    assert f"following/human / {RUNS[0]} / R" in figures_of(tmp_path / "r")
    alone = ReportConfig(out=str(tmp_path / "a"), runs=("of unknown steps",))
    assert write_report(alone, Context(sqlite_store)).left_out
    assert verify(tmp_path / "r").passed
    assert verify(tmp_path / "a").passed  # the outputs are counted


def test_what_is_asked_wrongly_is_one_message(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    for more, said in (
        ({"runs": ("nobody",)}, "no run 'nobody'"),
        ({"study": "S9"}, "S9"),
        ({"study": STUDY, "runs": ("nobody",)}, "nobody"),
        ({"runs": RUNS, "baseline": "nobody"}, "nobody"),
        ({"runs": RUNS, "analysis": ("lenth",)}, "length"),
        ({"runs": RUNS, "analysis": ("length?smoth=3",)}, "smooth"),
        ({"runs": RUNS, "analysis": ("length?smooth=0",)}, "smooth"),
        ({"runs": RUNS[:1], "analysis": (f"length?run={quote(RUNS[1])}",)}, "not of"),
    ):
        with pytest.raises(SitError, match=said):
            write_report(ReportConfig(out=str(tmp_path / "r"), **more), Context(sqlite_store))  # type: ignore[arg-type]
        assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("name", ["notes.txt", "bundle/x", "a/b/c.html"])
def test_a_folder_with_something_else_is_left_alone(
    one_report: tuple[Store, Path], tmp_path: Path, name: str
) -> None:
    path = tmp_path / "r" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(SitError, match="no part of an earlier report"):
        written(one_report[0], tmp_path / "r")
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_earlier_report_is_replaced_but_not_one_with_something_added(
    one_report: tuple[Store, Path], report: Path
) -> None:
    before = tree(report)
    written(one_report[0], report, title="Another")
    assert tree(report) != before
    (report / "mine.txt").write_text("mine")
    with pytest.raises(SitError, match=r"mine\.txt"):
        written(one_report[0], report)


KILLED = """
import os, signal, sys
from sit_core.report import bundle, write
from sit_core.files import replacing_folder
import sit_core.files as files
def die(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)
where = sys.argv.pop(1)
if where == "rows":
    bundle.content_of = write.content_of = die
elif where == "hashing":
    bundle.hash_of = die
elif where == "manifest":
    write.write_text = die
elif where == "moved away":
    real = os.rename
    from pathlib import Path
    rename = Path.rename
    def once(self, target):
        rename(self, target)
        die()
    Path.rename = once
from sit_core.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("where", "there"),
    [("rows", False), ("hashing", True), ("manifest", False), ("moved away", True)],
)
def test_a_killed_one_leaves_nothing_half_and_the_same_command_completes(
    sqlite_store: Store, tmp_path: Path, where: str, there: bool
) -> None:
    filled(sqlite_store)
    out = tmp_path / "reports" / "r"
    if there:
        written(sqlite_store, out, title="before")
    before = tree(out) if there else {}
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    words = ["report", "--study", STUDY, "--out", str(out)]
    ended = subprocess.run(
        [sys.executable, str(script), where, *words], env=environ, capture_output=True, text=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    if out.exists() and there and where != "moved away":
        assert tree(out) == before
    if out.exists():
        assert verify(out).passed
    else:
        assert not there or where == "moved away"
    again = subprocess.run(
        [sys.executable, "-m", "sit_core.cli", *words], env=environ, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert verify(out).passed
    assert [path.name for path in out.parent.iterdir()] == ["r"]
    assert not list(temporary.iterdir())  # nor the scratch store of the killed one


def test_analyses_are_named_as_their_page_s_address_has_them() -> None:
    entry = read_analysis("comparison?analysis=x&metric=f1&metric=accuracy&flips=3&by=rule")
    assert entry.settings == {
        "metric": ["f1", "accuracy"],
        "flips": 3,
        "verdicts": {"by": "rule"},
    }
    assert read_analysis('length?run="a,b",c').settings == {"runs": ["a,b", "c"]}
