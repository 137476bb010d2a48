"""A text that grows by tokens is the text of all tokens, and never shows a stop text."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sit_core.models.local.sequence_state import IncrementalDetokenizer


def from_bytes(tokens: Sequence[int]) -> str:
    return bytes(tokens).decode("utf-8", "replace")


def shown(text: IncrementalDetokenizer, tokens: Sequence[int]) -> list[str]:
    pieces = []
    for token in tokens:
        text.push(token)
        pieces.append(text.take())
    text.finish()
    return [*pieces, text.take(last=True)]


@given(st.text())
def test_no_character_is_shown_in_parts(said: str) -> None:
    text = IncrementalDetokenizer(from_bytes)
    pieces = shown(text, said.encode())
    assert "".join(pieces) == text.text == said
    assert all("\ufffd" not in piece for piece in pieces if "\ufffd" not in said)


@given(st.lists(st.integers(0, 255)))
def test_bytes_that_are_no_text_lose_nothing_that_is(tokens: list[int]) -> None:
    text = IncrementalDetokenizer(from_bytes)
    assert "".join(shown(text, tokens)) == text.text
    whole = IncrementalDetokenizer(from_bytes)
    for token in tokens:
        whole.push(token)
    assert whole.finish() == from_bytes(tokens)


@given(st.text("ab#\n"), st.lists(st.text("ab#\n", min_size=1), max_size=3))
def test_what_is_shown_ends_before_the_first_stop_text(said: str, stops: list[str]) -> None:
    text, tokens = IncrementalDetokenizer(from_bytes, stops), []
    for token in said.encode():
        tokens.append(token)
        if any(stop in from_bytes(tokens) for stop in stops):
            break
    pieces = shown(text, tokens)
    assert "".join(pieces) == text.text
    found = [from_bytes(tokens).index(stop) for stop in stops if stop in from_bytes(tokens)]
    assert text.stopped == bool(found)
    assert text.text == from_bytes(tokens)[: min(found, default=None)]


def test_a_space_that_a_tokenizer_drops_at_the_beginning_is_kept_within() -> None:
    words = ["▁a", "▁cow", "s", "▁eat"]

    def decode(tokens: Sequence[int]) -> str:
        return "".join(words[t] for t in tokens).replace("▁", " ").removeprefix(" ")

    assert shown(IncrementalDetokenizer(decode), [0, 1, 2, 3, 1]) == [
        "a",
        " cow",
        "s",
        " eat",
        " cow",
        "",
    ]


def test_what_may_become_a_stop_text_waits() -> None:
    text = IncrementalDetokenizer(from_bytes, ["\n###"])
    assert shown(text, b"a\n#b\n##") == ["a", "", "", "\n#b", "", "", "", "\n##"]
