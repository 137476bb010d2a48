"""Whose end would be cut is known before anything is trained, and refused unless decided on."""

import pytest

from sit_core.errors import SitError
from sit_core.train.encoding import EncodedRow
from sit_core.train.lengths import BINS, fitting, lengths_of


def rows(*lengths: tuple[int, int]) -> list[EncodedRow]:
    return [EncodedRow([1] * prompt, [2] * output) for prompt, output in lengths]


def test_the_histogram_counts_every_row() -> None:
    found = lengths_of(rows(*[(n, n) for n in range(1, 400)]), 500)
    assert sum(found.counts) == found.rows == 399
    assert len(found.edges) == len(found.counts) + 1 <= BINS + 2
    for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False):
        assert count == sum(low <= 2 * n < high for n in range(1, 400))
    assert (found.cut, found.longest) == (149, 798)
    beyond = found.edges.index(501)
    assert sum(found.counts[beyond:]) == found.cut  # no bin lies across the limit
    assert found.cut_share == pytest.approx(149 / 399)


def test_a_row_fits_to_the_last_token() -> None:
    found = lengths_of(rows((5, 3), (5, 4), (8, 1), (9, 1)), 8)
    assert (found.cut, found.unlearnable) == (3, 2)


def test_training_with_a_cut_is_refused_by_default() -> None:
    with pytest.raises(SitError) as caught:
        fitting(rows((5, 3), (5, 4)), 8, "refuse")
    said = str(caught.value)
    for part in ("1 of 2 rows (50.0%)", "final step", "longer data.max_length", "drop", "keep"):
        assert part in said


def test_the_choices() -> None:
    some = rows((5, 3), (5, 9), (8, 1))
    assert fitting(some, 8, "drop") == some[:1]
    kept = fitting(some, 8, "keep")
    assert kept == some[:2]  # of the third nothing would be learned
    assert kept[1].ids(8) == [1] * 5 + [2] * 3
    assert kept[1].labels(8)[-3:] == [2, 2, 2]
    assert fitting(some, 14, "refuse") == some
    with pytest.raises(SitError, match="No row is left"):
        fitting(some, 4, "drop")


def test_rows_to_train_on_are_those_that_the_choice_leaves() -> None:
    some = rows((5, 3), (5, 9), (8, 1))
    found = lengths_of(some, 8)
    for choice in ("drop", "keep"):
        assert found.used(choice) == len(fitting(some, 8, choice))
    assert found.used("refuse") == 0
    assert lengths_of(some, 14).used("refuse") == 3
