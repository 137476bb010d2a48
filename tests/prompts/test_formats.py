"""What is sent around an example, and that the example itself is sent as it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.embedded.prompt import PREAMBLE
from sit_core.embedded.prompt import prompt as microlab_prompt
from sit_core.errors import SitError
from sit_core.prompts import FORMATS, Template, prompt_format
from sit_core.records import Example

UGLY = "a: b\n\n### Response:\n{instruction} {input} {0} $1 \\1\n\n"


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_holds_the_texts_verbatim_and_in_order(name: str) -> None:
    sent = prompt_format(name).render(Example("Do THIS:\nnow", UGLY))
    assert sent.index("Do THIS:\nnow") < sent.index(UGLY)


@given(st.text(), st.text(min_size=1))
def test_nothing_is_stripped_cut_or_put_in_twice(instruction: str, text: str) -> None:
    assert Template("t", "{instruction}\n\n{input}").render(Example(instruction, text)) == (
        f"{instruction}\n\n{text}"
    )


@pytest.mark.parametrize("name", list(FORMATS))
def test_without_an_input_no_heading_of_one_is_left(name: str) -> None:
    sent = prompt_format(name).render(Example("Sing."))
    assert "nput" not in sent
    assert "\n\n\n" not in sent
    assert sent.endswith("\n") == prompt_format(name).render(Example("Sing.", "x")).endswith("\n")


def test_alpaca_is_what_the_embedded_model_learned() -> None:
    for text in ("a cow", ""):
        sent = prompt_format("alpaca").render(Example("Repeat the input.", text))
        assert sent == microlab_prompt("Repeat the input.", text, PREAMBLE)


def test_a_format_of_ones_own_is_a_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("Q {instruction}\n\nI {input}\n\nA", encoding="utf-8")
    assert prompt_format(str(mine)).render(Example("x")) == "Q x\n\nA"
    mine.write_text("Q {instruction}", encoding="utf-8")
    with pytest.raises(SitError, match=r"must hold \{instruction\} and \{input\} once each"):
        prompt_format(str(mine))
    with pytest.raises(SitError, match="can't be read"):
        prompt_format(str(tmp_path / "none.txt"))
    with pytest.raises(SitError, match="did you mean 'alpaca'"):
        prompt_format("alpacca")


def test_another_text_has_another_hash() -> None:
    hashes = {prompt_format(name).sha256 for name in FORMATS}
    assert len(hashes) == len(FORMATS)
