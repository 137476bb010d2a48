"""BERTScore F1 (Zhang et al., 2020) by the package ``bert-score``, with any encoder by id or path.

The default encoder is roberta-large, as in arXiv 2403.07794. The encoder is loaded once per
process; a text that many pairs share is encoded once. The package needs three repairs here:

1. some tokenizers name no greatest length, and truncation then overflows: it is set;
2. an empty text makes the package raise: such a pair scores 0 without being asked;
3. for an encoder it has no table entry for, the package must be told the layer.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sit_core.errors import SitError, UsageError

DEFAULT_ENCODER = "roberta-large"
_INSTALL = "pip install 'sit-core[bertscore]'"
_LONGEST = 512
_AT_ONCE = 4000
"""Pairs whose encodings are in memory at once."""


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
        if batch_size is None:  # small ones hold less padding, which is what costs on a CPU
            batch_size = 16 if str(scorer.device) == "cpu" else 64
        for start in range(0, len(asked), _AT_ONCE):
            chunk = asked[start : start + _AT_ONCE]
            references, outputs = ([pair[i] for pair in chunk] for i in (0, 1))
            f1 = scorer.score(outputs, references, batch_size=batch_size)[2]
            scores.update(zip(chunk, map(float, f1), strict=True))
            if progress is not None:
                progress(start + len(chunk), len(asked))
    return [scores.get(pair, 0.0) for pair in pairs]


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
    folder = Path(encoder)
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        raise SitError(
            f"The folder {encoder!r} holds no weights in safetensors, the only ones loaded here."
        )
    try:
        scorer = BERTScorer(encoder, num_layers=num_layers, device=device)
    except AssertionError as error:  # how the package says that num_layers is out of range
        raise UsageError(f"{error}.") from None
    except (OSError, ValueError) as error:
        first = str(error).strip().split("\n", 1)[0][:200]
        raise SitError(
            f"The encoder {encoder!r} could not be loaded ({first}); name the folder of one that "
            "is on this machine, or connect to the network once so that it can be fetched."
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
