"""A tiny random Llama with a tokenizer of bytes, made here: no network, no training."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sit_core.models.interface import ModelSpec
from sit_core.models.local.backend import LocalModel, load
from sit_core.models.local.base_model_cache import BaseModelCache
from tests.models.bad_server import BadServer

CHAT = "{% for m in messages %}<|user|>{{ m['content'] }}<|model|>{% endfor %}"


def save_tiny(folder: Path, *, layers: int = 2, seed: int = 0, context: int = 512) -> Path:
    """Save a model with random weights; large ones, so that its outputs depend on its inputs."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|end|>", "<|pad|>", "<|user|>", "<|model|>"])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>"
    )
    fast.chat_template = CHAT
    fast.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        initializer_range=0.5,
        bos_token_id=None,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    torch.manual_seed(seed)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def save_adapter(folder: Path, base: Path, seed: int = 1) -> Path:
    """Save a random LoRA for a base."""
    torch = pytest.importorskip("torch")
    peft = pytest.importorskip("peft")
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    config = peft.LoraConfig(
        r=4,
        lora_alpha=32,
        target_modules=["q_proj", "v_proj", "o_proj"],
        init_lora_weights=False,
        task_type="CAUSAL_LM",
    )
    peft.get_peft_model(model, config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny model; not to be changed."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def lora(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an adapter for it."""
    return save_adapter(tmp_path_factory.mktemp("lora"), tiny)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """The tiny model in a folder that a test may spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


@pytest.fixture
def bases() -> BaseModelCache:
    """A cache of bases of the test's own."""
    return BaseModelCache()


Loader = Callable[..., LocalModel]


@pytest.fixture
def local(tiny: Path, bases: BaseModelCache) -> Iterator[Loader]:
    """Loads the tiny model (or another), plain prompts unless said otherwise."""
    opened = []

    def loaded(model: Path = tiny, **fields: Any) -> LocalModel:
        spec = ModelSpec(str(model), **{"prompt_format": "plain", "device": "cpu", **fields})
        opened.append(load(spec, bases))
        return opened[-1]

    yield loaded
    for model in opened:
        model.close()


def edit_json(path: Path, **changes: Any) -> None:
    """Change a JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | changes), encoding="utf-8")


@pytest.fixture
def server() -> Iterator[BadServer]:
    """An endpoint that behaves as a test tells it."""
    opened = BadServer()
    yield opened
    opened.end()
