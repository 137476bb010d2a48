"""What LLM judges said in the store: added, never changed; listed, counted, exported, kept."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from sit_core.errors import SitError
from sit_core.export import export_bytes
from sit_core.records import JudgeKind, Verdict
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.browse_sample import get_output
from sit_core.store.judge_replies import replies_about
from sit_core.store.judge_replies_writer import (
    KeptReply,
    QuestionResult,
    kept_replies,
    save_answers,
)
from sit_core.store.llm_judgments import (
    DuelCount,
    duel_counts,
    judged_runs,
    llm_judges,
    verdict_counts,
    verdicts_by_prediction,
)
from sit_core.store.runs import delete_run
from sit_core.store.schema import duels, judgments, unusable
from tests.factories import make_run

J = "seqeval · m · abc123"


def yes(prediction: str, quality: float | None = 5.0) -> QuestionResult:
    return QuestionResult(prediction, "follow", Verdict.YES, quality, provenance={"key": "k"})


def no(prediction: str, quality: float | None = 1.0) -> QuestionResult:
    return QuestionResult(prediction, "follow", Verdict.NO, quality)


def bad(prediction: str, reason: str = "it is empty", reply: str = "") -> QuestionResult:
    return QuestionResult(prediction, "follow", reason=reason, reply=reply)


def duel(prediction: str, other: str, place: int, preferred: float | None) -> QuestionResult:
    return QuestionResult(
        prediction,
        str(place),
        reason=None if preferred is not None else "odd",
        against_id=other,
        place=place,
        preferred=preferred,
        reply=str(preferred),
    )


def table(store: Store, of) -> list:
    with store.read() as connection:
        return connection.execute(select(of).order_by(of.c.id)).all()


def test_the_same_again_changes_nothing_and_another_verdict_is_a_new_revision(
    store: Store,
) -> None:
    first, second = make_run(store, "a", 2)
    for _ in range(3):
        save_answers(store, J, [yes(first), no(second)])
    assert [(r.prediction_id, r.revision) for r in table(store, judgments)] == [
        (first, 1),
        (second, 1),
    ]
    save_answers(store, J, [no(first), yes(second)])
    save_answers(store, J, [no(first, 2.5)])  # another quality is another verdict
    rows = [(r.verdict, r.score, r.revision) for r in table(store, judgments)]
    assert rows == [
        ("yes", 5.0, 1),
        ("no", 1.0, 1),
        ("no", 1.0, 2),
        ("yes", 5.0, 2),
        ("no", 2.5, 3),
    ]
    (count,) = verdict_counts(store, J, ["a"])
    assert (count.yes, count.no, count.quality, count.quality_n) == (1, 1, 3.75, 2)


def test_an_unusable_one_goes_when_a_verdict_comes_and_never_takes_one_away(store: Store) -> None:
    first, second, third = make_run(store, "a", 3)
    save_answers(store, J, [bad(first), bad(second), yes(third)])
    save_answers(store, J, [bad(first, "the judge refused", "I can't.")])
    assert [(r.reason, r.reply) for r in table(store, unusable)] == [
        ("the judge refused", "I can't."),
        ("it is empty", ""),
    ]
    (count,) = verdict_counts(store, J, ["a"])
    assert (count.yes, count.unusable, count.missing) == (1, 2, 0)
    save_answers(store, J, [yes(first), bad(third)])
    (count,) = verdict_counts(store, J, ["a"])
    assert (count.yes, count.unusable, count.missing) == (2, 1, 0)
    found = verdicts_by_prediction(store, J, ["a"])
    assert found[second].reason == "it is empty"
    assert (found[third].verdict, found[third].reason) == (Verdict.YES, None)


def test_replies_are_kept_once_with_whatever_they_hold(store: Store) -> None:
    (one,) = make_run(store, "a", 1)
    kept = KeptReply("k", "[[Yes, 5]]\0", 10, 2, {"cut": True})
    save_answers(store, J, [yes(one)], [kept])
    save_answers(store, J, [yes(one)], [KeptReply("k", "another")])
    (found,) = kept_replies(store, ["k", "none"]).values()
    assert (found.reply, found.prompt_tokens, found.tokens) == ("[[Yes, 5]]\ufffd", 10, 2)
    assert found.provenance == {"cut": True}
    assert found.created_at > 0


def test_duels_are_counted_by_both_orders(store: Store) -> None:
    mine, others = make_run(store, "a", 7), make_run(store, "b", 7)
    said = [(1, 1), (0, 0), (0.5, 0.5), (1, 0), (1, 0.5), (1, None), (1,)]
    answers = [
        duel(p, o, place, preferred)
        for p, o, orders in zip(mine, others, said, strict=True)
        for place, preferred in enumerate(orders, 1)
    ]
    for _ in range(2):
        save_answers(store, J, answers)
    assert len(table(store, duels)) == 13
    assert duel_counts(store, J, ["a"]) == [DuelCount("a", "b", 7, 1, 1, 1, 2, 1, 1)]
    save_answers(store, J, [duel(mine[5], others[5], 2, 1.0)])  # asked again, it answers
    save_answers(store, J, [duel(mine[0], others[0], 1, None)])  # what was said stands
    assert duel_counts(store, J, ["a"], "b") == [DuelCount("a", "b", 7, 2, 1, 1, 2, 0, 1)]
    assert duel_counts(store, J, ["a"], "c") == []


def test_who_judged_what(store: Store) -> None:
    first, second = make_run(store, "a", 2)
    (other,) = make_run(store, "b", 1)
    save_answers(store, J, [yes(first), bad(second)])
    save_answers(store, "pairwise · m · 1", [duel(first, other, i, 1.0) for i in (1, 2)])
    found = {judge.name: judge for judge in llm_judges(store)}
    assert (found[J].judged, found[J].unusable, found[J].compared) == (1, 1, 0)
    assert found["pairwise · m · 1"].compared == 1
    assert judged_runs(store, J) == ["a"]
    with pytest.raises(SitError, match="There is no llm judge"):
        judged_runs(store, "seqeval")


def test_tables_inspect_and_exports_know_them(store: Store) -> None:
    made = make_run(store, "a", 3, steps=(), instruction="Do.")
    save_answers(store, J, [yes(made[0], 4.5), no(made[1], None), bad(made[2])])
    asked = TableQuery(runs=("a",), by=JudgeKind.LLM)
    made_table = following(store, asked)
    (row, *_) = made_table.rows
    assert (row.letter, row.followed, row.n, row.missing) == ("F", 1, 2, 1)
    assert made_table.unusable == made_table.to_dict()["unusable"] == {"a": 1}
    assert following(store, replace(asked, annotator=J)).unusable == {"a": 1}
    (given,) = get_output(store, made[0]).verdicts
    assert (given.judge, given.kind, given.step, given.verdict) == (J, "llm", "follow", "yes")
    lines = export_bytes(store, "judgments", TableQuery(runs=("a",)), "jsonl").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(r["judge"], r["judge_kind"], r["step"], r["score"]) for r in rows] == [
        (J, "llm", "follow", 4.5),
        (J, "llm", "follow", None),
    ]


def test_a_run_with_verdicts_or_comparisons_stays(store: Store) -> None:
    (mine,), (other,), (free,) = (make_run(store, name, 1) for name in ("a", "b", "c"))
    save_answers(store, J, [duel(mine, other, i, 1.0) for i in (1, 2)])
    save_answers(store, J, [bad(free)])
    for name in ("a", "b"):
        with pytest.raises(SitError, match="judged by an LLM"):
            delete_run(store, name)
    assert delete_run(store, "c").outputs == 1  # nothing usable was said of it
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(unusable)) == 0


def test_outputs_that_are_gone_are_one_sentence(store: Store) -> None:
    (one,) = make_run(store, "a", 1)
    delete_run(store, "a")
    with pytest.raises(SitError, match="deleted while it was judged"):
        save_answers(store, J, [yes(one)], [KeptReply("k", "[[Yes, 5]]")])
    assert kept_replies(store, ["k"]) == {}


def test_what_was_replied_about_an_output_is_there_word_for_word(store: Store) -> None:
    (one,), (other,) = make_run(store, "a", 1), make_run(store, "b", 1)
    save_answers(store, J, [no(one)])
    save_answers(store, J, [yes(one)], [KeptReply("k", "Well.\n[[Yes, 5]]")])
    save_answers(
        store, "steps · m · 1", [QuestionResult(one, "repeat", reason="odd", reply="<b>hm</b>")]
    )
    save_answers(
        store,
        "pairwise · m · 1",
        [duel(one, other, 1, 1.0), duel(one, other, 2, None)],
    )
    found = replies_about(store, one)
    assert [(r.judge, r.step, r.said, r.quality, r.reason, r.reply) for r in found] == [
        ("pairwise · m · 1", "", "better", None, "", "1.0"),
        ("pairwise · m · 1", "", "", None, "odd", "None"),
        (J, "follow", "yes", 5.0, "", "Well.\n[[Yes, 5]]"),
        ("steps · m · 1", "repeat", "", None, "odd", "<b>hm</b>"),
    ]
    assert [(r.against, r.place) for r in found[:2]] == [("b", 1), ("b", 2)]
    assert replies_about(store, other) == []


def test_two_who_write_at_once_write_each_verdict_once(store: Store) -> None:
    made = make_run(store, "a", 40)
    together = threading.Barrier(2)

    def write(_: int) -> None:
        together.wait()
        for prediction in made:
            save_answers(store, J, [yes(prediction)], [KeptReply("k", "[[Yes, 5]]")])

    with ThreadPoolExecutor(2) as both:
        list(both.map(write, range(2)))
    assert [r.revision for r in table(store, judgments)] == [1] * 40
