"""Hostile and odd texts come out as text, complete and unchanged."""

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.plain_text import NOTHING, SHOWN, notes


def draw(text: str, segments=None) -> AppTest:
    def script(text, segments):
        from pages.shared.plain_text import verbatim

        verbatim(text, key="k", segments=segments)

    at = AppTest.from_function(script, args=(text, segments)).run()
    assert not at.exception
    return at


def shown(at: AppTest) -> str:
    """What a browser would show of the one st.html there is."""
    (element,) = at.html
    return html.unescape(re.sub(r"<[^>]*>", "", element.value))


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "  leading\n   \n\t\ttabs and blank lines  \n\n",
        "<script>alert(1)</script><img src=//evil.example/x><b>bold</b>",
        "![x](https://evil.example/x.png) [y](javascript:alert(1)) **no** $x^2$ `code` :red[z]",
        "\u202eoverride\u2066isolate \u200b\x1b[31mred\x1b[0m",
        "مرحبا بالعالم\nשלום\n漢字 ไทย हिन्दी",
        "</div></div><style>*{display:none}</style>",
        "&lt;not unescaped twice&gt; &amp;amp;",
    ],
)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    at = draw(text)
    assert shown(at) == text
    tags = set(re.findall(r"<\s*/?\s*([a-z]+)", at.html[0].value))
    assert tags == {"div"}
    assert not at.markdown


def test_an_empty_output_is_visibly_no_text() -> None:
    at = draw("")
    assert shown(at) == NOTHING
    assert 'data-verbatim="empty"' in at.html[0].value
    assert 'data-verbatim="text"' in draw(NOTHING).html[0].value


def test_white_space_only_is_said() -> None:
    assert [t.value for t in draw(" \n ").text] == ["(only white space: 3 characters)"]


def test_marked_segments_are_marked_and_the_text_stays_whole() -> None:
    at = draw("a <b> c", [("a ", True), ("<b>", False), (" c", True)])
    assert shown(at) == "a <b> c"
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", at.html[0].value) == ["a ", " c"]


def test_a_very_long_text_is_cut_on_the_screen_only_and_says_so() -> None:
    text = "x" * SHOWN + "the end"
    at = draw(text)
    assert shown(at) == "x" * SHOWN
    assert [t.value for t in at.text] == ["Of 200,007 characters the first 200,000 are shown."]
    assert at.get("download_button")
    marked = draw(text, [("x" * 10, True), (text[10:], False)])
    assert shown(marked) == "x" * SHOWN
    assert not draw("short").get("download_button")


def test_half_a_surrogate_pair_does_not_break_the_page() -> None:
    assert shown(draw("a\ud800b")) == "a?b"


def test_hidden_characters_are_counted_and_ordinary_ones_are_not() -> None:
    assert notes("a\u202eb\x1b[0m\u200b") == ["Contains 3 invisible control characters."]
    assert notes("\ufeffx") == ["Contains 1 invisible control character."]
    assert notes("line\n\ttab\r\nمی‌خواهم 👩‍🔬 cafe\u0301") == []
