"""A study is a seeded sample of the examples that its runs share, laid out as a queue."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from sit_core.errors import SitError, UsageError
from sit_core.records import Step, chain
from sit_core.store import Store
from sit_core.store.schema import predictions, runs, slots
from sit_core.store.studies import (
    Study,
    StudyPlan,
    create_study,
    delete_study,
    get_study,
    list_studies,
    set_guidelines,
    shared_examples,
    study_steps,
)
from sit_core.store.study_progress import StudyProgress, study_progress
from tests.factories import REPEAT_ANSWER, judge, judge_id, make_run, make_study, remark


def queue(store: Store, study: Study) -> list[tuple[str, str]]:
    """(run, example) in the order of the queue, one per sample."""
    with store.read() as connection:
        rows = connection.execute(
            select(runs.c.name, predictions.c.example_id)
            .join(predictions, predictions.c.run_id == runs.c.id)
            .join(slots, slots.c.prediction_id == predictions.c.id)
            .where(slots.c.study_id == study.id, slots.c.place == 0)
            .order_by(slots.c.position)
        )
        return [(row[0], row[1]) for row in rows]


def refused(store: Store, **plan) -> str:
    with pytest.raises(UsageError) as caught:
        create_study(store, StudyPlan(**{"name": "s", "runs": ["a"], **plan}))
    assert list_studies(store) == []
    return str(caught.value)


def test_every_run_is_judged_on_the_same_sampled_examples(store: Store) -> None:
    make_run(store, "a", 20)
    make_run(store, "b", 20)
    study = create_study(store, StudyPlan("s", ["b", "a"], sample=7, seed=3))
    of: dict[str, list[str]] = {}
    for run, example in queue(store, study):
        of.setdefault(run, []).append(example)
    assert set(of) == {"a", "b"}
    assert len(of["a"]) == 7
    assert set(of["a"]) == set(of["b"])
    assert study.runs == ("b", "a")
    assert (study.sample, study.seed, study.chain) == (7, 3, "R+A")


def test_the_same_seed_draws_the_same_study_and_another_seed_another(store: Store) -> None:
    make_run(store, "a", 30)
    make_run(store, "b", 30)

    def drawn(name: str, seed: int) -> list[tuple[str, str]]:
        return queue(store, create_study(store, StudyPlan(name, ["a", "b"], sample=10, seed=seed)))

    first = drawn("one", 5)
    assert drawn("two", 5) == first
    assert {example for _, example in drawn("three", 6)} != {example for _, example in first}


def test_runs_and_examples_are_shuffled_together(store: Store) -> None:
    make_run(store, "a", 30)
    make_run(store, "b", 30)
    order = [run for run, _ in queue(store, create_study(store, StudyPlan("s", ["a", "b"])))]
    assert order != sorted(order)
    assert order != ["a", "b"] * 30


def test_only_examples_that_all_runs_share_are_drawn(store: Store) -> None:
    make_run(store, "short", 5)
    make_run(store, "long", 50)
    assert shared_examples(store, ["short", "long"]) == 5
    study = create_study(store, StudyPlan("s", ["short", "long"]))
    assert study.sample == 5
    assert len(queue(store, study)) == 10


def test_runs_over_other_questions_are_refused(store: Store) -> None:
    make_run(store, "a", 3)
    make_run(store, "b", 3, instruction="Something else entirely")
    assert shared_examples(store, ["a", "b"]) == 0
    assert "no example in common" in refused(store, runs=["a", "b"])


def test_of_several_outputs_for_one_example_the_first_is_judged(store: Store) -> None:
    (first,) = make_run(store, "a", 1)
    with store.write() as connection:
        row = connection.execute(select(predictions)).mappings().one()
        again = {**row, "id": "second", "ordinal": 1, "row": 1}
        connection.execute(predictions.insert(), [again])
    study = make_study(store, "s", ["a"])
    with store.read() as connection:
        judged = connection.scalars(
            select(slots.c.prediction_id).where(slots.c.study_id == study.id)
        ).all()
    assert judged == [first]


def test_there_are_k_places_at_each_sample(store: Store) -> None:
    make_run(store, "a", 4)
    study = create_study(store, StudyPlan("s", ["a"], annotators=3))
    with store.read() as connection:
        counts = connection.execute(
            select(slots.c.prediction_id, func.count(), func.max(slots.c.place))
            .where(slots.c.study_id == study.id)
            .group_by(slots.c.prediction_id)
        ).all()
    assert [tuple(row)[1:] for row in counts] == [(3, 2)] * 4
    assert study.annotators == 3


def test_unknown_runs_are_all_named_with_the_nearest_ones(store: Store) -> None:
    make_run(store, "mistral", 2)
    said = refused(store, runs=["mistrl", "nothing-alike-123"])
    assert "'mistrl'; did you mean 'mistral'?" in said
    assert "'nothing-alike-123'" in said


def test_a_sample_larger_than_what_is_shared_is_refused_with_the_number(store: Store) -> None:
    make_run(store, "a", 4)
    said = refused(store, sample=5)
    assert "share 4 examples" in said
    assert "at most 4" in said


def test_all_that_is_wrong_is_said_at_once(store: Store) -> None:
    make_run(store, "a", 4)
    said = refused(
        store,
        name=" ",
        runs=["a", "a"],
        sample=0,
        annotators=0,
        claim_minutes=0,
        seed=2**31,
        guidelines="\0",
    )
    for piece in ("needs a name", "named twice", "sample must", "Annotators", "limit", "seed"):
        assert piece in said
    assert "no text" in said
    assert "at least one run" in refused(store, runs=[])


@pytest.mark.parametrize("name", ["x" * 201, "\u2028", "\ud800 \0"])
def test_a_name_that_makes_trouble_later_is_refused(store: Store, name: str) -> None:
    make_run(store, "a", 1)
    assert "study" in refused(store, name=name)


@pytest.mark.parametrize(
    ("name", "stored"),
    [("a\nb", "a b"), (" a", "a"), ("half \ud800", "half"), ("nul\0x", "nul x")],
)
def test_a_name_is_stored_by_the_rule_of_names(store: Store, name: str, stored: str) -> None:
    make_run(store, "a", 1)
    assert create_study(store, StudyPlan(name, ["a"])).name == stored
    with pytest.raises(SitError, match="already"):
        create_study(store, StudyPlan(stored, ["a"]))


@pytest.mark.parametrize("name", ["مطالعه‌ی من", "研究 1", "<b>x</b> & 'y'", "👩‍🔬", "--"])
def test_a_name_may_be_in_any_script(store: Store, name: str) -> None:
    make_run(store, "a", 1)
    assert create_study(store, StudyPlan(name, ["a"])).name == name
    assert get_study(store, name).name == name


def test_a_taken_name_is_refused_and_the_first_study_stays(store: Store) -> None:
    make_run(store, "a", 4)
    first = create_study(store, StudyPlan("s", ["a"], sample=2))
    with pytest.raises(SitError, match="called 's' already") as caught:
        create_study(store, StudyPlan("s", ["a"], sample=3))
    assert not isinstance(caught.value, UsageError)
    assert list_studies(store) == [first]


def test_of_eight_who_take_one_name_at_once_one_succeeds(store: Store) -> None:
    make_run(store, "a", 4)

    def one(seed: int) -> str:
        try:
            create_study(store, StudyPlan("s", ["a"], seed=seed))
        except SitError as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(one, range(8)))
    assert said.count("made") == 1
    assert sum("already" in text for text in said) == 7
    assert study_progress(store)["s"].slots == 4


def test_the_examples_steps_are_the_default(store: Store) -> None:
    make_run(store, "a", 2)
    assert study_steps(store, ["a"]) == REPEAT_ANSWER
    assert make_study(store, "s", ["a"]).steps == REPEAT_ANSWER


def test_what_an_example_expects_of_a_step_is_not_part_of_the_study(store: Store) -> None:
    make_run(store, "a", 2, steps=[Step("repeat", "R", "repeat", expected="the question")])
    assert make_study(store, "s", ["a"]).steps == (Step("repeat", "R", "repeat"),)


def test_examples_with_other_chains_make_the_researcher_name_the_steps(store: Store) -> None:
    make_run(store, "a", ["x"], inputs=["one"])
    make_run(store, "b", ["y"], inputs=["two"], steps=chain([Step("answer", "A")]))
    make_run(store, "c", ["x", "y"], inputs=["one", "two"])
    assert "different chains" in refused(store, runs=["c"])
    steps = chain([Step("repeat", "R"), Step("repeat", "R"), Step("answer", "A")])
    study = create_study(store, StudyPlan("s", ["c"], steps=steps))
    assert [step.key for step in study.steps] == ["repeat", "repeat-2", "answer"]


def test_examples_without_known_steps_make_the_researcher_name_them(store: Store) -> None:
    make_run(store, "a", 2, steps=())
    assert "not known" in refused(store)


def test_the_order_question_is_no_step(store: Store) -> None:
    make_run(store, "a", 2)
    assert "in_order" in refused(store, steps=[Step("in_order", "O")])


def test_guidelines_can_be_replaced_and_nothing_else_changes(store: Store) -> None:
    make_run(store, "a", 2)
    before = create_study(store, StudyPlan("s", ["a"], guidelines="old", blind=True))
    set_guidelines(store, "s", "# New ✓\n<script>")
    after = get_study(store, "s")
    assert after.guidelines == "# New ✓\n<script>"
    assert (after.id, after.blind, after.steps) == (before.id, True, before.steps)
    with pytest.raises(UsageError, match="no text"):
        set_guidelines(store, "s", "\ud800")


def test_an_unknown_study_is_one_sentence_with_the_nearest_name(store: Store) -> None:
    make_run(store, "a", 1)
    make_study(store, "pilot", ["a"])
    with pytest.raises(SitError, match="did you mean 'pilot'"):
        get_study(store, "pilto")
    for name in ("\0", "\ud800"):
        with pytest.raises(SitError, match="There is no study"):
            get_study(store, name)


def test_a_study_nobody_judged_in_can_be_deleted(store: Store) -> None:
    make_run(store, "a", 2)
    make_study(store, "s", ["a"])
    make_study(store, "other", ["a"])
    delete_study(store, "s")
    assert [study.name for study in list_studies(store)] == ["other"]
    assert list(study_progress(store)) == ["other"]
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(slots)) == 2
        assert connection.scalar(select(func.count()).select_from(predictions)) == 2


def test_a_study_with_a_judgment_or_a_note_is_never_deleted(store: Store) -> None:
    (one,) = make_run(store, "a", 1)
    make_study(store, "judged", ["a"])
    make_study(store, "noted", ["a"])
    judge(store, "judged", one, "anna", {"repeat": "yes"})
    remark(store, "noted", one, "anna", "odd")
    for name in ("judged", "noted"):
        with pytest.raises(SitError, match="never thrown away"):
            delete_study(store, name)
    assert len(list_studies(store)) == 2


def test_progress_counts_places_people_and_what_is_done(store: Store) -> None:
    make_run(store, "a", 3)
    study = create_study(store, StudyPlan("s", ["a"], annotators=2))
    create_study(store, StudyPlan("untouched", ["a"]))
    anna = judge_id(store, "anna")
    known = {who: judge_id(store, who) for who in ("ben", "cy")}
    with store.write() as connection:
        mine = select(slots.c.id).where(slots.c.study_id == study.id, slots.c.place == 0)
        for i, slot in enumerate(connection.scalars(mine).all()):
            connection.execute(
                slots.update()
                .where(slots.c.id == slot)
                .values(judge_id=anna, done_at=1.0 if i < 2 else None)
            )
        # Who has a sample in hand, or was only given one, has judged nothing.
        theirs = select(slots.c.id).where(slots.c.study_id == study.id, slots.c.place == 1)
        for slot, who in zip(connection.scalars(theirs).all(), ("ben", "cy"), strict=False):
            number = known[who]
            connection.execute(slots.update().where(slots.c.id == slot).values(judge_id=number))
    found = study_progress(store)
    assert found["s"] == StudyProgress(done=2, slots=6, samples=3, people=1)
    assert found["s"].share == pytest.approx(1 / 3)
    assert found["untouched"] == StudyProgress(done=0, slots=3, samples=3, people=0)


def test_studies_are_listed_newest_first(store: Store) -> None:
    make_run(store, "a", 1)
    for name in ("one", "two", "three"):
        make_study(store, name, ["a"])
    assert [study.name for study in list_studies(store)] == ["three", "two", "one"]


@pytest.mark.slow
@pytest.mark.long
def test_a_hundred_thousand_samples_are_laid_out_once_each(sqlite_store: Store) -> None:
    make_run(sqlite_store, "a", 50_000)
    make_run(sqlite_store, "b", 50_000)
    study = make_study(sqlite_store, "big", ["a", "b"])
    with sqlite_store.read() as connection:
        counted = connection.execute(
            select(
                func.count(),
                func.count(slots.c.prediction_id.distinct()),
                func.count(slots.c.position.distinct()),
                func.max(slots.c.position),
            ).where(slots.c.study_id == study.id)
        ).one()
    assert tuple(counted) == (100_000, 100_000, 100_000, 99_999)
