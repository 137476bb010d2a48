"""BERTScore F1 (Zhang et al., 2020) by the package ``bert-score``, with any encoder by id or path.

The default encoder is roberta-large, as in arXiv 2403.07794. The encoder is loaded once per
process; a text that many pairs share is encoded once, together with texts of as many tokens (the
package goes by words, and a sixth of what it computes is padding). It needs three repairs here:

1. some tokenizers name no greatest length, and truncation then overflows: it is set;
2. an empty text makes the package raise: such a pair scores 0 without being asked;
3. for an encoder it has no table entry for, the package must be told the layer.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from typing import Any

from sit_core.errors import SitError, UsageError
from sit_core.models.resolve import find_place

DEFAULT_ENCODER = "roberta-large"
_INSTALL = "pip install 'sit-core[bertscore]'"
_LONGEST = 512
_AT_ONCE = 500
"""Pairs whose encodings are in memory at once: with roberta-large up to 2 MB for each text."""


def lacking() -> str | None:
    """Why there can be no BERTScore on this machine, in a sentence; None if the package is here.

    Nothing is loaded; whether the encoder is here is seen only when it is asked for.
    """
    return None if find_spec("bert_score") is not None else _lacks("bert-score")


def _lacks(package: str) -> str:
    return f"BERTScore needs the package bert-score ({package!r} is missing); " + (
        f"install it with: {_INSTALL}"
    )


def bert_score(
    pairs: Sequence[tuple[str, str]],
    encoder: str = DEFAULT_ENCODER,
    num_layers: int | None = None,
    device: str | None = None,
    batch_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[float]:
    """BERTScore F1 of each (reference, output), not rescaled; 0.0 where either is blank.

    Args:
        pairs: give all of them at once: texts that they share are encoded once.
        encoder: hub id, or folder of an encoder with weights in safetensors.
        num_layers: which layer's output is compared; may be left out for the encoders that
            ``bert-score`` has tuned it for.
        device: ``cpu``, ``cuda``, …; None: the GPU if there is one.
        batch_size: texts per batch; None: 16, or 64 on a GPU.
        progress: called with the pairs done and those there are.

    Raises:
        UsageError: ``num_layers`` is missing or out of range.
        SitError: the package is missing, or the encoder is neither here nor to be fetched.
    """
    asked = list(dict.fromkeys(p for p in pairs if p[0].strip() and p[1].strip()))
    scores: dict[tuple[str, str], float] = {}
    if asked:
        # Pairs with the same reference side by side, so that a chunk encodes it once.
        asked.sort(key=lambda pair: pair[0])
        scorer = _scorer(encoder, num_layers, device)
        if batch_size is None:  # small ones hold less padding, and are as fast on a CPU
            batch_size = 16 if str(scorer.device) == "cpu" else 64
        for start in range(0, len(asked), _AT_ONCE):
            chunk = asked[start : start + _AT_ONCE]
            scores.update(zip(chunk, _f1(scorer, chunk, batch_size), strict=True))
            if progress is not None:
                progress(start + len(chunk), len(asked))
    return [scores.get(pair, 0.0) for pair in pairs]


def _f1(scorer: Any, pairs: Sequence[tuple[str, str]], batch_size: int) -> list[float]:
    """F1 of each pair, by the package's own encoding and matching.

    Pairs are matched one by one: in a batch of them the package takes padding for a token of
    similarity 0, and a text that is less like the other than that scores by what else is there.
    """
    import torch
    from bert_score.utils import greedy_cos_idf

    def alone(text: str) -> tuple[Any, Any, Any]:
        embedding, weight = (part.to(scorer.device, copy=True)[None] for part in encoded[text])
        return embedding, torch.ones_like(weight), weight

    encoded = _encoded(scorer, list(dict.fromkeys(chain.from_iterable(pairs))), batch_size)
    with torch.no_grad():
        return [
            greedy_cos_idf(*alone(reference), *alone(output))[2].item()
            for reference, output in pairs
        ]


def _encoded(scorer: Any, texts: Sequence[str], batch_size: int) -> dict[str, tuple[Any, Any]]:
    """Text → its tokens' embeddings (tokens x width) and weights (1; 0 for the encoder's marks)."""
    from bert_score.utils import get_bert_embedding, sent_encode

    tokenizer = scorer._tokenizer
    weights = defaultdict(lambda: 1.0, {tokenizer.sep_token_id: 0.0, tokenizer.cls_token_id: 0.0})
    lengths = {text: len(sent_encode(tokenizer, text)) for text in texts}
    order, found = sorted(texts, key=lengths.__getitem__, reverse=True), {}
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        embeddings, _, weighed = get_bert_embedding(
            batch, scorer._model, tokenizer, weights, device=scorer.device
        )
        for text, embedding, weight in zip(batch, embeddings, weighed, strict=True):
            # Copies: a part of the batch would keep all of it in memory.
            part = slice(lengths[text])
            found[text] = embedding[part].to("cpu", copy=True), weight[part].clone()
    return found


@lru_cache(maxsize=2)
def _scorer(encoder: str, num_layers: int | None, device: str | None) -> Any:
    """The package's scorer with its encoder loaded and repaired."""
    try:
        from bert_score import BERTScorer
        from bert_score.utils import model2layers
    except ImportError as error:
        raise SitError(_lacks(error.name or "bert-score")) from None
    if num_layers is None and encoder not in model2layers:
        raise UsageError(
            f"Which layer of the encoder {encoder!r} is to be compared is not known; "
            "say it with num_layers (--layers N)."
        )
    # Fetched by ourselves: without a network the package is silent for a minute.
    folder = find_place(encoder, None, "encoder").folder
    if not any(folder.glob("*.safetensors")):
        raise SitError(
            f"The encoder {encoder!r} has no weights in safetensors, the only ones loaded here."
        )
    layers = model2layers[encoder] if num_layers is None else num_layers
    try:
        scorer = BERTScorer(str(folder), num_layers=layers, device=device)
    except AssertionError as error:  # how the package says that num_layers is out of range
        raise UsageError(f"{error}.") from None
    except (OSError, ValueError) as error:
        first = str(error).strip().split("\n", 1)[0][:200]
        raise SitError(
            f"The encoder {encoder!r} could not be loaded ({first}); name another, by its hub id "
            "or its folder."
        ) from None
    scorer._tokenizer.model_max_length = _longest(scorer)
    return scorer


def _longest(scorer: Any) -> int:
    """The most tokens that the encoder takes."""
    config = scorer._model.config
    positions = int(getattr(config, "max_position_embeddings", 0) or _LONGEST)
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= 2  # these keep two for padding
    named = scorer._tokenizer.model_max_length
    return min(positions, named) if 0 < named < 1_000_000 else positions
