"""Texts are laid side by side word by word, in any script, and lose nothing on the way."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sit_core.metrics import alignment
from sit_core.metrics.alignment import Segments, overlap, overlaps, word_diff, words

SOME_WORDS = st.lists(
    st.sampled_from(["bank", "mall", "A:", "東京", "नमस्ते", "שָׁלוֹם", "ไทย", "\n", " ", "  ", ", "])
).map(" ".join)
TEXT = st.one_of(st.text(max_size=60), SOME_WORDS)


def joined(segments: Segments, only: bool | None = None) -> str:
    return "".join(text for text, same in segments if only is None or same == only)


@given(TEXT, TEXT)
@example("", "")
@example("...", "...")
@example("a", "")
def test_the_segments_joined_are_the_texts(left: str, right: str) -> None:
    for a, b in (overlaps(left, right), word_diff(left, right)):
        assert joined(a) == left
        assert joined(b) == right


@given(TEXT, TEXT)
@settings(max_examples=200)
def test_what_a_diff_calls_the_same_is_the_same_on_both_sides(left: str, right: str) -> None:
    a, b = word_diff(left, right)
    assert joined(a, only=True) == joined(b, only=True)


@given(TEXT)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    wanted = [(text, True)] if text else []
    assert overlaps(text, text) == (wanted, wanted)
    assert word_diff(text, text) == (wanted, wanted)


@given(TEXT, TEXT)
def test_neighbouring_segments_differ_and_none_is_empty(left: str, right: str) -> None:
    for segments in (*overlaps(left, right), *word_diff(left, right)):
        assert all(text for text, _ in segments)
        assert all(x[1] != y[1] for x, y in itertools.pairwise(segments))


@given(st.text(max_size=80))
def test_words_are_in_order_and_never_overlap(text: str) -> None:
    ends = [0]
    for start, end in words(text):
        assert ends[-1] <= start < end
        ends.append(end)


def test_words_keep_their_marks_in_every_script() -> None:
    def found(text: str) -> list[str]:
        return [text[a:b] for a, b in words(text)]

    assert found("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]
    assert found("Πού κοιμάται η γάτα;") == ["Πού", "κοιμάται", "η", "γάτα"]
    assert found("أَيْنَ تَنَامُ") == ["أَيْنَ", "تَنَامُ"]
    assert found("cafe\u0301 Tiếng Việt") == ["cafe\u0301", "Tiếng", "Việt"]


def test_scripts_without_spaces_are_taken_character_by_character() -> None:
    assert [b - a for a, b in words("猫在哪里睡觉")] == [1] * 6
    text = "ที่นี่"
    assert [text[a:b] for a, b in words(text)] == ["ที่", "นี่"]
    assert overlap("猫在哪里睡觉", "狗在哪里吃饭") == [
        ("狗", False),
        ("在哪里", True),
        ("吃饭", False),
    ]


def test_a_repetition_is_found_inside_the_output_whatever_its_case_and_line_breaks() -> None:
    expected = "Question: Where do cats sleep?\nChoices: A:sofa, B:tree"
    output = "Sure! QUESTION: where do cats sleep? Choices: A:sofa, B:tree\nAnswer: A"
    marked = [text for text, same in overlap(expected, output) if same]
    assert marked == ["QUESTION: where do cats sleep? Choices: A:sofa, B:tree"]


def test_what_was_left_out_is_not_marked_in_the_expected_text() -> None:
    expected, output = overlaps("Where is it? Choices: A, B", "Where is it?")
    assert expected == [("Where is it", True), ("? Choices: A, B", False)]
    assert output == [("Where is it", True), ("?", False)]


def test_a_diff_is_exact_where_an_overlap_is_lenient() -> None:
    assert word_diff("Bank", "bank") == ([("Bank", False)], [("bank", False)])
    assert word_diff("a  b", "a b")[0] == [("a", True), ("  ", False), ("b", True)]


def test_a_text_too_long_to_align_is_aligned_as_far_as_it_goes(monkeypatch) -> None:
    monkeypatch.setattr(alignment, "MAX_CELLS", 100)
    text = " ".join(f"w{i}" for i in range(50))
    segments = overlap(text, text)
    assert joined(segments) == text
    assert segments[0] == (" ".join(f"w{i}" for i in range(10)), True)
    assert segments[-1][0].startswith(" w10")
    assert joined(overlap("w0", text), only=True) == "w0"


BEES = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea"


@pytest.mark.parametrize(
    ("output", "marked"),
    [
        (f"{BEES}\nAnswer: C:sea", [BEES]),
        (f"{BEES}\n\nC sea", [BEES]),
        (f"C:sea\n{BEES}", [BEES]),
        (f"The answer to the question: sea. {BEES} So it is: C:sea, C:sea", [BEES]),
        (
            "Where do bees carry nectar: flower, hive or sea? It is sea",
            ["Where do bees carry nectar", "flower", "hive", "sea"],
        ),
        ("Question: bees? Question: Where do bees carry nectar?", [BEES.partition("?")[0]]),
    ],
)
def test_what_an_answer_shares_with_the_input_is_not_taken_from_the_repetition(
    output: str, marked: list[str]
) -> None:
    pieces = overlap(BEES, output)
    assert [text for text, same in pieces if same] == marked
    place = output.index(marked[0])
    found = sum(len(text) for text, same in pieces[: [same for _, same in pieces].index(True)])
    assert found == place


def test_words_that_stand_twice_are_marked_where_the_rest_is() -> None:
    found = overlap("one two three red", "one two three: red; the answer: red")
    assert found == [("one two three", True), (": ", False), ("red", True), found[-1]]
    assert found[-1] == ("; the answer: red", False)


@given(
    st.lists(st.sampled_from("abcd"), max_size=14), st.lists(st.sampled_from("abcd"), max_size=14)
)
def test_no_word_less_is_shared_than_could_be(left: list[str], right: list[str]) -> None:
    from rapidfuzz.distance import LCSseq

    shared = LCSseq.similarity(left, right)
    for pieces in overlaps(" ".join(left), " ".join(right)):
        assert sum(len(text.split()) for text, same in pieces if same) == shared


def test_a_long_part_that_is_said_again_is_marked_where_all_of_it_stands() -> None:
    text = " ".join(f"word{i}" for i in range(30))
    again = " ".join(f"word{i}" for i in range(12, 30))
    assert overlap(text, f"{text}; {again}")[0] == (text, True)
    assert overlap(text, f"{again}; {text}")[-1] == (text, True)
    begins = " ".join(f"word{i}" for i in range(18))
    assert overlap(text, f"{begins}; {text}")[-1] == (text, True)
