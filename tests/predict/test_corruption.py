"""One fact of a text is changed: another text, the same for the same seed, with what it implies."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.metrics.accuracy import accuracy
from sit_core.predict.corruption import CHOICE, NAME, NO_FACT, NUMBER, Corruption, corrupted
from sit_core.records import Example, Prediction, Unparsed

OTHERS = ["hive", "Rome", "the sea", "1066", ""]


def changed(text: str, example: Example, seed: int = 0) -> Corruption:
    found = corrupted(text, example, OTHERS, random.Random(seed))
    assert isinstance(found, Corruption), found
    return found


def test_the_right_choice_gives_way_to_an_answer_that_is_no_choice() -> None:
    asked = Example("…", "Where?\nChoices: A:bank, B:mall, C:hive", reference="mall")
    found = changed(asked.input, asked)
    assert (found.kind, found.before) == (CHOICE, "mall")
    assert found.after not in ("mall", "bank", "hive")
    assert found.implied == found.after
    assert found.text == f"Where?\nChoices: A:bank, B:{found.after}, C:hive"


def test_of_a_letter_two_choices_change_places() -> None:
    asked = Example("…", "Where?\nChoices: A:bank, B:mall, C:hive", reference="B")
    found = changed(asked.input, asked)
    assert found.implied in ("A", "C")
    assert f"{found.implied}:mall" in found.text
    assert accuracy(Prediction("r", asked, found.implied)) == 0.0


def test_a_translation_s_choices_are_changed_in_its_own_words() -> None:
    asked = Example("…", "¿Qué?\nOpciones: A:vaca, B:búho", reference="owl")
    found = changed("What?\nChoices: A:cow, B:owl", asked)
    assert (found.kind, found.before) == (CHOICE, "owl")
    assert "A:cow" in found.text


def test_a_fact_of_the_answer_comes_first() -> None:
    asked = Example("…", "When, and where in 1950?", reference="March 1990")
    found = changed("In 1950 nothing, in March 1990 all.", asked)
    assert (found.kind, found.before) == (NUMBER, "1990")
    assert found.implied == f"March {found.after}"
    assert "1950" in found.text
    named = changed("He lived in Paris.", Example("…", "Where?", reference="Paris"))
    assert (named.kind, named.before, named.implied) == (NAME, "Paris", "Rome")
    other = changed("He met Anna.", Example("…", "Where?", reference="Paris"))
    assert (other.before, other.implied) == ("Anna", None)
    assert corrupted("he met her", Example("…", "?", reference="x"), OTHERS, random.Random(0)) == (
        NO_FACT
    )


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60),
    st.text(max_size=20),
    st.lists(st.text(max_size=8), max_size=4),
    st.integers(0, 5),
)
def test_whatever_comes_it_is_another_text_or_a_reason(
    text: str, gold: str, others: list[str], seed: int
) -> None:
    for asked in (Example("…", text, reference=gold), Example("…", "?", reference=gold)):
        found = corrupted(text, asked, others, random.Random(seed))
        if isinstance(found, Unparsed):
            assert found.reason
            continue
        assert found.text != text
        assert found.before != found.after
        assert found.text.strip()
        assert corrupted(text, asked, others, random.Random(seed)) == found
