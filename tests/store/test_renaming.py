"""Runs and studies under new names: nothing is lost, each former name leads to one of them."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from sit_core.actions import action_called
from sit_core.annotation.responses import study_json
from sit_core.annotation.session import exchange
from sit_core.config.parse import from_plain
from sit_core.errors import SitError, UsageError
from sit_core.export import export_bytes
from sit_core.names import clean_name
from sit_core.results.following import following
from sit_core.results.leaderboard.build import LeaderboardQuestion, leaderboard
from sit_core.results.table_query import TableQuery
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.browse import run_names
from sit_core.store.jobs import JobState, add_job, end_job, list_jobs
from sit_core.store.live_samples import keep_in_new_study, keep_in_study, studies_for
from sit_core.store.prompt_sets import assign_runs, get_prompt_set
from sit_core.store.renaming import (
    archive_runs,
    archive_studies,
    archived_runs,
    archived_studies,
    former_names_of_runs,
    former_names_of_studies,
    present_runs,
    present_study,
    rename_run,
    rename_study,
)
from sit_core.store.run_contents import error_reasons, run_outputs
from sit_core.store.run_resume import open_run
from sit_core.store.runs import delete_run, list_runs, run_called
from sit_core.store.schema import predictions, run_errors, runs, systems
from sit_core.store.studies import StudyPlan, create_study, get_study, list_studies
from sit_core.store.systems import (
    System,
    get_system,
    list_systems,
    put_reported,
    remove_system,
    set_system,
)
from tests.factories import REPEAT_ANSWER, make_run, make_study
from tests.store.test_live_samples import BASE, kept
from tests.store.test_runs import bring, rows


def ids(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(select(predictions.c.id)))


def test_a_run_keeps_its_outputs_and_is_found_under_every_name_it_had(store: Store) -> None:
    made = make_run(store, "a", 3)
    rename_run(store, "a", "  b  ")
    renamed = rename_run(store, "a", "c")  # by its first name
    assert renamed.sentence == "'b' is now called 'c'; its former name leads to it still."
    assert run_names(store) == ["c"]
    assert ids(store) == set(made)
    assert present_runs(store, ["b", "x", "a", "c"]) == ("c", "x", "c", "c")
    assert [run_called(store, name) for name in ("a", " a\t", "b", "c")] == ["c"] * 4
    assert [o.id for o in run_outputs(store, "a")] == made
    assert former_names_of_runs(store) == {"c": ("a", "b")}
    assert rename_run(store, "c", "c").sentence == "It is called 'c' already."


def test_a_run_may_go_back_to_a_former_name(store: Store) -> None:
    make_run(store, "a")
    rename_run(store, "a", "b")
    rename_run(store, "b", "a")
    assert former_names_of_runs(store) == {"a": ("b",)}
    assert present_runs(store, ["a", "b"]) == ("a", "a")


def test_no_name_can_stand_for_two(store: Store) -> None:
    for name in ("a", "b"):
        make_run(store, name)
        make_study(store, f"of {name}", [name])
    rename_run(store, "a", "c")
    rename_study(store, "of a", "of c")
    for name in ("a", "c"):
        with pytest.raises(SitError, match="choose another name"):
            rename_run(store, "b", name)
        with pytest.raises(SitError, match="choose another name"):
            rename_study(store, "of b", f"of {name}")
        with pytest.raises(SitError, match="choose another name"):
            create_study(store, StudyPlan(f"of {name}", ["b"]))
    with pytest.raises(SitError, match="did you mean"):
        rename_run(store, "bb", "d")
    for wrong in ("", "\u200b", "x" * 201):
        with pytest.raises(UsageError):
            rename_run(store, "b", wrong)
    assert sorted(run_names(store)) == ["b", "c"]
    delete_run_of_its_own(store)


def delete_run_of_its_own(store: Store) -> None:
    """A deleted run's names are free again."""
    make_run(store, "gone")
    rename_run(store, "gone", "going")
    assert delete_run(store, "gone").run == "going"
    make_run(store, "gone")
    assert present_runs(store, ["gone", "going"]) == ("gone", "going")


names = st.sampled_from(["a", "b", "c", "d", "e", "a ", " B"])


@hypothesis_settings(max_examples=25)
@given(steps=st.lists(st.tuples(names, names), max_size=8))
def test_each_name_leads_to_one_run_whatever_was_renamed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    home = tmp_path_factory.mktemp("home")
    store = open_store(settings({"SIT_HOME": str(home)}))
    with store.write() as connection:
        for name in "ab":
            connection.execute(
                insert(runs).values(name=name, settings={"of": name}, provenance={}, created_at=0.0)
            )
    owner = {"a": "a", "b": "b"}  # name → whose it is
    called = {"a": "a", "b": "b"}  # whose → what it is called now
    for before, new in steps:
        of, name = owner.get(before), clean_name(new)
        if of is None or owner.get(name, of) != of:
            with pytest.raises(SitError):
                rename_run(store, before, new)
        else:
            rename_run(store, before, new)
            owner[name] = of
            called[of] = name
        found = {run.name: run.settings["of"] for run in list_runs(store)}
        assert found == {name: of for of, name in called.items()}
        assert present_runs(store, list(owner)) == tuple(called[of] for of in owner.values())
    store.close()


def test_a_file_imported_again_under_the_former_name_is_known(store: Store) -> None:
    assert bring(store, rows(3), "a").imported == 3
    before = ids(store)
    rename_run(store, "a", "b")
    for name in ("a", "b"):
        report = bring(store, rows(3), name)
        assert (report.imported, report.known, list(report.runs)) == (0, 3, ["b"])
    assert bring(store, rows(4), "a").imported == 1
    assert len(ids(store)) == 4
    assert before < ids(store)
    assert run_names(store) == ["b"]


def test_a_run_that_was_begun_goes_on_under_either_name(store: Store) -> None:
    from sit_core.records import Example

    asked = [Example("Answer.", str(i)) for i in range(3)]

    def begun(name: str):
        how = {"model": "m", "adapter": None, "settings": {"seed": 1}, "provenance": {}, "job": 1}
        return open_run(store, name, asked, **how)

    first = begun("a")
    rename_run(store, "a", "b")
    for name in ("a", "b"):
        again = begun(name)
        assert (again.id, again.name, again.new) == (first.id, "b", False)
        assert [p.id for p in again.planned] == [p.id for p in first.planned]


def test_jobs_and_the_boards_system_go_with_the_run(store: Store) -> None:
    make_run(store, "a")
    make_run(store, "own name")
    work = add_job(store, ["predict", "--run=a"], title="a", folder="/", host="h", run="a")
    planned = add_job(store, ["predict", "--run=new"], title="n", folder="/", host="h", run="new")
    set_system(store, "a", base_model="base")
    set_system(store, "own name", rename="System")
    put_reported(store, [System("others", None, None, None)])
    with pytest.raises(SitError, match=f"job {work.id} works on the run 'a'"):
        rename_run(store, "a", "b")
    end_job(store, work, JobState.CANCELLED, "")
    with pytest.raises(SitError, match="another system 'others'"):
        rename_run(store, "a", "others")
    with pytest.raises(SitError, match=f"job {planned.id} is about to make"):
        rename_run(store, "a", "new")
    rename_run(store, "a", "b")
    rename_run(store, "own name", "other name")
    assert [job.run for job in list_jobs(store, run="b")] == ["b"]
    assert get_system(store, "b").base_model == "base"
    assert get_system(store, "a").name == "b"  # as a command from before has it
    assert get_system(store, "own name").name == "System"
    scoring = add_job(store, ["score", "--run=a", "--study=s"], title="s", folder="/", host="h")
    with pytest.raises(SitError, match=f"job {scoring.id} works on the run 'b'"):
        rename_run(store, "b", "c")
    make_study(store, "s", ["b"])
    with pytest.raises(SitError, match=f"job {scoring.id} works on the study 's'"):
        rename_study(store, "s", "t")
    with pytest.raises(SitError, match="taken by systems with outputs"):
        put_reported(store, [System("a", None, None, None)])
    remove_system(store, "a")
    assert [system.name for system in list_systems(store)] == ["System", "others"]


def test_exported_outputs_come_back_as_known_under_the_present_name(store: Store) -> None:
    bring(store, rows(3), "a")
    rename_run(store, "a", "b")
    exported = export_bytes(store, "predictions", TableQuery(runs=("b",)), "jsonl")
    assert {json.loads(line)["run"] for line in exported.splitlines()} == {"b"}
    report = bring(store, exported.decode(), "other")
    assert (report.imported, report.known, list(report.runs)) == (0, 3, ["b"])


def test_guidelines_are_exported_for_a_run_by_its_former_name(store: Store) -> None:
    make_run(store, "a")
    make_study(store, "s", ["a"])
    before = export_bytes(store, "guidelines", TableQuery(runs=("a",)), "jsonl")
    rename_run(store, "a", "b")
    assert before
    assert export_bytes(store, "guidelines", TableQuery(runs=("a",)), "jsonl") == before
    assert export_bytes(store, "guidelines", TableQuery(runs=("b",)), "jsonl") == before


def test_why_outputs_are_missing_is_found_under_a_former_name(store: Store) -> None:
    (made, *_) = make_run(store, "a", 2)
    with store.write() as connection:
        example = connection.scalar(
            select(predictions.c.example_id).where(predictions.c.id == made)
        )
        run_id = connection.scalar(select(runs.c.id))
        place = {"run_id": run_id, "example_id": example, "ordinal": 1, "row": 2}
        connection.execute(insert(run_errors).values(**place, reason="no", created_at=0.0))
    rename_run(store, "a", "b")
    assert error_reasons(store, "a") == error_reasons(store, "b") == [(2, "no")]


def test_live_outputs_go_on_into_the_renamed_run_and_study(store: Store) -> None:
    plan = StudyPlan("seen live", [], annotators=1)
    first = keep_in_new_study(store, [kept("one")], plan)
    rename_run(store, BASE.name, "base model")
    rename_study(store, "seen live", "shown")
    assert keep_in_new_study(store, [kept("one")], plan).study == "shown"  # the same once more
    second = keep_in_study(store, [kept("one"), kept("two")], "seen live")
    assert (second.study, second.added, second.known) == ("shown", 1, 1)
    assert second.predictions[0] == first.predictions[0]
    assert [(run.name, run.outputs) for run in list_runs(store)] == [("base model", 2)]
    assert studies_for(store, REPEAT_ANSWER) == ["shown"]
    archive_studies(store, ["shown"])
    assert studies_for(store, REPEAT_ANSWER) == []


def test_a_study_keeps_its_verdicts_and_what_browsers_have_not_sent(store: Store) -> None:
    make_run(store, "a")
    study = make_study(store, "old", ["a"])
    reply = exchange(store, study, "Ann")
    sample = reply["hand"][0]
    before = study_json(study, "Ann")["token"]
    rename_study(store, "old", "new")
    renamed = get_study(store, "old")
    assert (renamed.id, renamed.name) == (study.id, "new")
    assert study_json(renamed, "Ann")["token"] == before
    sent = {"id": "x", "prediction": sample, "verdicts": {"repeat": "yes", "answer": "no"}}
    assert exchange(store, renamed, "Ann", {"submissions": [sent]})["acks"][0]["ok"]
    table = following(store, TableQuery("new", runs=("a",)))
    assert sum(row.n for row in table.rows) == 3  # two steps and the chain
    assert present_study(store, "old") == "new"
    assert former_names_of_studies(store) == {"new": ("old",)}


def test_a_prompt_set_is_told_runs_by_former_names(store: Store) -> None:
    make_run(store, "a")
    rename_run(store, "a", "b")
    assign_runs(store, "mine", ["a"])
    assert dict(get_prompt_set(store, "mine").runs) == {"b": 3}


def test_archived_ones_are_left_out_of_lists_and_stay_as_they_are(store: Store) -> None:
    made = {name: make_run(store, name) for name in ("a", "b")}
    for name in ("a", "b"):
        set_system(store, name)
        make_study(store, f"of {name}", [name])
    assert archive_runs(store, ["a"]) == ("a",)
    assert archive_studies(store, ["of a"]) == ("of a",)
    assert archived_runs(store) == ["a"]
    assert archived_studies(store) == ["of a"]
    assert [run.name for run in list_runs(store)] == ["b"]
    assert {run.name: run.archived for run in list_runs(store, archived=True)} == {
        "a": True,
        "b": False,
    }
    assert run_names(store, archived=False) == ["b"]
    assert [study.name for study in list_studies(store)] == ["of b"]
    assert get_study(store, "of a").archived
    assert [o.id for o in run_outputs(store, "a")] == made["a"]
    assert following(store, TableQuery("of a")).rows
    board = leaderboard(store)
    assert [row.system for row in board.rows] == ["b"]
    assert "Not on the board: 1 run that is archived (a)" in " ".join(board.notes)
    named = leaderboard(store, LeaderboardQuestion(systems=("a", "b")))
    assert sorted(row.system for row in named.rows) == ["a", "b"]
    with pytest.raises(UsageError, match="xx"):
        archive_runs(store, ["b", "xx"])
    assert archived_runs(store) == ["a"]
    assert archive_runs(store, ["a"], archived=False) == ("a",)
    assert [row.system for row in leaderboard(store).rows] == ["a", "b"]


def test_a_board_is_asked_for_by_former_names(store: Store) -> None:
    for name in ("a", "b"):
        make_run(store, name)
        set_system(store, name)
    rename_run(store, "a", "c")
    board = leaderboard(store, LeaderboardQuestion(systems=("a", "b"), reference="a"))
    assert sorted(row.system for row in board.rows) == ["b", "c"]
    assert board.question.reference == "c"


@pytest.mark.parametrize(("run", "against"), [("a", "b"), ("b", "a"), ("a", "a"), ("b", "b")])
def test_a_run_is_never_compared_with_itself_by_another_of_its_names(
    store: Store, run: str, against: str
) -> None:
    make_run(store, "a", 3)
    make_run(store, "x", 3)
    rename_run(store, "a", "b")
    model = {"model": {"model": "microlab"}, "against": against}
    judge, seqeval = action_called("judge"), action_called("seqeval")
    assert judge is not None
    assert seqeval is not None
    asked = from_plain(judge.config, model | {"runs": [run], "judge": "pairwise"}, "judge")
    assert f"The run {against!r} can't be compared with itself." in judge.all_faults(asked, store)
    more = {"name": run, "judge_model": {"model": "microlab"}}
    made = from_plain(seqeval.config, model | more, "seqeval")
    assert any("no other run" in fault for fault in seqeval.all_faults(made, store))
    others = from_plain(judge.config, model | {"runs": ["x"], "judge": "pairwise"}, "judge")
    assert judge.all_faults(others, store) == []


def test_no_system_takes_a_name_that_leads_to_another_run(store: Store) -> None:
    for name in ("a", "b", "other"):
        make_run(store, name)
        set_system(store, name)
    rename_run(store, "a", "c")
    for name in ("a", "b", "c"):
        with pytest.raises(SitError, match="choose another name"):
            set_system(store, "other", rename=name)
    assert set_system(store, "c", rename="a").run == "c"  # its own
    assert [row.run for row in leaderboard(store, LeaderboardQuestion(systems=("a",))).rows] == [
        "c"
    ]


def test_a_system_called_as_a_run_was_once_is_the_one_that_is_meant(store: Store) -> None:
    """Stores from before may hold such a name."""
    for name in ("a", "other"):
        make_run(store, name)
        set_system(store, name)
    rename_run(store, "a", "c")
    with store.write() as connection:
        connection.execute(update(systems).where(systems.c.name == "other").values(name="a"))
    board = leaderboard(store, LeaderboardQuestion(systems=("a",)))
    assert [(row.system, row.run) for row in board.rows] == [("a", "other")]
