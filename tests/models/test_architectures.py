"""Architectures that differ in positions, masks and memory all give what transformers makes."""

from pathlib import Path
from typing import Any

import pytest

from sit_core.models import GenerationSettings
from tests.models.conftest import Loader, save_tiny

pytestmark = pytest.mark.slow

PROMPTS = ["hello", "a longer prompt of more than sixteen tokens, ok?", "x", "Grüße 12"]
_SIZES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.5,
}
_GROUPED = {**_SIZES, "num_key_value_heads": 2, "head_dim": 8}
_LINEAR = {f"linear_{kind}_head_dim": 8 for kind in ("key", "value")}
_LINEAR |= {"linear_num_key_heads": 2, "linear_num_value_heads": 4}
KINDS: dict[str, dict[str, Any]] = {
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512, "initializer_range": 0.5},
    "Bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5},
    "Mistral": {**_GROUPED, "sliding_window": 16},
    "Gemma3": {**_GROUPED, "sliding_window": 16},
    "Mamba": {"hidden_size": 32, "state_size": 8, "num_hidden_layers": 2},
    "Qwen3Next": {
        **_GROUPED,
        **_LINEAR,
        "num_experts": 0,
        "mlp_only_layers": [0, 1],
        "layer_types": ["linear_attention", "full_attention"],
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_alone_it_is_as_in_transformers_and_in_a_batch_as_alone(
    kind: str, local: Loader, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = save_tiny(tmp_path / kind)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    config = getattr(transformers, f"{kind}TextConfig", None)
    config = (config or getattr(transformers, f"{kind}Config"))(
        **KINDS[kind],
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    head = "LMHeadModel" if kind == "GPT2" else "ForCausalLM"
    torch.manual_seed(0)
    reference = getattr(transformers, kind + head)(config).eval()
    reference.save_pretrained(folder)

    def expected(prompt: str) -> str:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        out = reference.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False
        )
        text: str = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        return text

    model, settings = local(folder), GenerationSettings(max_new_tokens=20)
    alone = [next(model.generate([prompt], settings))[1].text for prompt in PROMPTS]
    assert alone == list(map(expected, PROMPTS))
    batch = dict(model.generate(PROMPTS, settings))
    assert [batch[i].text for i in range(len(PROMPTS))] == alone
    # Rows that end at different times leave the batch, or wait in it for the others.
    met = tuple(text[len(text) // 3] for text in alone[:2] if text)
    ending = GenerationSettings(max_new_tokens=20, stop=met)
    ended = [next(model.generate([prompt], ending))[1] for prompt in PROMPTS]
    batch = dict(model.generate(PROMPTS, ending))
    assert [(batch[i].text, batch[i].tokens) for i in range(len(PROMPTS))] == [
        (made.text, made.tokens) for made in ended
    ]
    assert len({made.tokens for made in ended}) > 1
