"""Overlap of training rows and test prompts: what is the same is found, all else is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.results.overlap import OverlapRow, overlap

WORDS = st.lists(
    st.sampled_from(["one", "two", "three", "four", "five", "six"]), min_size=1, max_size=12
)


def train(*rows: tuple[str, str, str]) -> list[OverlapRow]:
    return [OverlapRow(f"row {i}", *row) for i, row in enumerate(rows, 1)]


def test_each_kind_is_told_apart_and_its_rows_are_named() -> None:
    rows = train(
        ("Answer.", "Where is the cow?", "farm"),
        ("Repeat.", "caf\u00e9\r\nau lait ", "x"),
        ("Say.", "", "he said: the quick brown fox jumps over the dog"),
    )
    test = [
        OverlapRow("exact", "Answer.", "Where is the cow?"),
        OverlapRow("normalised", "Repeat.", "cafe\u0301\nau lait"),
        OverlapRow("input", "Paraphrase.", "Where is the cow?"),
        OverlapRow("words", "Answer.", "The Quick, brown fox jumps"),
        OverlapRow("none", "Answer.", "Why did nobody ask about this"),
        OverlapRow("short", "Answer.", "no"),
    ]
    found = overlap(rows, test, ngram=4)
    assert [(s.test, s.train) for s in found.exact] == [("exact", "row 1")]
    assert [s.test for s in found.normalised] == ["exact", "normalised"]
    assert [(s.test, s.train) for s in found.inputs] == [
        ("exact", "row 1"),
        ("normalised", "row 2"),
        ("input", "row 1"),
    ]
    assert [s.test for s in found.words] == ["exact", "input", "words"]
    assert found.short == ("normalised", "short")
    assert (found.any_words, found.mean_share) == (3, 3 / 4)
    assert (found.train_rows, found.test_rows) == (3, 6)


def test_part_of_a_prompt_counts_by_its_share() -> None:
    rows = train(("", "a b c d e", ""))
    test = [OverlapRow("q", "", "a b c d x y z")]  # 3 of 6 pairs of words
    assert [s.share for s in overlap(rows, test, ngram=2).words] == [0.5]
    assert not overlap(rows, test, ngram=2, share=0.51).words


def test_an_n_gram_never_runs_over_the_border_of_two_texts() -> None:
    rows = train(("", "a b", "c d"))
    assert overlap(rows, [OverlapRow("q", "", "a b c d")], ngram=4).any_words == 0


@given(WORDS, WORDS, st.integers(1, 4))
def test_n_grams_are_those_of_comparing_lists(left, right, n) -> None:
    rows = train(("", " ".join(left), ""))
    found = overlap(rows, [OverlapRow("q", "", " ".join(right))], ngram=n)
    of = lambda words: {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}  # noqa: E731
    wanted = of(right)
    share = len(wanted & of(left)) / len(wanted) if wanted else None
    assert found.mean_share == share


def test_settings_out_of_range_are_said() -> None:
    with pytest.raises(UsageError):
        overlap([], [OverlapRow("q", "x")], ngram=0)
    with pytest.raises(UsageError):
        overlap([], [])
