"""Verdicts that came with a file are judgments; what does not fit is said, not believed."""

import csv
import io
import json
from pathlib import Path

import pytest

from sit_core.cli import main
from sit_core.errors import UsageError
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.imported_verdicts import take_imported
from sit_core.store.importing import ImportReport, import_predictions
from sit_core.store.llm_judgments import llm_judges, verdict_counts, verdicts_by_prediction
from sit_core.store.schema import predictions
from tests.factories import make_run

J = "gpt-x (imported)"
GOOD = [
    ("[[Yes, 5]]", True, 5.0),
    ("No, 2.5", False, 2.5),
    ("[Yes, 4]", None, -1),
    ("Sorry?", None, -1.0),
]


def rows(said=GOOD) -> list[dict]:
    return [
        {
            "instruction": f"Do {i}.",
            "output": f"done {i}",
            "judge": "gpt-x",
            "llm_as_a_judge": reply,
            "following": following,
            "score": score,
        }
        for i, (reply, following, score) in enumerate(said)
    ]


def imported(store: Store, made: list[dict], name: str = "r.json", **more) -> ImportReport:
    text = json.dumps(made)
    if name.endswith("csv"):
        out = io.StringIO()
        writer = csv.DictWriter(out, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
        text = out.getvalue()
    source = SourceFile(name, lambda: io.BytesIO(text.encode()))
    return import_predictions(store, [ImportFile(source, "r", look_at(source).mapping)], **more)


@pytest.mark.parametrize("name", ["r.json", "r.csv"])
def test_they_become_judgments_and_again_change_nothing(store: Store, name: str) -> None:
    for new in (2, 0):
        report = imported(store, rows(), name)
        found = report.verdicts
        assert (found.verdicts, found.new, found.unusable, found.differing) == (2, new, 2, 0)
        assert found.judges == [J]
        assert f"Verdicts of {J}: 2, {new} of them new; 2 unusable." in report.notes
    (count,) = verdict_counts(store, J, ["r"])
    assert (count.step, count.yes, count.no, count.unusable) == ("follow", 1, 1, 2)
    assert count.quality == 3.75


@pytest.mark.parametrize(
    ("reply", "following", "score", "says"),
    [
        ("[[Yes, 5]]", False, 5.0, "following is False, the reply says True"),
        ("[[Yes, 5]]", True, 4.0, "score is 4.0, the reply says 5.0"),
        ("[[Yes, 5]]", None, -1, "following is nothing, the reply says True; score is -1"),
        ("[Yes, 4]", True, 4, "following is True, the reply says nothing; score is 4"),
        ("No, 3", "perhaps", 3, "following is perhaps, the reply says False"),
        ("No, 3", False, "three", "score is three, the reply says 3.0"),
    ],
)
def test_where_the_file_says_something_else_neither_is_believed(
    store: Store, reply: str, following: object, score: object, says: str
) -> None:
    report = imported(store, rows([*GOOD[:2], (reply, following, score)]))
    assert (report.imported, report.refused) == (3, 0)  # the outputs are as good as ever
    found = report.verdicts
    assert (found.verdicts, found.unusable, found.differing) == (2, 1, 1)
    (problem,) = found.problems
    assert says in str(problem)
    assert str(problem).startswith("r.json:")
    assert str(problem) in report.notes
    (count,) = verdict_counts(store, J, ["r"])
    assert (count.yes, count.no, count.unusable) == (1, 1, 1)


def test_a_file_without_its_own_reading_is_read_all_the_same(store: Store) -> None:
    made = [{k: v for k, v in row.items() if k not in ("following", "score")} for row in rows()]
    assert imported(store, made).verdicts.unusable == 2
    (count,) = verdict_counts(store, J, ["r"])
    assert (count.yes, count.no) == (1, 1)


def test_rows_without_a_reply_or_a_judge_have_no_verdict(store: Store) -> None:
    made = rows()
    made[0]["judge"] = " "
    made[1]["llm_as_a_judge"] = None
    report = imported(store, made[:2])
    assert not report.verdicts.any
    assert report.notes == ()
    assert llm_judges(store) == []


def test_columns_that_are_read_as_verdicts_are_not_called_unused(store: Store) -> None:
    (told,) = imported(store, rows()).files
    assert told.to_dict()["verdicts"] == ["judge", "llm_as_a_judge", "following", "score"]
    assert not {"judge", "llm_as_a_judge", "following", "score"} & set(told.unused)


def test_what_is_not_stored_has_no_verdicts_either(store: Store) -> None:
    report = imported(store, [*rows(), {"instruction": "Do.", "output": False}])
    assert (report.stored, report.refused) == (False, 1)
    assert llm_judges(store) == []
    assert not any("Verdicts" in note for note in report.notes)
    assert imported(
        store, [*rows(), {"instruction": "Do.", "output": False}], keep_good=True
    ).stored
    assert llm_judges(store)[0].judged == 2


def test_an_output_that_is_refused_gets_no_verdict(store: Store) -> None:
    imported(store, rows())
    changed = rows([("[[No, 1]]", False, 1.0)])
    changed[0]["output"] = "something else"
    report = imported(store, changed, keep_good=True)
    assert report.refused == 1
    (count,) = verdict_counts(store, J, ["r"])
    assert (count.yes, count.no) == (1, 1)


def test_of_runs_that_are_in_the_store_already(store: Store) -> None:
    make_run(store, "plain", 1)
    made = make_run(store, "r", 4)
    with store.write() as connection:
        for prediction, row in zip(made, rows(), strict=True):
            connection.execute(
                predictions.update().where(predictions.c.id == prediction).values(meta=row)
            )
    for new in (2, 0):
        found = take_imported(store, ["r"])
        assert (found.verdicts, found.new, found.unusable) == (2, new, 2)
    assert verdicts_by_prediction(store, J, ["r"])[made[1]].quality == 2.5
    with pytest.raises(UsageError, match="No output of plain came with a verdict"):
        take_imported(store, ["plain"])
    with pytest.raises(UsageError, match="There is no run 'no'"):
        take_imported(store, ["no"])


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(rows([*GOOD, ("[[Yes, 5]]\x1b[31m", False, 5)])))

    def sit(*args: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(args))
        assert caught.value.code == 0
        return capsys.readouterr()

    out, err = sit("import", str(path), "--json")
    found = json.loads(out)
    assert found["imported"] == 5
    assert (found["verdicts"]["verdicts"], found["verdicts"]["unusable"]) == (2, 3)
    assert "following is False, the reply says nothing" in err
    out, err = sit("judge", "--run", "r", "--imported", "--json")
    found = json.loads(out)
    assert (found["new"], found["judges"], found["differing"]) == (0, [J], 1)
    assert found["rows"][0]["n"] == 2
    out, err = sit("judge", "--run", "r", "--imported")
    assert f"Judge: {J}" in out
    assert "3 unusable" in err
