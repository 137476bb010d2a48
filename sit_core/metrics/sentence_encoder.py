"""A sentence encoder from a folder or the hub: one vector per text, by the model's own pooling.

Weights in safetensors only, no code of the model's is run. Pooling is what the model's
``1_Pooling/config.json`` says (the layout of sentence-transformers), else the mean over tokens.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.models.identity import shown_model
from sit_core.models.local.weights import fingerprint, weights_in
from sit_core.models.require import need
from sit_core.models.resolve import ModelLocation, find_place

_POOLING = "1_Pooling/config.json"
_READ = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", _POOLING)
"""What the vectors depend on besides the weights."""
_LONGEST = 512
_BATCH = 32
_KEPT = 30_000
"""Vectors in memory, at most; of 1,024 numbers each they take 120 MB."""


class SentenceEncoder:
    """Texts → vectors of length 1; what was encoded lately is kept."""

    def __init__(self, name: str, folder: Path) -> None:
        """Load it; see `sentence_encoder`."""
        transformers = need("transformers")
        self.name = name
        self._torch = need("torch")
        transformers.utils.logging.disable_progress_bar()
        weights_in(folder)  # says why, where there are none or only pickled ones
        safe: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **safe)
            self._model = transformers.AutoModel.from_pretrained(
                str(folder), use_safetensors=True, **safe
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            first = (str(error).strip() or type(error).__name__).split("\n", 1)[0][:200]
            raise SitError(
                f"The encoder {name!r} could not be loaded ({first}); name another, by its hub id "
                "or its folder."
            ) from None
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._model = self._model.to(self._device).eval()
        self._pooling = _pooling(folder)
        positions = int(getattr(self._model.config, "max_position_embeddings", 0) or _LONGEST)
        # some keep two positions for padding
        self._longest = min(_LONGEST, max(8, positions - 2))
        self._kept: dict[str, Any] = {}

    def vectors(self, texts: Sequence[str]) -> Any:
        """A row per text (texts x width, float32), each of length 1."""
        asked = list(dict.fromkeys(texts))
        if len(self._kept) + len(asked) > _KEPT:
            self._kept = {text: self._kept[text] for text in asked if text in self._kept}
        new = sorted((text for text in asked if text not in self._kept), key=len)
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            self._kept.update(zip(batch, self._encoded(batch), strict=True))
        return need("numpy").stack([self._kept[text] for text in texts])

    def _encoded(self, texts: list[str]) -> Any:
        told = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._longest, return_tensors="pt"
        ).to(self._device)
        with self._torch.inference_mode():
            states = self._model(**told).last_hidden_state.float()
            mask = told["attention_mask"][..., None].to(states.dtype)
            if self._pooling == "cls":
                pooled = (states * mask.cumsum(1).eq(1) * mask).sum(1)  # the first that is no pad
            else:
                pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            return self._torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()


def _pooling(folder: Path) -> str:
    try:
        said = json.loads((folder / _POOLING).read_bytes())
        return "cls" if said.get("pooling_mode_cls_token") is True else "mean"
    except (OSError, ValueError, AttributeError):
        return "mean"


def encoder_name(encoder: str) -> str:
    """What an encoder is called in settings: its name and which state of it, in short.

    Raises:
        SitError: it is neither here nor to be fetched, or has no weights in safetensors.
    """
    return _place(encoder)[0]


def sentence_encoder(encoder: str) -> SentenceEncoder:
    """The encoder, loaded once per process.

    Args:
        encoder: a folder, or a hub id.

    Raises:
        SitError: it is not there, can't be loaded, or a package is missing.
    """
    name, place = _place(encoder)
    return _loaded(name, place.folder)


@lru_cache(maxsize=1)
def _loaded(name: str, folder: Path) -> SentenceEncoder:
    return SentenceEncoder(name, folder)


@lru_cache(maxsize=8)
def _place(encoder: str) -> tuple[str, ModelLocation]:
    place = find_place(encoder, None, "encoder")
    state = place.commit
    if state is None:
        read = tuple(place.folder / name for name in _READ if (place.folder / name).is_file())
        state = fingerprint((*weights_in(place.folder).files, *read)).partition(":")[2]
    return f"{shown_model(encoder)} {state[:12]}", place
