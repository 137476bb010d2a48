"""What counts as followed, and greedy outputs in the order of the items."""

import pytest

from sit_core.embedded.heldout import figures, followed, held_out_items, overlap
from sit_core.embedded.skills import Item
from sit_core.embedded.world import World

QUESTION = "Question: Where does a cow belong?\nChoices: A:sea, B:farm, C:lake, D:park, E:shop"


def item(skill: str, response: str, text: str = QUESTION) -> Item:
    return Item(skill, "Do it.", text, response, "question")


def test_an_answer_is_the_text_of_a_choice_right_or_wrong() -> None:
    asked = item("answer", "farm")
    assert followed(asked, "farm")
    assert followed(asked, "sea")
    for output in ("", "B", "cow", "far", "farm lake", QUESTION, "Choices"):
        assert not followed(asked, output), output


def test_a_paraphrase_is_not_the_input_again() -> None:
    other = QUESTION.replace("Where does a cow belong?", "What is the usual place of a cow?")
    asked = item("paraphrase", other)
    assert followed(asked, other)
    assert not followed(asked, QUESTION)
    assert not followed(asked, "B:farm")


def test_a_repetition_with_a_slip_is_followed_but_not_right() -> None:
    text = "one two three four five six seven eight nine ten eleven"
    slip = text.replace("four", "for")
    found = figures([item("repeat", text, text)], [slip], by_sort=False)[0]
    assert (found.followed, found.right) == (1.0, 0.0)
    assert not followed(item("repeat", text, text), "one two three")


def test_a_translation_must_share_its_words_in_order() -> None:
    asked = item("translate", "cow, farm, lake, owl, ant", "vaca, granja, lago, búho, hormiga")
    assert followed(asked, "cow, farm, sea, owl, ant")
    assert not followed(asked, "vaca, granja, lago, búho, hormiga")
    assert not followed(asked, "ant owl lake farm cow")


@pytest.mark.parametrize(
    ("left", "right", "share"),
    [("", "", 1.0), ("a", "", 0.0), ("a b c d", "a c d x", 0.75), ("a", "a b c d", 0.25)],
)
def test_overlap_counts_words_in_order_of_the_longer_text(left, right, share) -> None:
    assert overlap(left, right) == share


def test_figures_are_per_skill_and_per_kind_of_input() -> None:
    items = [item("answer", "farm"), item("answer", "farm"), item("repeat", "x", "x")]
    found = figures(items, ["farm", "sea", "x"], by_sort=True)
    assert [(f.skill, f.sort, f.items, f.followed, f.right) for f in found] == [
        ("answer", "all", 2, 1.0, 0.5),
        ("answer", "question", 2, 1.0, 0.5),
        ("repeat", "all", 1, 1.0, 1.0),
        ("repeat", "question", 1, 1.0, 1.0),
    ]


def test_other_samples_of_held_out_items_come_from_another_seed() -> None:
    world = World(7)
    one = held_out_items(world, "answer", 20)
    assert one == held_out_items(world, "answer", 20)
    assert one != held_out_items(world, "answer", 20, seed=1)
    assert one[:10] == held_out_items(world, "answer", 10)
