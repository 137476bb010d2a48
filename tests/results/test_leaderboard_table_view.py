"""The board as a table to look at: ranks with ties, order, places on scales, what a cell says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sit_core.results.leaderboard.build import (
    FOLLOWING,
    QUALITY,
    WINS,
    BoardColumn,
    BoardFigure,
    Leaderboard,
    LeaderboardQuestion,
    LeaderboardRow,
)
from sit_core.results.leaderboard.table_view import (
    cell_view,
    column_view,
    in_order,
    main_column,
    place_on_scale,
    ranks,
    usual_columns,
    with_text,
)

COLUMNS = (
    BoardColumn(FOLLOWING, "following (LLM)", "share", "about", tested=True),
    BoardColumn(QUALITY, "quality", "quality", "about", tested=True),
    BoardColumn(WINS, "wins vs x", "share", "about"),
    BoardColumn("characters", "characters", "length", "about"),
    BoardColumn("words", "words", "length", "about"),
    BoardColumn("score/rouge-l/a/", "rouge-l", "share", "about"),
    BoardColumn("score/accuracy/a/", "accuracy", "share", "about"),
    BoardColumn("benchmark/mmlu/acc/", "mmlu", "number", "about"),
)


def board_with(*values: float | None, key: str = FOLLOWING) -> Leaderboard:
    """Systems s0, s1, … with these values at one column."""
    rows = tuple(
        LeaderboardRow(
            f"s{i}",
            f"r{i}",
            "Base" if i % 2 else None,
            f"data {i}",
            10,
            0,
            0,
            {} if value is None else {key: BoardFigure(value, 10, letters="ba" if i else "c")},
        )
        for i, value in enumerate(values)
    )
    return Leaderboard(LeaderboardQuestion(), COLUMNS, rows, (), (), (), (), "1")


def test_equal_values_share_a_rank_and_the_next_counts_them() -> None:
    board = board_with(0.5, 0.9, None, 0.5, 0.25)
    assert ranks(board, FOLLOWING) == {"s1": 1, "s0": 2, "s3": 2, "s4": 4}
    assert ranks(board, QUALITY) == {}


@given(some.lists(some.none() | some.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=30))
def test_a_rank_is_one_more_than_how_many_are_better(values: list[float | None]) -> None:
    found = ranks(board_with(*values), FOLLOWING)
    there = [value for value in values if value is not None]
    for i, value in enumerate(values):
        expected = None if value is None else 1 + sum(other > value for other in there)
        assert found.get(f"s{i}") == expected


def test_numbers_go_down_texts_go_up_and_what_is_not_there_comes_last() -> None:
    rows = board_with(0.5, None, 0.9, 0.5).rows

    def names(sort: str | None) -> list[str]:
        return [row.system for row in in_order(rows, sort)]

    assert names(None) == ["s0", "s1", "s2", "s3"]
    assert names(FOLLOWING) == ["s2", "s0", "s3", "s1"]
    assert names(f"-{FOLLOWING}") == ["s0", "s3", "s2", "s1"]
    assert names("-training_data") == ["s3", "s2", "s1", "s0"]
    assert names("base_model") == ["s1", "s3", "s0", "s2"]
    assert names("no such column") == ["s0", "s1", "s2", "s3"]


def test_the_board_is_ranked_by_the_first_following_rate_that_there_is() -> None:
    found = main_column(board_with(0.5))
    assert found is not None
    assert found.key == FOLLOWING
    assert main_column(board_with(None)) is None
    assert main_column(board_with(3.0, key=QUALITY)) is None


def test_places_lie_on_the_scale_of_their_kind() -> None:
    assert [place_on_scale(value, "quality") for value in (1, 5, 7, 0)] == [0, 1, 1, 0]
    assert place_on_scale(None, "share") is None
    assert place_on_scale(12, "number") is None


def test_a_cell_says_value_interval_n_and_what_is_without() -> None:
    figure = BoardFigure(4.0, 1200, 3.5, 4.5, without=3, letters="ab")
    found = cell_view(figure, "quality", 2)
    assert found is not None
    assert (found["text"], found["span"], found["n"]) == ("4.00", "3.50–4.50", "n=1,200, 3 without")
    assert (found["low"], found["at"], found["high"]) == pytest.approx((0.625, 0.75, 0.875))
    assert (found["rank"], found["letters"]) == (2, "ab")
    assert "4.00 [3.50–4.50] ab" in found["whole"]
    without = cell_view(BoardFigure(None, 0, without=4), "share", None)
    assert without is not None
    assert (without["value"], without["text"], without["n"]) == (None, "–", "4 without")
    assert cell_view(BoardFigure(None, 0), "share", None) is None
    assert cell_view(None, "share", None) is None


def test_heads_say_unit_bar_and_groups() -> None:
    board = board_with(0.5, 0.6)
    assert column_view(board, FOLLOWING)["label"] == "following (LLM), %"
    assert column_view(board, FOLLOWING)["letters"] == ["a", "b", "c"]
    assert column_view(board, QUALITY)["letters"] is None
    bars = [column_view(board, key)["bar"] for key in (FOLLOWING, WINS, "characters")]
    assert bars == ["low", "middle", None]
    assert not column_view(board, "characters")["ranked"]
    assert column_view(board, "base_model")["kind"] == "text"


def test_the_usual_columns_are_few_and_without_the_parts_of_scores() -> None:
    assert usual_columns(board_with(0.5)) == [
        FOLLOWING, QUALITY, WINS, "characters", "benchmark/mmlu/acc/", "score/accuracy/a/",
    ]  # fmt: skip


def test_a_text_is_found_in_name_base_and_data() -> None:
    board = board_with(0.5, 0.6, 0.7)
    board = replace(board, rows=(*board.rows[:2], replace(board.rows[2], system="Straße")))
    assert [row.system for row in with_text(board, " bAsE ")] == ["s1"]
    assert [row.system for row in with_text(board, "data 0")] == ["s0"]
    assert [row.system for row in with_text(board, "STRASSE")] == ["Straße"]
    assert len(with_text(board, "")) == 3
