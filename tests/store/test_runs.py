"""Imports are whole or nothing, the same file twice is nothing new, memory stays flat."""

import io
import json
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from sit_core.errors import SitError
from sit_core.metrics.registry import Score
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.run_check import check_stored
from sit_core.store.runs import ImportCancelled, delete_run, import_predictions, list_runs
from sit_core.store.schema import examples, judges, judgments, predictions, runs, scores
from sit_core.store.scores import save_scores
from sit_core.tasks import steps_named
from tests.factories import judge, make_run, make_study


def row(i: int, output: str = "said", **more: Any) -> dict[str, Any]:
    return {
        "instruction": "First repeat the input, then answer.",
        "input": f"{i}?",
        "output": output,
        **more,
    }


def rows(n: int, **more: Any) -> list[dict[str, Any]]:
    return [row(i, f"said {i}", **more) for i in range(n)]


def planned(content: list[dict[str, Any]] | str, run: str = "run", **changes: Any) -> ImportFile:
    if not isinstance(content, str):
        content = "".join(json.dumps(r) + "\n" for r in content)
    data = content.encode()
    source = SourceFile(f"{run}.jsonl", lambda: io.BytesIO(data))
    return ImportFile(source, run, look_at(source).mapping, **changes)


def bring(store: Store, content: Any, run: str = "run", keep_good: bool = False, **changes: Any):
    return import_predictions(store, [planned(content, run, **changes)], keep_good=keep_good)


def table(store: Store, which: Any) -> list[Mapping[str, Any]]:
    with store.read() as connection:
        return [r._mapping for r in connection.execute(select(which))]


def test_every_row_is_stored_as_it_was(store: Store) -> None:
    texts = ["", "tab\tnewline\n漢字 \u202e🙂", "<b>x</b>"]
    report = bring(store, [row(i, t, target="A", prompt="p") for i, t in enumerate(texts)])
    assert (report.imported, report.known, report.refused, report.empty) == (3, 0, 0, 1)
    found = sorted(table(store, predictions), key=lambda p: p["row"])
    assert [p["output"] for p in found] == texts
    assert [(p["row"], p["length"]) for p in found] == [(i, len(t)) for i, t in enumerate(texts)]
    assert {json.dumps(p["meta"]) for p in found} == {'{"prompt": "p"}'}
    example = next(e for e in table(store, examples) if e["input"] == "0?")
    assert (example["reference"], example["steps"][0]["expected"]) == ("A", "0?")


def test_the_same_file_twice_is_known_and_changes_nothing(store: Store) -> None:
    bring(store, rows(600))
    before = table(store, runs), table(store, predictions), table(store, examples)
    report = bring(store, rows(600))
    assert (report.imported, report.known, report.refused) == (0, 600, 0)
    assert before == (table(store, runs), table(store, predictions), table(store, examples))


def test_a_longer_version_of_a_file_adds_what_is_new(store: Store) -> None:
    bring(store, rows(3))
    report = bring(store, rows(5))
    assert (report.imported, report.known) == (2, 3)
    assert sorted(p["row"] for p in table(store, predictions)) == [0, 1, 2, 3, 4]
    assert len(table(store, runs)[0]["provenance"]["files"]) == 2


def test_one_refused_row_means_that_nothing_is_stored(store: Store) -> None:
    content = rows(700)
    content[650]["output"] = None
    report = bring(store, content)
    assert (report.imported, report.refused, report.good, report.stored) == (0, 1, 699, False)
    assert report.problems[0].line == 651
    assert table(store, runs) == table(store, predictions) == table(store, examples) == []


def test_the_good_rows_are_stored_if_asked(store: Store) -> None:
    content = rows(10)
    content[3]["output"] = None
    report = bring(store, content, keep_good=True)
    assert (report.imported, report.refused, report.stored) == (9, 1, True)
    assert sorted(p["row"] for p in table(store, predictions)) == list(range(9))


def test_without_a_single_good_row_nothing_is_stored_even_so(store: Store) -> None:
    report = bring(store, [row(1, output=None)], keep_good=True)
    assert not report.stored
    assert table(store, runs) == []


def test_all_files_are_checked_and_stored_together_or_not_at_all(store: Store) -> None:
    bad = [row(0, output=None)]
    report = import_predictions(
        store, [planned(bad, "a"), planned(rows(2), "b"), planned(bad, "c"), planned("", "d")]
    )
    assert [p.file for p in report.problems] == ["a.jsonl", "c.jsonl", "d.jsonl"]
    assert (report.refused, report.good, report.imported) == (3, 2, 0)
    assert table(store, runs) == []


def test_twenty_problems_are_shown_and_all_are_counted(store: Store) -> None:
    report = bring(store, [row(i, output=None) for i in range(1300)])
    assert (len(report.problems), report.refused) == (20, 1300)


def test_another_output_for_the_same_place_is_refused_and_names_the_way_out(store: Store) -> None:
    bring(store, rows(3))
    report = bring(store, [row(0, "said 0"), row(1, "something else")])
    assert (report.known, report.refused, report.stored) == (1, 1, False)
    assert report.problems[0].line == 2
    assert "another name" in report.problems[0].reason
    assert bring(store, [row(1, "something else")], run="other").imported == 1


def test_several_outputs_for_one_example_are_numbered(store: Store) -> None:
    content = [row(0, "a"), row(0, "b"), row(0, "a")]
    assert bring(store, content).imported == 3
    assert sorted(p["ordinal"] for p in table(store, predictions)) == [0, 1, 2]
    assert len(table(store, examples)) == 1
    assert bring(store, content).known == 3


def test_runs_share_their_examples_whatever_the_order_of_the_golds(store: Store) -> None:
    bring(store, [row(0, "x", target="one"), row(0, "y", target="two")], run="a")
    bring(store, [row(0, "z", target="two")], run="b")
    bring(store, [row(0, "z", target="three"), row(0, "v", target="one")], run="c")
    found = {(e["variant"], e["reference"]) for e in table(store, examples)}
    assert found == {(0, "one"), (1, "two"), (2, "three")}
    with store.read() as connection:
        joined = connection.execute(
            select(runs.c.name, examples.c.reference)
            .join(predictions, predictions.c.run_id == runs.c.id)
            .join(examples, examples.c.id == predictions.c.example_id)
        )
        assert ("b", "two") in [tuple(r) for r in joined]


def test_a_missing_gold_is_filled_in_and_a_present_one_is_kept(store: Store) -> None:
    bring(store, [row(0)], run="without")
    bring(store, [row(0, target="A")], run="with")
    assert [e["reference"] for e in table(store, examples)] == ["A"]
    bring(store, [row(0)], run="again without")
    bring(store, [row(0, target="B")], run="other gold")
    found = {(e["variant"], e["reference"]) for e in table(store, examples)}
    assert found == {(0, "A"), (1, "B")}


def test_missing_steps_are_filled_in_and_other_ones_are_kept_with_a_note(store: Store) -> None:
    plain = [{"instruction": "Do it.", "output": "x"}]
    bring(store, plain, run="a")
    assert table(store, examples)[0]["steps"] == []
    bring(store, plain, run="a", steps=steps_named(["follow"]))
    assert [s["letter"] for s in table(store, examples)[0]["steps"]] == ["F"]
    report = bring(store, plain, run="b", steps=steps_named(["answer"]))
    assert report.imported == 1
    assert "kept" in report.notes[0]
    assert [s["letter"] for s in table(store, examples)[0]["steps"]] == ["F"]


def test_a_column_may_fill_several_runs(store: Store) -> None:
    content = [row(i, run=f"run {i % 3}") for i in range(9)]
    report = bring(store, content)
    assert report.runs == ("run 0", "run 1", "run 2")
    assert {r.name: r.outputs for r in list_runs(store)} == dict.fromkeys(report.runs, 3)
    assert sorted(p["row"] for p in table(store, predictions)) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_stopped_import_leaves_nothing(store: Store) -> None:
    seen: list[float] = []
    with pytest.raises(ImportCancelled, match="nothing was stored"):
        import_predictions(
            store,
            [planned(rows(3000))],
            progress=lambda n, share: seen.append(share),
            cancelled=lambda: len(seen) >= 2,
        )
    assert len(seen) == 2
    assert table(store, runs) == table(store, predictions) == []


def test_progress_grows_to_all_rows_and_all_bytes(store: Store) -> None:
    seen: list[tuple[int, float]] = []
    files = [planned(rows(1200), "a"), planned(rows(1200), "b")]
    import_predictions(store, files, progress=lambda n, share: seen.append((n, share)))
    assert seen == sorted(seen)
    assert seen[-1] == (2400, 1.0)
    assert len(seen) > 4


def test_the_store_knows_where_a_run_came_from(store: Store, tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "model.es.jsonl"
    path.write_text(json.dumps(row(1, target="A")) + "\n")
    source = SourceFile.at(path)
    import_predictions(store, [ImportFile(source, "r", look_at(source).mapping)])
    (found,) = list_runs(store)
    (origin,) = found.provenance["files"]
    assert origin["file"] == "model.es.jsonl"
    assert origin["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert origin["format"] == "jsonl"
    assert origin["mapping"]["reference"] == "target"
    assert origin["version"]
    assert origin["imported_at"] > 0
    assert str(tmp_path) not in json.dumps(found.provenance)


def test_the_list_of_runs_counts_outputs_empty_ones_and_chains(store: Store) -> None:
    bring(store, [row(0, ""), row(0, "again"), row(1, "x")], run="a")
    bring(store, [{"instruction": "Do it.", "output": "x"}], run="b")
    newest, oldest = list_runs(store)
    assert (newest.name, newest.chains) == ("b", ())
    assert (oldest.outputs, oldest.empty, oldest.examples, oldest.chains) == (3, 1, 2, ("R+A",))
    assert oldest.files == ["a.jsonl"]


def test_a_run_that_no_study_uses_can_be_taken_away_with_its_own_examples(store: Store) -> None:
    bring(store, rows(3), run="a")
    bring(store, rows(2), run="b")
    delete_run(store, "a")
    assert [r.name for r in list_runs(store)] == ["b"]
    assert len(table(store, examples)) == 2
    with pytest.raises(SitError, match="no run 'a'"):
        delete_run(store, "a")


def test_a_run_of_a_study_or_with_judgments_stays(store: Store) -> None:
    bring(store, rows(3), run="a")
    bring(store, rows(3), run="b")
    make_study(store, "my study", ["a"])
    judge(store, None, table(store, predictions)[-1]["id"], "m", {"answer": "yes"}, kind="llm")
    judged = {"a", "b"}
    for name in judged:
        with pytest.raises(SitError):
            delete_run(store, name)
    assert {r.name for r in list_runs(store)} == judged


def test_what_rules_said_goes_with_a_run_and_what_people_said_never(store: Store) -> None:
    ids = make_run(store, "m", 3)
    for one in ids[:2]:
        judge(store, None, one, "rules-1", {"repeat": "yes", "answer": "no"}, kind="rule")
    judge(store, None, ids[0], "rules-1", {"repeat": "no"}, kind="rule")
    other = make_run(store, "other", 1)
    judge(store, None, other[0], "rules-1", {"repeat": "yes"}, kind="rule")
    save_scores(store, [Score(ids[0], "accuracy", 1.0)], {"accuracy": ""}, "rules-1")
    judge(store, None, ids[1], "ann", {"repeat": "yes"})
    with pytest.raises(SitError, match="judged by people; such judgments are never deleted"):
        delete_run(store, "m")
    assert len(table(store, judgments)) == 7
    (number,) = [j["id"] for j in table(store, judges) if j["name"] == "ann"]
    with store.write() as connection:
        connection.execute(delete(judgments).where(judgments.c.judge_id == number))
    gone = delete_run(store, "m")
    assert (gone.outputs, gone.scores, gone.rulings) == (3, 1, 5)
    assert "3 outputs, 1 score and 5 verdicts of rules" in gone.sentence
    assert [j["prediction_id"] for j in table(store, judgments)] == other
    assert table(store, scores) == []
    judge(store, None, other[0], "gpt", {"repeat": "yes"}, kind="llm")
    with pytest.raises(SitError, match="judged by an LLM"):
        delete_run(store, "other")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_rows(sqlite_store: Store, tmp_path: Path) -> None:
    def peak(n: int) -> int:
        path = tmp_path / f"{n}.jsonl"
        with path.open("w") as file:
            file.writelines(json.dumps(row(i, "x" * 1000, target="A")) + "\n" for i in range(n))
        source = SourceFile.at(path)
        plan = ImportFile(source, path.stem, look_at(source).mapping)
        tracemalloc.start()
        assert import_predictions(sqlite_store, [plan]).imported == n
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(600)  # compiles the statements
    small = peak(1500)
    # A row's text is 1,100 bytes and more; the numbering's tables take 50 to 250 while they grow.
    assert peak(6000) < small + 4500 * 300


def test_outcomes_and_thoughts_are_imported_and_a_text_from_before_is_known(store: Store) -> None:
    thought = "<think>\nHm.\n</think>\n\nhello"
    report = bring(store, [row(0, thought, finish_reason="length"), row(1, "hi")])
    assert report.imported == 2
    found = sorted(table(store, predictions), key=lambda p: p["row"])
    assert [(p["output"], p["thoughts"], p["outcome"]) for p in found] == [
        ("hello", "Hm.", "cut"),
        ("hi", None, None),
    ]
    assert bring(store, [row(0, thought), row(1, "hi")]).known == 2
    with store.write() as connection:  # as it was stored before thoughts were told apart
        connection.execute(
            update(predictions).where(predictions.c.row == 0).values(output=thought, thoughts=None)
        )
    assert bring(store, [row(0, thought)]).known == 1


def test_runs_whose_thoughts_are_kept_are_left_alone(store: Store) -> None:
    thought = "<think>\nHm.\n</think>\n\nhello"
    bring(store, [row(0, thought)], thoughts="keep")
    bring(store, [row(0, "hi")], "other")
    (kept, other) = check_stored(store)
    assert (kept.thoughts, other.thoughts) == (0, 0)
    assert table(store, predictions)[0]["output"] in (thought, "hi")
