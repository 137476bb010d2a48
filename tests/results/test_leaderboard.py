"""The board's figures against a count by hand, on both databases."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from sit_core.errors import UsageError
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed, steps_to_json
from sit_core.results.leaderboard.build import (
    CHARACTERS,
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    QUALITY,
    WINS,
    Leaderboard,
    LeaderboardQuestion,
    leaderboard,
    leaderboard_version,
)
from sit_core.results.leaderboard.drilldown import cell_filter
from sit_core.results.leaderboard.pairs import compare_systems
from sit_core.statistics import wilson_open
from sit_core.store import Store
from sit_core.store.browse import count_hits
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import benchmarks, duels, examples, judgments, predictions, unusable
from sit_core.store.scores import save_scores
from sit_core.store.systems import System, put_reported, set_system
from sit_core.tasks import steps_named
from tests.factories import judge, judge_id, make_run, make_study

JUDGE = "seqeval · m · 123456"
FOLLOW = steps_named(["follow"])


def say(
    store: Store,
    made: Sequence[str],
    verdicts: Sequence[str],
    ratings: Sequence[float | None] = (),
    *,
    by: str = JUDGE,
    revision: int = 1,
) -> None:
    """What an LLM judge says; "?" is an unusable reply, "" nothing at all."""
    number = judge_id(store, by, "llm")
    with store.write() as connection:
        for place, (prediction, verdict) in enumerate(zip(made, verdicts, strict=True)):
            of = {"prediction_id": prediction, "judge_id": number, "step": "follow"}
            if verdict == "?":
                connection.execute(
                    insert(unusable).values(
                        **of, reason="no verdict in the reply", reply="hm", created_at=1.0
                    )
                )
            elif verdict:
                rating = ratings[place] if ratings else None
                connection.execute(
                    insert(judgments).values(
                        **of, revision=revision, verdict=verdict, score=rating, created_at=1.0
                    )
                )
        summarise(connection, made)


def fight(
    store: Store, pairs: Sequence[tuple[str, str, float | None, float | None]], by: str = "duel"
) -> None:
    """(own, other, own's outcome as first, as second): None is an unusable reply."""
    number = judge_id(store, by, "llm")
    with store.write() as connection:
        for own, other, *outcomes in pairs:
            for place, value in enumerate(outcomes, 1):
                connection.execute(
                    insert(duels).values(
                        judge_id=number,
                        prediction_id=own,
                        against_id=other,
                        place=place,
                        preferred=value,
                        reason="unreadable" if value is None else None,
                        reply="",
                        provenance={},
                        created_at=1.0,
                    )
                )


def grow(store: Store, iterations: Sequence[object]) -> None:
    """Give the i-th prompt of every run its number of iterations."""
    from sit_core.records import Example

    with store.write() as connection:
        for i, value in enumerate(iterations):
            asked = Example("First repeat the input, then answer the question.", f"Question {i}?")
            connection.execute(
                update(examples)
                .where(examples.c.id == asked.id)
                .values(meta={} if value is None else {"iteration": value})
            )


def figures(board: Leaderboard, system: str) -> dict[str, tuple[float | None, int, int]]:
    """Column → value, n, without."""
    return {k: (f.value, f.n, f.without) for k, f in board.row(system).figures.items()}


def test_an_empty_store_has_an_empty_board(store: Store) -> None:
    make_run(store, "a")
    board = leaderboard(store)
    assert (board.rows, board.columns, board.pairs, board.judges) == ((), (), (), ())
    assert board.question.judge is None
    assert "No LLM judge" in board.notes[0]


def test_verdicts_ratings_and_what_is_missing_are_counted_apart(store: Store) -> None:
    made = make_run(store, "a", ["", "b b", "cc", "d", "e", "f"], steps=FOLLOW)
    say(store, made, ["yes", "no", "?", "unsure", "", "partly"], [5, 2, None, 3, None, None])
    row = leaderboard(store).row("a")
    following, quality = row.figures[FOLLOWING], row.figures[QUALITY]
    assert (following.value, following.n) == (pytest.approx(2 / 3), 3)
    assert following.reasons == {
        "no verdict in the reply": 1,
        "not judged": 1,
        "undecided": 1,
    }
    assert (quality.value, quality.n, quality.without) == (pytest.approx(10 / 3), 3, 3)
    assert quality.reasons["judged without a rating"] == 1
    assert (row.outputs, row.empty) == (6, 1)
    assert row.figures[CHARACTERS].value == pytest.approx(8 / 6)
    strict = leaderboard(store, LeaderboardQuestion(partly_done=False)).row("a")
    assert strict.figures[FOLLOWING].value == pytest.approx(1 / 3)


def test_the_newest_verdict_counts_and_an_old_failure_does_not(store: Store) -> None:
    made = make_run(store, "a", 2, steps=FOLLOW)
    say(store, made, ["no", "?"], [1, None])
    say(store, made, ["yes", "yes"], [None, 4], revision=2)
    row = leaderboard(store).row("a")
    assert (row.figures[FOLLOWING].value, row.figures[FOLLOWING].without) == (1.0, 0)
    assert (row.figures[QUALITY].n, row.figures[QUALITY].value) == (1, 4.0)


def test_a_share_of_all_or_none_has_an_interval_with_width(store: Store) -> None:
    made = make_run(store, "a", 9, steps=FOLLOW)
    say(store, made, ["yes"] * 9)
    figure = leaderboard(store).row("a").figures[FOLLOWING]
    assert figure.method == "wilson-open"
    assert (figure.low, figure.high) == pytest.approx(wilson_open(9, 9).ends)


def test_so_has_the_share_of_right_answers(store: Store) -> None:
    made = make_run(store, "a", 5, steps=FOLLOW)
    say(store, made, ["yes", "no", "yes", "no", "no"])
    scores = [Score(p, metric, 1.0) for p in made for metric in ("accuracy", "rouge-l")]
    save_scores(store, scores, {"accuracy": "", "rouge-l": "unicode"}, "rules")
    row = leaderboard(store).row("a")
    accuracy, rouge = (row.figures[key] for key in ("score/accuracy//", "score/rouge-l/unicode/"))
    assert (accuracy.method, accuracy.low) == ("wilson-open", wilson_open(5, 5).low)
    assert rouge.method == "t over prompts, 2 pseudo prompts"
    assert rouge.low < rouge.high == 1


def test_one_judge_is_chosen_and_the_board_says_which(store: Store) -> None:
    one, two = make_run(store, "a", 4, steps=FOLLOW), make_run(store, "b", 4, steps=FOLLOW)
    say(store, one, ["yes"] * 4)
    say(store, two, ["no"] * 4)
    say(store, one, ["no"] * 4, by="other")
    board = leaderboard(store)
    assert board.question.judge == JUDGE
    assert [(j.name, j.outputs) for j in board.judges] == [(JUDGE, 8), ("other", 4)]
    assert any(JUDGE in note for note in board.notes)
    other = leaderboard(store, LeaderboardQuestion(judge="other"))
    assert other.row("a").figures[FOLLOWING].value == 0.0
    assert FOLLOWING not in other.row("b").figures
    with pytest.raises(UsageError, match="nobody"):
        leaderboard(store, LeaderboardQuestion(judge="nobody"))


def test_a_judge_of_single_steps_is_read_as_their_chain(store: Store) -> None:
    made = make_run(store, "a", 4)
    for place, verdicts in enumerate(
        [
            {"repeat": "yes", "answer": "yes"},
            {"repeat": "yes", "answer": "no"},
            {"repeat": "yes"},
            {"repeat": "unsure", "answer": "yes"},
        ]
    ):
        judge(store, None, made[place], JUDGE, verdicts, kind="llm")
    row = leaderboard(store).row("a")
    assert row.stepwise
    assert (row.figures[FOLLOWING].value, row.figures[FOLLOWING].n) == (0.5, 2)
    assert row.figures[FOLLOWING].reasons == {"not judged": 1, "undecided": 1}
    board = leaderboard(store)
    for state, n in (("done", 1), ("not-done", 1), ("unsure", 1)):
        found = cell_filter(board, "a", FOLLOWING, state=state)
        assert count_hits(store, found) == n, state


def test_people_and_rules_have_columns_of_their_own(store: Store) -> None:
    made = make_run(store, "a", 4)
    say(store, made, ["yes"] * 4)
    make_study(store, "s", ["a"])
    judge(store, "s", made[0], "Ann", {"repeat": "yes", "answer": "yes"})
    judge(store, "s", made[1], "Ann", {"repeat": "no", "answer": "yes"})
    judge(store, "s", made[2], "Ann", {"repeat": "yes"})
    judge(store, None, made[0], "rules", {"repeat": "no", "answer": "no"}, kind="rule")
    row = leaderboard(store).row("a")
    human = row.figures[FOLLOWING_HUMAN]
    assert (human.value, human.n, human.reasons) == (0.5, 2, {"not judged": 2})
    assert (row.figures[FOLLOWING_RULE].value, row.figures[FOLLOWING_RULE].n) == (0.0, 1)
    board = leaderboard(store, LeaderboardQuestion(study="s"))
    assert board.row("a").figures[FOLLOWING_HUMAN].value == 0.5
    for state, n in (("done", 1), ("not-done", 1)):
        assert count_hits(store, cell_filter(board, "a", FOLLOWING_HUMAN, state=state)) == n
    rules = cell_filter(board, "a", FOLLOWING_RULE, state="not-done")
    assert count_hits(store, rules) == 1


def test_until_an_llm_judges_the_board_shows_what_people_and_rules_judged(store: Store) -> None:
    worse, better = make_run(store, "worse", 2), make_run(store, "better", 2)
    make_run(store, "not judged", 2)
    for made, said in ((worse, "no"), (better, "yes")):
        verdicts = {"repeat": said, "answer": said}
        judge(store, None, made[0], "rules", verdicts, kind="rule")
    board = leaderboard(store)
    assert [row.system for row in board.rows] == ["better", "worse"]
    assert any("No LLM judge" in note for note in board.notes)
    say(store, worse, ["yes", "no"])
    assert [row.system for row in leaderboard(store).rows] == ["worse"]


def test_prompts_of_different_chains_are_each_read_by_their_own(store: Store) -> None:
    """As the micro world's set has them."""
    lone = make_run(store, "a", 2)
    with store.write() as connection:
        connection.execute(
            update(examples)
            .where(
                examples.c.id.in_(
                    select(predictions.c.example_id).where(predictions.c.id == lone[1])
                )
            )
            .values(steps=steps_to_json(steps_named(["answer"])))
        )
    for kind, who in (("rule", "rules"), ("llm", JUDGE), ("human", "Ann")):
        judge(store, None, lone[0], who, {"repeat": "yes", "answer": "no"}, kind=kind)
        judge(store, None, lone[1], who, {"answer": "yes"}, kind=kind)
    row = leaderboard(store).row("a")
    for column in (FOLLOWING, FOLLOWING_RULE, FOLLOWING_HUMAN):
        assert (row.figures[column].value, row.figures[column].n) == (0.5, 2), column


def test_wins_take_both_orders_and_a_tie_counts_half(store: Store) -> None:
    own, other = make_run(store, "a", 6, steps=FOLLOW), make_run(store, "ref", 6, steps=FOLLOW)
    say(store, own, ["yes"] * 6)
    fight(
        store,
        [
            (own[0], other[0], 1, 1),
            (own[1], other[1], 1, 0),
            (own[2], other[2], 0, 0),
            (own[3], other[3], 0.5, 1),
            (own[4], other[4], None, 1),
        ],
    )
    board = leaderboard(store)
    assert (board.question.duels_by, board.question.reference) == ("duel", "ref")
    figure = board.row("a").figures[WINS]
    assert (figure.value, figure.n) == (0.5, 4)
    assert figure.detail == {"wins": 1, "ties": 2, "losses": 1}
    assert figure.reasons == {"not compared": 1, "unreadable": 1}
    assert WINS not in board.row("ref").figures
    turned = leaderboard(store, LeaderboardQuestion(reference="a"))
    assert turned.row("ref").figures[WINS].detail == {"wins": 1, "ties": 2, "losses": 1}
    found = [cell_filter(board, "a", WINS, state=s) for s in (None, "done", "unsure", "not-done")]
    assert [count_hits(store, of) for of in found] == [4, 1, 2, 1]
    assert count_hits(store, cell_filter(board, "a", WINS, state="missing")) == figure.without == 2
    of_ref = cell_filter(turned, "ref", WINS, state="done")
    assert count_hits(store, of_ref) == 1
    found = compare_systems(store, board, "a", "ref", "duels")
    assert [p.first for p in found.won] == [own[0]]
    assert [p.first for p in found.lost] == [own[2]]
    assert {p.first for p in found.tied} == {own[1], own[3]}
    assert (found.left_out, found.win_rate) == (2, 0.5)
    assert found.win_interval is not None
    assert found.win_interval.ends == pytest.approx((figure.low, figure.high))
    assert replace(found, won=(), lost=(), tied=()).win_interval is None


def test_two_systems_won_lost_and_tied_by_verdict_and_rating(store: Store) -> None:
    one, two = make_run(store, "a", 5, steps=FOLLOW), make_run(store, "b", 5, steps=FOLLOW)
    say(store, one, ["yes", "yes", "no", "no", "?"], [5, 4, 1, 1, None])
    say(store, two, ["no", "yes", "yes", "no", "yes"], [1, 5, 2, 1, 5])
    board = leaderboard(store)
    found = compare_systems(store, board, "a", "b", "following")
    assert [(p.first, p.second) for p in found.won] == [(one[0], two[0])]
    assert [(p.first, p.second) for p in found.lost] == [(one[2], two[2])]
    assert (len(found.tied), found.left_out) == (2, 1)
    assert found.test is not None
    assert (found.test.n, found.test.p) == (4, 1.0)
    turned = compare_systems(store, board, "b", "a", "quality")
    assert {p.first for p in turned.won} == {two[1], two[2]}
    assert turned.test is not None
    assert turned.test.difference == pytest.approx((1 + 5 + 2 + 1) / 4 - (5 + 4 + 1 + 1) / 4)
    with pytest.raises(UsageError, match="two different"):
        compare_systems(store, board, "a", "a")
    with pytest.raises(UsageError, match="criterion"):
        compare_systems(store, board, "a", "b", "beauty")  # type: ignore[arg-type]


def test_prompts_are_told_apart_by_how_often_they_were_grown(store: Store) -> None:
    made = make_run(store, "a", 8, steps=FOLLOW)
    grow(store, [1, 1, 2, 2, "2", 2.0, "many", None])
    say(store, made, ["yes", "no", "yes", "yes", "no", "?", "yes", "yes"], [1, 2, 3, 4, 5, 0, 1, 1])
    board = leaderboard(store)
    found = {(o.column, o.iteration): o for o in board.iterations}
    assert {key[1] for key in found} == {1, 2}
    assert (found[FOLLOWING, 1].figure.value, found[FOLLOWING, 1].prompts) == (0.5, 2)
    second = found[FOLLOWING, 2]
    assert (second.prompts, second.figure.n, second.figure.without) == (4, 3, 1)
    assert found[QUALITY, 2].figure.value == 4.0
    for state, n in (("done", 2), ("not-done", 1), ("unusable", 1), (None, 3)):
        cell = cell_filter(board, "a", FOLLOWING, state=state, iteration=2)
        assert count_hits(store, cell) == n, state


def test_what_people_and_rules_say_is_told_apart_by_iterations_too(store: Store) -> None:
    made = make_run(store, "a", 4)
    grow(store, [1, 2, 2, 2])
    for prediction, said in zip(made, ("yes", "yes", "no", "no"), strict=True):
        verdicts = {"repeat": said, "answer": "yes"}
        judge(store, None, prediction, "rules", verdicts, kind="rule")
    make_study(store, "s", ["a"])
    for prediction in made[:2]:
        judge(store, "s", prediction, "Ann", {"repeat": "yes", "answer": "yes"})
    board = leaderboard(store)
    found = {(o.column, o.iteration): o.figure for o in board.iterations}
    assert (found[FOLLOWING_RULE, 1].value, found[FOLLOWING_RULE, 1].n) == (1.0, 1)
    second = found[FOLLOWING_RULE, 2]
    assert (second.value, second.n) == (pytest.approx(1 / 3), 3)
    people = found[FOLLOWING_HUMAN, 2]
    assert (people.value, people.n, people.without) == (1.0, 1, 2)
    for column, state, n in (
        (FOLLOWING_RULE, "done", 1),
        (FOLLOWING_RULE, "not-done", 2),
        (FOLLOWING_HUMAN, "done", 1),
        (FOLLOWING_HUMAN, "not-done", 0),
    ):
        cell = cell_filter(board, "a", column, state=state, iteration=2)
        assert count_hits(store, cell) == n, (column, state)


def test_scores_and_benchmarks_where_there_are_any(store: Store) -> None:
    made = make_run(store, "a", 4, steps=FOLLOW)
    make_run(store, "b", 4, steps=FOLLOW)
    say(store, made, ["yes"] * 4)
    system = set_system(store, "b", rename="Second")
    assert system.id is not None
    scores = [
        Score(p, "accuracy", value)
        for p, value in zip(made, [1.0, 0.0, 1.0, Unparsed("no answer")], strict=True)
    ]
    save_scores(store, scores, {"accuracy": ""}, "rules")
    with store.write() as connection:
        connection.execute(
            insert(benchmarks).values(
                system_id=system.id,
                task="gsm8k",
                metric="exact_match",
                setting="5-shot",
                value=0.4,
                stderr=0.1,
                n=100,
                provenance={},
                created_at=1.0,
            )
        )
    board = leaderboard(store)
    accuracy = board.row("a").figures["score/accuracy//"]
    assert (accuracy.value, accuracy.n) == (pytest.approx(2 / 4), 4)
    assert accuracy.detail == {"share_scored": 3 / 4, "mean_scored": pytest.approx(2 / 3)}
    assert accuracy.reasons == {"no answer": 1}
    assert count_hits(store, cell_filter(board, "a", "score/accuracy//")) == 4
    assert count_hits(store, cell_filter(board, "a", "score/accuracy//", state="missing")) == 1
    gsm = board.row("Second").figures["benchmark/gsm8k/exact_match/5-shot"]
    assert (gsm.value, gsm.n, gsm.method) == (0.4, 100, "stderr")
    assert (gsm.low, gsm.high) == pytest.approx((0.4 - 0.196, 0.4 + 0.196), abs=1e-4)
    assert [c.key for c in board.columns][-2:] == [
        "score/accuracy//",
        "benchmark/gsm8k/exact_match/5-shot",
    ]


def test_others_results_stand_beside_ours_untested(store: Store) -> None:
    made = make_run(store, "a", 3, steps=FOLLOW)
    say(store, made, ["yes", "no", "yes"])
    theirs = {FOLLOWING: {"value": 0.9, "n": 805, "low": 0.88, "high": 0.92}}
    put_reported(store, [System("Theirs", None, "GPT", None, theirs, {"source": "a paper"})])
    board = leaderboard(store)
    assert [row.system for row in board.rows] == ["Theirs", "a"]
    row = board.row("Theirs")
    assert (row.run, row.source, row.outputs) == (None, "a paper", 0)
    assert (row.figures[FOLLOWING].n, row.figures[FOLLOWING].method) == (805, "reported")
    assert board.pairs == ()
    assert cell_filter(board, "Theirs", FOLLOWING) is None
    with pytest.raises(UsageError, match="without outputs"):
        compare_systems(store, board, "a", "Theirs")
    assert len(leaderboard(store, LeaderboardQuestion(reported=False)).rows) == 1


def test_the_board_is_kept_until_something_changes(store: Store) -> None:
    made = make_run(store, "a", 3, steps=FOLLOW)
    say(store, made[:2], ["yes", "no"])
    before = leaderboard(store)
    version = leaderboard_version(store)
    assert leaderboard(store) is before
    say(store, made[2:], ["yes"])
    after = leaderboard(store)
    assert leaderboard_version(store) != version
    assert after.row("a").figures[FOLLOWING].n == 3
    set_system(store, "a", base_model="Llama")
    assert leaderboard(store).row("a").base_model == "Llama"


def test_systems_are_chosen_by_name_or_run_and_unknown_ones_are_said(store: Store) -> None:
    for name in ("a", "b", "c"):
        say(store, make_run(store, name, 3, steps=FOLLOW), ["yes", "no", "no"])
    make_run(store, "silent", 3, steps=FOLLOW)
    set_system(store, "b", rename="Second")
    board = leaderboard(store, LeaderboardQuestion(systems=("b", "silent")))
    assert {row.system for row in board.rows} == {"Second", "silent"}
    assert FOLLOWING not in board.row("silent").figures
    with pytest.raises(UsageError, match=r"'x'.*'y'"):
        leaderboard(store, LeaderboardQuestion(systems=("x", "a", "y")))
    with pytest.raises(UsageError, match="'z'"):
        leaderboard(store, LeaderboardQuestion(reference="z"))
    with pytest.raises(UsageError, match="alpha"):
        leaderboard(store, LeaderboardQuestion(alpha=0))


def test_a_run_whose_name_another_system_took_is_told_apart(store: Store) -> None:
    for name in ("a", "b"):
        say(store, make_run(store, name, 3, steps=FOLLOW), ["yes", "no", "no"])
    set_system(store, "a", rename="x")
    set_system(store, "x", rename="b2")
    put_reported(store, [System("c", None, None, None, {QUALITY: {"value": 3.0}})])
    say(store, make_run(store, "c", 3, steps=FOLLOW), ["no", "no", "no"])
    assert {row.system for row in leaderboard(store).rows} == {"b2", "b", "c", "c (run)"}


def test_random_boards_count_what_a_loop_counts(store: Store) -> None:
    rng = random.Random(4)
    said: dict[str, list[tuple[str, float | None]]] = {}
    for name in ("a", "b", "c", "d"):
        size = rng.randrange(5, 12)
        made = make_run(store, name, size, steps=FOLLOW)
        verdicts = [rng.choice(["yes", "no", "no", "?", "unsure", "", "partly"]) for _ in made]
        ratings = [rng.choice([None, 1.0, 2.5, 4.0, 5.0]) for _ in made]
        say(store, made, verdicts, ratings)
        said[name] = list(zip(verdicts, ratings, strict=True))
    board = leaderboard(store, LeaderboardQuestion(judge=JUDGE))
    for name, pairs in said.items():
        yes = [v in ("yes", "partly") for v, _ in pairs if v in ("yes", "partly", "no")]
        rated = [r for v, r in pairs if v not in ("?", "") and r is not None]
        found = figures(board, name)
        if yes:
            assert found[FOLLOWING] == (
                pytest.approx(sum(yes) / len(yes)),
                len(yes),
                len(pairs) - len(yes),
            )
        if rated:
            assert found[QUALITY][:2] == (pytest.approx(sum(rated) / len(rated)), len(rated))
    # Prompts differ in number, so each system has draws of its own, and the board says so.
    assert any("Not all systems" in note for note in board.notes)
    tests = [t for t in board.pairs if t.column == FOLLOWING]
    for test in tests:
        one, other = said[test.first], said[test.second]
        both = [
            (a in ("yes", "partly"), b in ("yes", "partly"))
            for (a, _), (b, _) in zip(one, other, strict=False)
            if {a, b} <= {"yes", "partly", "no"}
        ]
        assert test.n == len(both)
        assert test.difference == pytest.approx(sum(a - b for a, b in both) / len(both))
