"""Local models think, too: apart from the output, also where the chat template begins it."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from sit_core.models.interface import KEEP, GenerationSettings, ModelSpec, Thought
from sit_core.models.local.prompting import Prompter
from sit_core.models.local.sequence_state import SequenceState, new_row
from sit_core.models.output_of_text import ONLY_THOUGHTS, ONLY_THOUGHTS_CUT
from sit_core.records import Example, Outcome
from tests.models.conftest import Loader

pytest.importorskip("transformers")
SETTINGS = GenerationSettings(max_new_tokens=200)


def ended(
    text: str, settings: GenerationSettings = SETTINGS, opened: bool = False
) -> SequenceState:
    """A row whose tokens are the characters of a text."""
    row = new_row(0, [1], settings, None, lambda ids: "".join(map(chr, ids)), opened)
    assert isinstance(row, SequenceState)
    for token in map(ord, text):
        row.accept(token, frozenset({0}))
    row.accept(0, frozenset({0}))
    return row


def test_thoughts_of_a_local_model_are_apart() -> None:
    made = ended("<think>\nHm.\n</think>\n\nhello").result()
    assert (made.text, made.thoughts, made.outcome) == ("hello", "Hm.", Outcome.COMPLETE)
    made = ended("Hm.</think>hello", opened=True).result()
    assert (made.text, made.thoughts) == ("hello", "Hm.")
    made = ended("<think>Hm.").result()
    assert (made.text, made.thoughts, made.reason) == ("", "Hm.", ONLY_THOUGHTS)
    kept = ended("<think>Hm.</think>hello", GenerationSettings(max_new_tokens=99, thoughts=KEEP))
    assert kept.result().text == "<think>Hm.</think>hello"


def test_a_chat_template_may_begin_them(local: Loader, copy: Path) -> None:
    template = "{% for m in messages %}<|user|>{{ m['content'] }}<|model|>{% endfor %}<think>\n"
    (copy / "chat_template.jinja").write_text(template, encoding="utf-8")
    model = local(copy, prompt_format="chat")
    settings = GenerationSettings(max_new_tokens=5)
    ((_, made),) = model.generate([Example("hi")], settings)
    assert (made.text, made.outcome, made.reason) == ("", Outcome.CUT, ONLY_THOUGHTS_CUT)
    assert made.thoughts
    pieces = list(model.stream(Example("hi"), settings))
    assert pieces
    assert all(isinstance(piece, Thought) for piece in pieces)
    assert "".join(pieces).strip() == made.thoughts
    ((_, kept),) = model.generate(
        [Example("hi")], GenerationSettings(max_new_tokens=5, thoughts=KEEP)
    )
    assert (kept.text.strip(), kept.thoughts) == (made.thoughts, "")


def test_marks_that_are_special_tokens_are_not_lost(tiny: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    tokenizer.add_special_tokens({"additional_special_tokens": ["[THINK]", "[/THINK]"]})
    base = SimpleNamespace(tokenizer=tokenizer, tokenizing=nullcontext(True))
    prompter = Prompter(ModelSpec(str(tiny), prompt_format="plain"), base)
    ids = tokenizer("[THINK]Hm.[/THINK]hello<|end|>")["input_ids"]
    assert prompter.decode(ids) == "[THINK]Hm.[/THINK]hello"
    assert prompter.decode(tokenizer("hello<|end|>")["input_ids"]) == "hello"
    assert prompter.decode([]) == ""
