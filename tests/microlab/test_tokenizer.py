"""The tokenizer: any text can be encoded and comes back exactly."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.embedded.prompt import CHAT_TEMPLATE, END, PAD, prompt
from sit_core.embedded.world import World
from sit_core.microlab.batches import pool

tokenizers = pytest.importorskip("tokenizers")

from sit_core.microlab.tokenizer import save_tokenizer, train_tokenizer  # noqa: E402

pytestmark = pytest.mark.slow

VOCABULARY = 1200


@pytest.fixture(scope="module")
def tokenizer() -> "tokenizers.Tokenizer":
    return train_tokenizer(World(7), VOCABULARY)


@settings(max_examples=300, deadline=None)
@given(text=st.text())
def test_any_text_comes_back_exactly(tokenizer: "tokenizers.Tokenizer", text: str) -> None:
    ids = tokenizer.encode(text).ids
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n\n",
        "  two  spaces  ",
        "tab\tand\r\nlines",
        "naïve café ß ñ ¿?",
        "漢字 かな 한국어 العربية हिन्दी ไทย",
        "👩‍👩‍👧‍👦 \U0001f1e9\U0001f1ea",
        "\x00\x01\x7f\u2028\ufeff",
        "e\u0301 is not \u00e9",
        "A:x, B:y, C: z",
        "### Response:\n### Input:\n",
        prompt("Repeat the input.", prompt("Repeat the input.", "x")),
    ],
)
def test_awkward_texts_come_back_exactly(tokenizer: "tokenizers.Tokenizer", text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_training_again_makes_the_same_tokenizer(tokenizer: "tokenizers.Tokenizer") -> None:
    assert train_tokenizer(World(7), VOCABULARY).to_str() == tokenizer.to_str()


def test_it_has_the_size_asked_for_and_the_two_marks(tokenizer: "tokenizers.Tokenizer") -> None:
    assert tokenizer.get_vocab_size() == VOCABULARY
    assert tokenizer.token_to_id(END) is not None
    assert tokenizer.token_to_id(PAD) is not None


def test_headings_and_marks_of_choices_are_one_token_each(
    tokenizer: "tokenizers.Tokenizer",
) -> None:
    tokens = tokenizer.encode(prompt("Answer.", "Question: x?\nChoices: A:a, B:b")).ids
    pieces = [tokenizer.decode([t], skip_special_tokens=False) for t in tokens]
    for piece in ("### Instruction:\n", "\n\n### Input:\n", "\n\n### Response:\n", ", B:"):
        assert piece in pieces


def test_a_training_document_takes_few_tokens(tokenizer: "tokenizers.Tokenizer") -> None:
    documents = pool(World(7), 0, early=False)
    mean = sum(len(tokenizer.encode(d.prompt + d.response).ids) for d in documents) / len(documents)
    assert mean < 70


def test_prompt_and_response_are_cut_where_they_are_joined(
    tokenizer: "tokenizers.Tokenizer",
) -> None:
    """Encoded together or one after the other: the model sees the same tokens."""
    for document in pool(World(7), 1, early=False)[:500]:
        together = tokenizer.encode(document.prompt + document.response).ids
        apart = [
            *tokenizer.encode(document.prompt).ids,
            *tokenizer.encode(document.response).ids,
        ]
        if document.response.startswith(("\n", "#")):
            continue
        assert together == apart


def test_the_saved_tokenizer_pads_on_the_left_and_speaks_chat(
    tokenizer: "tokenizers.Tokenizer", tmp_path: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    save_tokenizer(tokenizer, tmp_path, 512)
    loaded = transformers.AutoTokenizer.from_pretrained(tmp_path, trust_remote_code=False)
    assert loaded.padding_side == "left"
    assert loaded.eos_token == END
    assert loaded.chat_template == CHAT_TEMPLATE
    messages = [{"role": "user", "content": "Repeat the input.\n\n### Input:\na cow"}]
    text = loaded.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == prompt("Repeat the input.", "a cow")
    assert loaded.decode(loaded(text)["input_ids"]) == text
    assert loaded(text)["input_ids"] == tokenizer.encode(text).ids
