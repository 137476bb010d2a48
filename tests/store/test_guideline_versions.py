"""Every verdict keeps the wording of the guidelines that its annotator had."""

import pytest
from sqlalchemy import select, update

from sit_core.annotation.session import exchange
from sit_core.export.tables import TABLES
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.guideline_versions import (
    UNKNOWN,
    guideline_versions,
    verdicts_without_version,
    version_id,
)
from sit_core.store.schema import guidelines, judgments
from sit_core.store.studies import Study, StudyPlan, create_study, get_study, set_guidelines
from tests.factories import REPEAT_ANSWER, judge, make_run, make_study

BOTH = {"repeat": "yes", "answer": "no"}


@pytest.fixture
def study(store: Store) -> Study:
    make_run(store, "a", 4)
    plan = StudyPlan("s", ["a"], steps=REPEAT_ANSWER, guidelines="First wording.", seed=1)
    return create_study(store, plan)


def say(store: Store, study: Study, version: object, verdicts: dict[str, str] = BOTH) -> str:
    """Judge the next sample, from a page with these guidelines; its id."""
    sample = exchange(store, study, "Ann")["hand"][0]
    item = {"id": sample, "prediction": sample, "verdicts": verdicts, "guidelines": version}
    assert exchange(store, study, "Ann", {"submissions": [item]})["acks"][0]["ok"]
    return sample


def exported(store: Store) -> dict[tuple[str, str, int], str | None]:
    rows = TABLES.get("judgments").rows(store, TableQuery(study="s"))
    return {
        (row["prediction_id"], row["step"], row["revision"]): row["guidelines_version"]
        for row in rows
    }


def test_a_new_study_has_version_one(store: Store, study: Study) -> None:
    assert study.guidelines_version == 1
    assert [(v.version, v.text) for v in guideline_versions(store, ["s"])] == [
        (1, "First wording.")
    ]


def test_a_change_is_a_new_version_and_the_same_again_is_none(store: Store, study: Study) -> None:
    for text in ("Second wording.", "Second wording.", "First wording."):
        set_guidelines(store, "s", text)
    versions = guideline_versions(store, ["s"])
    assert [v.text for v in versions] == ["First wording.", "Second wording.", "First wording."]
    assert [v.version for v in versions] == [1, 2, 3]
    assert versions[0].sha256 == versions[2].sha256 != versions[1].sha256
    assert (get_study(store, "s").guidelines, get_study(store, "s").guidelines_version) == (
        "First wording.",
        3,
    )


def test_a_verdict_keeps_the_version_that_its_page_showed(store: Store, study: Study) -> None:
    first = say(store, study, 1)
    set_guidelines(store, "s", "Second wording.")
    second = say(store, study, 1)  # this page was open since before
    third = say(store, get_study(store, "s"), 2)
    found = exported(store)
    assert {found[first, step, 1] for step in BOTH} == {"1"}
    assert {found[second, step, 1] for step in BOTH} == {"1"}
    assert {found[third, step, 1] for step in BOTH} == {"2"}
    assert [v.verdicts for v in guideline_versions(store, ["s"])] == [4, 2]
    assert verdicts_without_version(store, "s") == 0


def test_a_verdict_that_is_changed_keeps_both_versions(store: Store, study: Study) -> None:
    sample = say(store, study, 1)
    set_guidelines(store, "s", "Second wording.")
    again = {"id": "x", "prediction": sample, "verdicts": {"answer": "yes"}, "base": {"answer": 1}}
    exchange(store, study, "Ann", {"submissions": [again | {"guidelines": 2}]})
    found = exported(store)
    assert (found[sample, "answer", 1], found[sample, "answer", 2]) == ("1", "2")


@pytest.mark.parametrize("version", [None, 7, 0, -1, "1", 1.5, True, 2**40])
def test_a_version_that_is_none_is_unknown_and_the_verdict_is_kept(
    store: Store, study: Study, version: object
) -> None:
    sample = say(store, study, version)
    assert {exported(store)[sample, step, 1] for step in BOTH} == {UNKNOWN}
    assert verdicts_without_version(store, "s") == 2


def test_another_studys_version_is_not_this_ones(store: Store, study: Study) -> None:
    other = make_study(store, "other", ["a"])
    set_guidelines(store, "other", "Its second wording.")
    with store.read() as connection:
        assert version_id(connection, study.id, 2) is None
        assert version_id(connection, other.id, 2) is not None


def test_verdicts_of_machines_have_no_guidelines(store: Store, study: Study) -> None:
    with store.read() as connection:
        sample = connection.scalar(select(judgments.c.prediction_id).limit(1))
    sample = sample or exchange(store, study, "Ann")["hand"][0]
    judge(store, None, sample, "rules", BOTH, kind="rule")
    assert set(exported(store).values()) == {None}
    assert verdicts_without_version(store, "s") == 0


def test_the_wordings_are_exported_with_their_numbers(store: Store, study: Study) -> None:
    set_guidelines(store, "s", "Second wording.")
    make_run(store, "b", 2)
    make_study(store, "of b", ["b"])
    for question in (TableQuery(study="s"), TableQuery(runs=("a",))):
        rows = list(TABLES.get("guidelines").rows(store, question))
        assert [(row["study"], row["guidelines_version"], row["text"]) for row in rows] == [
            ("s", "1", "First wording."),
            ("s", "2", "Second wording."),
        ]


def test_the_desk_hears_of_newer_guidelines(store: Store, study: Study) -> None:
    assert exchange(store, study, "Ann")["guidelines"] == 1
    set_guidelines(store, "s", "Second wording.")
    assert exchange(store, study, "Ann", {"progress": True})["guidelines"] == 2


def test_versions_are_never_changed_by_what_is_there_already(store: Store, study: Study) -> None:
    """A store whose study has no version (made by hand) says 0 and gets one with its next text."""
    with store.write() as connection:
        connection.execute(update(judgments).values(guidelines_id=None))
        connection.execute(guidelines.delete())
    assert get_study(store, "s").guidelines_version == 0
    set_guidelines(store, "s", "Anew.")
    assert get_study(store, "s").guidelines_version == 1
