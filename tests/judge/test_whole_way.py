"""From a file of outputs to rates: the released outputs, and the embedded model as the judge."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.models.config import ModelConfig
from sit_core.records import JudgeKind
from sit_core.results.following import following
from sit_core.results.judge_agreement import differing_samples, judge_agreement
from sit_core.results.judged import judged
from sit_core.results.table_query import TableQuery
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.importing import import_predictions
from tests.factories import make_run
from tests.judge.conftest import JudgeServer, quiet

IMPORTED = "gpt-4-turbo (imported)"


@pytest.mark.slow
def test_the_released_outputs_are_imported_judged_and_compared(
    real_data: Path,
    sqlite_store: Store,
    server: JudgeServer,
    by: Callable[..., JudgeConfig],
) -> None:
    store = sqlite_store
    (path,) = (real_data / "seqeval_judged").glob("*.json")
    source = SourceFile.at(path)
    file = ImportFile(source, "gpt-3.5", look_at(source).mapping)
    report = import_predictions(store, [file])
    assert (report.imported, report.refused) == (805, 0)
    assert (report.verdicts.verdicts, report.verdicts.unusable) == (803, 2)
    assert (report.verdicts.differing, report.verdicts.problems) == (0, [])
    rows = json.loads(path.read_text(encoding="utf-8"))
    scores = [row["score"] for row in rows if row["following"] is not None]
    (row,) = judged(store, judge=IMPORTED).rows
    assert (row.followed, row.n, row.unusable, row.missing) == (708, 803, 2, 0)
    assert row.quality == pytest.approx(sum(scores) / len(scores))
    again = import_predictions(store, [file])
    assert (again.known, again.verdicts.new) == (805, 0)
    # By a judge that finds long outputs good; what it says is recomputed from the file.
    server.says = lambda t: f"[[{'Yes' if len(t['output']) > 500 else 'No'}, 3]]"
    done = judge_runs(store, by("gpt-3.5", in_flight=32), report=quiet)
    assert (done.asked, done.unusable) == (805, 0)
    (own,) = judged(store, judge=done.judge).rows
    long = sum(len(row["output"]) > 500 for row in rows)
    assert (own.followed, own.n) == (long, 805)
    asked = TableQuery(runs=("gpt-3.5",), by=JudgeKind.LLM, annotator=IMPORTED)
    (table_row, *_) = following(store, asked).rows
    assert (table_row.step, table_row.followed, table_row.n) == ("follow", 708, 803)
    found = judge_agreement(store, asked, done.judge, against=IMPORTED)
    (both,) = found.rows
    equal = sum(
        row["following"] == (len(row["output"]) > 500)
        for row in rows
        if row["following"] is not None
    )
    assert (both.samples, both.equal) == (803, equal)
    differ = differing_samples(store, asked, done.judge, "follow", against=IMPORTED)
    assert len(differ) == len(set(differ)) == 803 - equal


@pytest.mark.slow
def test_the_embedded_model_is_no_judge_and_all_it_says_is_counted(sqlite_store: Store) -> None:
    from sit_core.embedded.shipped import BASE

    if not (BASE / "model.safetensors").is_file():
        pytest.skip("the embedded model is not here")
    make_run(sqlite_store, "a", 4, instruction="Do.")
    done = judge_runs(
        sqlite_store, JudgeConfig(("a",), model=ModelConfig("microlab")), report=quiet
    )
    assert (done.outputs, done.asked, done.unusable) == (4, 4, 4)
    (row,) = judged(sqlite_store, judge=done.judge).rows
    assert (row.followed, row.n, row.rate, row.unusable, row.missing) == (0, 0, None, 4, 0)
