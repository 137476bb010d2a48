"""Kinds counted by clause and by instruction, what has none apart; a sunburst that adds up."""

import pytest

from sit_core.metrics.verb_noun import kind_reader
from sit_core.results.verb_noun import OTHER, kinds_of, petals

RULE = kind_reader("rule")
TEXTS = [
    ("a", "Write a poem."),
    ("b", "Write a poem, then name its rhymes."),
    ("c", "Write a letter and write a poem."),
    ("d", "Why?"),
    ("e", "…"),
    ("f", ""),
]


def test_clauses_and_instructions_are_counted_apart() -> None:
    table = kinds_of(TEXTS, RULE)
    assert (table.instructions, table.clauses, table.without) == (6, 6, 2)
    rows = {(row.verb, row.noun): (row.n, row.ids) for row in table.rows}
    assert rows["write", "poem"] == (3, ("a", "b", "c"))
    assert rows["write", "letter"] == (1, ("c",))
    assert rows["(question)", "why"] == (1, ("d",))
    assert table.unparsed == {
        "there is no word in it": ("e",),
        "there is no instruction": ("f",),
    }
    assert table.verbs() == {"write": 4, "(question)": 1, "name": 1}
    assert table.ids_of("write", any_noun=True) == ["a", "b", "c"]
    assert table.ids_of("write", "letter") == ["c"]


def test_a_share_is_of_the_instructions_that_have_a_kind_with_an_interval() -> None:
    said = kinds_of(TEXTS, RULE).to_dict()
    assert (said["instructions"], said["with_a_kind"], said["reader"]) == (6, 4, "rule")
    poem = said["rows"][0]
    assert (poem["verb"], poem["noun"], poem["clauses"], poem["instructions"]) == (
        "write",
        "poem",
        3,
        3,
    )
    assert poem["share"] == 0.75
    assert (poem["low"], poem["high"]) == (
        pytest.approx(0.2044, abs=1e-4),
        pytest.approx(0.9872, abs=1e-4),
    )
    assert said["unparsed"] == {"there is no word in it": 1, "there is no instruction": 1}


def test_the_outer_pieces_of_a_verb_add_up_to_the_inner_one() -> None:
    nouns = ["poem", "letter", "song", "play", "note", "essay"]
    texts = [(str(i), f"Write a {noun}.") for i, noun in enumerate([*nouns, "poem"])]
    texts += [("x", "Write about why it rains."), ("y", "Sing a song."), ("z", "Paint a wall.")]
    found = petals(kinds_of(texts, RULE), verbs=2, nouns=4)
    inner = {piece.verb: piece for piece in found if piece.inner}
    assert len(inner) == 2
    write = [piece for piece in found if piece.verb == "write" and not piece.inner]
    assert write[0].noun == "poem"
    assert len(write) == 5
    assert write[-1].noun == OTHER
    for verb, piece in inner.items():
        outer = [one for one in found if one.verb == verb and not one.inner]
        assert sum(one.n for one in outer) == piece.n
    assert set(write[-1].ids) | {i for piece in write for i in piece.ids} == set(inner["write"].ids)


def test_nothing_is_an_empty_table() -> None:
    table = kinds_of([], RULE)
    assert (table.instructions, table.rows, list(petals(table))) == (0, (), [])
