"""A byte-level BPE tokenizer for the micro world: any text can be encoded and comes back exactly.

Text is cut first, so that the headings of the prompt and the marks of the choices (``, B:``) are
one token each, then as GPT-2 does it. Bytes are the base alphabet, so nothing is unknown.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.embedded.prompt import CHAT_TEMPLATE, END, PAD
from sit_core.embedded.world import World
from sit_core.microlab.batches import pool

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CUT = (
    r"\n*### (?:Instruction|Input|Response):\n"
    r"|\n?(?:Question|Choices|Pregunta|Opciones|Frage|Auswahl):"
    r"|(?:, | )?[A-Z]:(?=\S)"
    r"|'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
)


def train_tokenizer(
    world: World, vocabulary: int, texts: Iterable[str] | None = None
) -> "Tokenizer":
    """Learn the merges from the micro world's own texts; the same for the same seed.

    Args:
        world: where the texts come from.
        vocabulary: so many tokens.
        texts: others than those of the base that knows instructions.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CUT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    if texts is None:
        texts = (
            d.instruction if d.skill == "repeat" else d.prompt + d.response  # copies: often noise
            for number in range(6)
            for d in pool(world, -1 - number, early=False)
        )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save_tokenizer(tokenizer: "Tokenizer", folder: Path, context: int) -> None:
    """Write the files that ``AutoTokenizer.from_pretrained`` reads."""
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        model_max_length=context,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
