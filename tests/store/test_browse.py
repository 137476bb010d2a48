"""All outputs can be filtered, paged and opened; filtering happens in the database."""

import pytest
from sqlalchemy import insert, select

from sit_core.errors import SitError, UsageError
from sit_core.store import Store
from sit_core.store.browse import (
    Filter,
    count_hits,
    judge_names,
    page_of_hits,
    place_among,
    run_names,
    version,
)
from sit_core.store.browse_sample import get_output, other_outputs
from sit_core.store.renaming import rename_run, rename_study
from sit_core.store.schema import predictions
from tests.factories import judge, judge_id, make_run, make_study, remark


def found(store: Store, **wanted) -> set[str]:
    """The ids of the hits; the count and the pages must agree."""
    of = Filter(**wanted)
    hits = page_of_hits(store, of, limit=1000)
    assert count_hits(store, of) == len(hits)
    return {hit.id for hit in hits}


@pytest.fixture
def judged(store: Store) -> dict[str, str]:
    """One run of six outputs in the study "s", judged by Anna and (the first two) by Ben."""
    ids = make_run(store, "a", 6)
    make_study(store, "s", ["a"], annotators=2, ask_order=True)
    both, repeat_only, partly, unsure, half, untouched = ids
    judge(store, "s", both, "anna", {"repeat": "yes", "answer": "yes", "in_order": "no"})
    judge(store, "s", repeat_only, "anna", {"repeat": "yes", "answer": "no"})
    judge(store, "s", partly, "anna", {"repeat": "partly", "answer": "yes"})
    judge(store, "s", unsure, "anna", {"repeat": "unsure", "answer": "yes"})
    judge(store, "s", half, "anna", {"repeat": "no"})
    judge(store, "s", both, "ben", {"repeat": "no", "answer": "yes"})
    return {
        "both": both,
        "repeat_only": repeat_only,
        "partly": partly,
        "unsure": unsure,
        "half": half,
        "untouched": untouched,
    }


def named(judged: dict[str, str], ids: set[str]) -> set[str]:
    return {name for name, i in judged.items() if i in ids}


def test_without_a_filter_everything_is_found_run_by_run_in_row_order(store: Store) -> None:
    a, b = make_run(store, "b-first", 3), make_run(store, "a-second", 2)
    assert [hit.id for hit in page_of_hits(store, Filter())] == [*a, *b]
    assert [hit.row for hit in page_of_hits(store, Filter())] == [0, 1, 2, 0, 1]


def test_runs_can_be_chosen(store: Store) -> None:
    a, b, c = (set(make_run(store, name, 2)) for name in "abc")
    assert found(store, runs=("a", "c")) == a | c
    assert found(store, runs=("b",)) == b


def test_a_study_is_its_samples_once_each(store: Store) -> None:
    a = make_run(store, "a", 4)
    make_run(store, "b", 4)
    make_study(store, "s", ["a"], annotators=3)
    assert found(store, study="s") == set(a)


@pytest.mark.parametrize(
    ("step", "verdict", "names"),
    [
        ("repeat", "yes", {"both", "repeat_only"}),
        ("repeat", "partly", {"partly"}),
        ("repeat", "no", {"both", "half"}),
        ("repeat", "unsure", {"unsure"}),
        ("repeat", "missing", {"untouched"}),
        ("repeat", "done", {"both", "repeat_only", "partly"}),
        ("repeat", "not-done", {"both", "half"}),
        ("answer", "missing", {"half", "untouched"}),
        ("in_order", "no", {"both"}),
        (None, "no", {"both", "repeat_only", "half"}),
        (None, "missing", {"untouched"}),
        ("chain", "done", {"both", "partly"}),
        ("chain", "yes", {"both"}),
        ("chain", "partly", {"partly"}),
        ("chain", "no", {"both", "repeat_only"}),
        ("chain", "not-done", {"both", "repeat_only"}),
        ("chain", "unsure", {"unsure"}),
        ("chain", "missing", {"half", "untouched"}),
    ],
)
def test_verdicts_of_anybody(store: Store, judged, step, verdict, names) -> None:
    assert named(judged, found(store, study="s", step=step, verdict=verdict)) == names


@pytest.mark.parametrize(
    ("annotator", "step", "verdict", "names"),
    [
        ("anna", "repeat", "no", {"half"}),
        ("ben", "repeat", "no", {"both"}),
        ("ben", "repeat", "yes", set()),
        ("ben", "chain", "not-done", {"both"}),
        ("anna", "chain", "done", {"both", "partly"}),
        ("ben", "chain", "missing", {"repeat_only", "partly", "unsure", "half", "untouched"}),
        ("ben", None, None, {"both"}),
        ("anna", None, None, {"both", "repeat_only", "partly", "unsure", "half"}),
    ],
)
def test_verdicts_of_one_annotator(store: Store, judged, annotator, step, verdict, names) -> None:
    hits = found(store, study="s", annotator=annotator, step=step, verdict=verdict)
    assert named(judged, hits) == names


def test_partly_counts_as_not_done_on_request(store: Store, judged) -> None:
    def strict(step: str, verdict: str) -> set[str]:
        return named(judged, found(store, study="s", step=step, verdict=verdict, partly_done=False))

    assert strict("repeat", "done") == {"both", "repeat_only"}
    assert strict("repeat", "not-done") == {"both", "half", "partly"}
    assert strict("chain", "done") == {"both"}
    assert strict("chain", "not-done") == {"both", "repeat_only", "partly"}


def test_only_the_newest_revision_of_a_verdict_counts(store: Store, judged) -> None:
    judge(store, "s", judged["half"], "anna", {"repeat": "yes", "answer": "yes"})
    assert "half" not in named(judged, found(store, study="s", step="repeat", verdict="no"))
    assert "half" in named(judged, found(store, study="s", step="chain", verdict="done"))


def test_a_verdict_given_in_another_study_is_not_this_studys(store: Store, judged) -> None:
    make_study(store, "t", ["a"])
    judge(store, "t", judged["untouched"], "anna", {"repeat": "no", "answer": "no"})
    assert "untouched" not in named(judged, found(store, study="s", verdict="no"))
    assert named(judged, found(store, study="t", verdict="no")) == {"untouched"}
    assert "untouched" in named(judged, found(store, verdict="no"))
    assert "untouched" in named(judged, found(store, step="chain", verdict="not-done"))
    assert len(found(store, study="t", step="chain", verdict="missing")) == 5


def test_lengths_are_limits_on_both_sides(store: Store) -> None:
    a = make_run(store, "a", ["", "x", "xxxxx", "x" * 50, "  \n\t ", "漢字"])
    assert found(store, shortest=1, longest=5) == {a[1], a[2], a[4], a[5]}
    assert found(store, longest=0) == {a[0]}
    assert found(store, shortest=50) == {a[3]}


def test_empty_outputs_are_those_with_white_space_only(store: Store) -> None:
    a = make_run(store, "a", ["", "  \n\t ", "x", "\u3000", " . "])
    assert found(store, empty_only=True) == {a[0], a[1], a[3]}


def test_text_is_found_in_instruction_input_and_output_whatever_its_case(store: Store) -> None:
    a = make_run(store, "a", ["A Cat", "a dog"], inputs=["first", "second ONE"])
    b = make_run(store, "b", ["x"], instruction="Say CAT twice", inputs=["third"])
    assert found(store, text="cat") == {a[0], b[0]}
    assert found(store, text="Second one") == {a[1]}
    assert found(store, text="twice", runs=("a",)) == set()


def test_text_of_any_script_is_found_whatever_its_case(sqlite_store: Store) -> None:
    a = make_run(sqlite_store, "a", ["ΩΜΕΓΑ", "Привет МИР", "Straße", "漢字", "cafe\u0301"])
    for text, i in (("ωμεγα", 0), ("привет мир", 1), ("STRAßE", 2), ("字", 3)):
        assert found(sqlite_store, text=text) == {a[i]}, text
    assert found(sqlite_store, text="CAFÉ") == {a[4]}


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; drop table runs; --', "50%", "[a]"])
def test_signs_that_mean_something_to_a_database_are_just_signs(store: Store, text: str) -> None:
    a = make_run(store, "a", [f"here {text} stands", "here nothing stands", "5000", "a"])
    assert found(store, text=text) == {a[0]}


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_text_that_no_output_can_hold_finds_nothing(store: Store, text: str) -> None:
    make_run(store, "a", 2)
    assert found(store, text=text) == set()


def test_all_conditions_must_hold(store: Store, judged) -> None:
    make_run(store, "b", ["output 0 of a"])
    wanted = {"runs": ("a",), "study": "s", "step": "repeat", "verdict": "yes", "text": "OUTPUT 0"}
    assert named(judged, found(store, **wanted)) == {"both"}
    assert found(store, **wanted, shortest=100) == set()


def test_names_that_are_not_there_are_all_named_at_once(store: Store, judged) -> None:
    with pytest.raises(UsageError) as caught:
        count_hits(
            store, Filter(runs=("nope",), study="S", annotator="anne", verdict="maybe", step="x")
        )
    for piece in ("run 'nope'", "study 'S'", "did you mean 'anna'", "verdict 'maybe'"):
        assert piece in str(caught.value)


@pytest.mark.parametrize("name", ["\0", "\ud800"])
def test_names_no_database_can_hold_are_just_unknown(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="There is no run"):
        count_hits(store, Filter(runs=(name,), study=name, annotator=name))
    with pytest.raises(SitError, match="no output with the id"):
        get_output(store, name)


def test_pages_follow_each_other_without_gap_or_repetition(store: Store) -> None:
    ids = [*make_run(store, "a", 25), *make_run(store, "b", 8)]
    pages = [page_of_hits(store, Filter(), offset=start, limit=10) for start in range(0, 40, 10)]
    assert [len(page) for page in pages] == [10, 10, 10, 3]
    assert [hit.id for page in pages for hit in page] == ids


def test_a_hit_knows_its_place_and_its_neighbours_among_the_hits(store: Store) -> None:
    ids = make_run(store, "a", [f"{'long ' * (i % 2)}x" for i in range(9)])
    of = Filter(shortest=3)
    odd = ids[1::2]
    places = [place_among(store, of, i) for i in odd]
    assert [p.position for p in places if p] == [0, 1, 2, 3]
    assert [(p.before, p.after) for p in places if p] == [
        (None, odd[1]),
        (odd[0], odd[2]),
        (odd[1], odd[3]),
        (odd[2], None),
    ]
    assert place_among(store, of, ids[0]) is None
    assert place_among(store, of, "nothing") is None


def test_a_list_of_hits_does_not_carry_long_texts(store: Store) -> None:
    make_run(store, "a", ["y" * 100_000], inputs=["x" * 100_000])
    (hit,) = page_of_hits(store, Filter())
    assert (len(hit.output), len(hit.input), hit.length) == (300, 300, 100_000)


def test_a_hit_carries_everybodys_current_verdicts(store: Store, judged) -> None:
    judge(store, "s", judged["both"], "ben", {"repeat": "yes"})
    hit = next(h for h in page_of_hits(store, Filter()) if h.id == judged["both"])
    assert {(v.judge, v.step, v.verdict) for v in hit.verdicts} == {
        ("anna", "repeat", "yes"),
        ("anna", "answer", "yes"),
        ("anna", "in_order", "no"),
        ("ben", "repeat", "yes"),
        ("ben", "answer", "yes"),
    }


def test_an_output_is_shown_with_every_revision_and_note(store: Store, judged) -> None:
    one = judged["both"]
    judge(store, "s", one, "anna", {"repeat": "no"})
    judge(store, None, one, "rule 1", {"repeat": "yes"}, kind="rule")
    remark(store, "s", one, "anna", "first thought")
    remark(store, "s", one, "anna", "second <b>thought</b>", flagged=True)
    view = get_output(store, one)
    anna = [(v.verdict, v.revision, v.current) for v in view.verdicts if v.judge == "anna"]
    assert ("no", 2, True) in anna
    assert ("yes", 1, False) in anna
    (rule,) = [v for v in view.verdicts if v.kind == "rule"]
    assert (rule.study, rule.current) == (None, True)
    assert [(n.note, n.flagged, n.current) for n in view.notes] == [
        ("second <b>thought</b>", True, True),
        ("first thought", False, False),
    ]
    assert (view.run, view.output) == ("a", "output 0 of a")
    assert view.reference == "answer 0"
    assert [s.key for s in view.steps] == ["repeat", "answer"]


def test_an_unknown_output_is_one_sentence(store: Store) -> None:
    with pytest.raises(SitError, match="There is no output with the id 'abc'"):
        get_output(store, "abc")


def test_the_other_outputs_for_the_same_example_are_found(store: Store) -> None:
    a, b, _ = make_run(store, "a", 2), make_run(store, "b", 2), make_run(store, "c", 1)
    with store.write() as connection:
        row = connection.execute(select(predictions).where(predictions.c.id == a[1])).mappings()
        connection.execute(insert(predictions), [{**row.one(), "id": "again", "ordinal": 1}])
    others = other_outputs(store, get_output(store, a[1]))
    assert [(o.run, o.id, o.ordinal) for o in others] == [("a", "again", 1), ("b", b[1], 0)]


def test_the_choices_are_what_there_is(store: Store, judged) -> None:
    judge_id(store, "never judged")
    judge(store, None, judged["both"], "llm", {"repeat": "yes"}, kind="llm")
    make_study(store, "empty", ["a"])
    assert run_names(store) == ["a"]
    assert judge_names(store) == ["anna", "ben", "llm"]
    assert judge_names(store, "s") == ["anna", "ben", "llm"]  # it judged one of the samples
    (elsewhere,) = make_run(store, "b", 1, instruction="Something else.")
    judge(store, None, elsewhere, "other llm", {"repeat": "yes"}, kind="llm")
    assert judge_names(store, "s") == ["anna", "ben", "llm"]


def test_the_version_changes_with_everything_that_changes_the_hits(store: Store) -> None:
    seen = [version(store)]

    def changed() -> bool:
        seen.append(version(store))
        return seen[-1] not in seen[:-1]

    ids = make_run(store, "a", 2)
    assert changed()
    make_study(store, "s", ["a"])
    assert changed()
    judge(store, "s", ids[0], "anna", {"repeat": "yes"})
    assert changed()
    remark(store, "s", ids[0], "anna", "a note")
    assert changed()
    rename_run(store, "a", "b")
    assert changed()
    rename_run(store, "b", "a")
    assert changed()
    rename_study(store, "s", "t")
    assert changed()
    assert not changed()


def test_a_hit_says_what_is_asked_and_whether_notes_and_flags_stand(store: Store) -> None:
    ids = make_run(store, "a", 4, expected=True)
    for name in ("s", "t"):
        make_study(store, name, ["a"])
    remark(store, "s", ids[0], "anna", "odd", flagged=True)
    remark(store, "s", ids[1], "anna", "odd", flagged=True)
    remark(store, "s", ids[1], "anna", " \n", flagged=False)
    remark(store, "s", ids[2], "anna", "", flagged=True)
    remark(store, "t", ids[2], "anna", "", flagged=False)  # of another study
    hits = page_of_hits(store, Filter())
    assert [(hit.noted, hit.flagged) for hit in hits] == [
        (True, True),
        (False, False),
        (False, True),
        (False, False),
    ]
    assert [(step.key, step.letter, step.expected) for step in hits[0].steps] == [
        ("repeat", "R", None),
        ("answer", "A", None),
    ]
