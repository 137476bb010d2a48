"""Load a base model and its tokenizer from a folder; every failure is one sentence.

Safetensors only, no code from the model's folder, and weights that are all there: transformers
would fill missing ones with random numbers and go on.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError
from sit_core.models.interface import ModelSpec
from sit_core.models.local.memory import free_memory, in_gigabytes, is_out_of_memory, let_go
from sit_core.models.local.weights import Weights
from sit_core.models.require import need
from sit_core.models.resolve import ModelLocation

INSTALL = "torch transformers accelerate"
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_STORED = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
_ROOM = 0.8
"""Of the free memory, what weights may take: the rest is for what the model works with."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """On what and how a model is loaded."""

    device: str
    dtype: str
    needs: int
    """Bytes of the weights."""


def choose_fit(spec: ModelSpec, weights: Weights) -> LoadPlan:
    """Device and dtype; where the spec says ``auto``, the fastest that is right.

    A CPU gets single precision (half is slow there) unless only bfloat16 fits.

    Raises:
        SitError: the machine has no such device.
    """
    device = choose_device(spec.device)
    dtype = spec.dtype
    if dtype == "auto":
        dtype = _STORED.get(weights.stored, "float32")
        if device == "cpu" and dtype != "float32":
            free = free_memory(device)
            roomy = free is None or weights.parameters * 4 <= free * _ROOM
            dtype = "float32" if roomy else "bfloat16"
    return LoadPlan(device, dtype, weights.parameters * _BYTES[dtype])


def fits(fit: LoadPlan) -> bool:
    """Whether there is memory for it, as far as that can be known."""
    free = free_memory(fit.device)
    return free is None or fit.needs <= free * _ROOM


def does_not_fit(name: str, fit: LoadPlan) -> SitError:
    """The sentence for a model that is too large."""
    free = free_memory(fit.device)
    there = f"{in_gigabytes(free)} are free" if free is not None else "that is not free"
    half = "dtype bfloat16, " if _BYTES[fit.dtype] > 2 else ""
    return SitError(
        f"The model {name} does not fit: as {fit.dtype} it needs {in_gigabytes(fit.needs)} on "
        f"{fit.device} and room to work, {there}; choose {half}a smaller model, or an endpoint."
    )


def open_base(
    spec: ModelSpec, place: ModelLocation, fit: LoadPlan, *, move: bool = True, **more: Any
) -> tuple[Any, Any]:
    """The model in evaluation mode on its device, and its tokenizer.

    Args:
        spec: how it was named; its device map counts.
        place: its files.
        fit: device and dtype.
        move: whether it goes to the device; False: whoever asked sees to that.
        more: further arguments of ``from_pretrained``, such as the attention.

    Raises:
        SitError: the folder's files are not those of a causal language model that can be loaded.
    """
    torch = need("torch", INSTALL)
    transformers = need("transformers", INSTALL)
    if spec.device_map:
        need("accelerate", INSTALL)
    transformers.utils.logging.disable_progress_bar()  # of no use in a log or behind a page
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            place.folder, trust_remote_code=False
        )
        model, report = transformers.AutoModelForCausalLM.from_pretrained(
            place.folder,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=getattr(torch, fit.dtype),
            device_map=spec.device_map,
            output_loading_info=True,
            **more,
        )
        if move and not spec.device_map:
            model = model.to(fit.device)
    except Exception as error:  # noqa: BLE001 - the libraries raise nearly every kind
        _log.info("loading %s failed", spec.model, exc_info=True)
        if is_out_of_memory(error):
            with suppress(RuntimeError):
                let_go(torch)
            raise does_not_fit(spec.model, fit) from None
        raise SitError(f"The model {spec.model} can't be loaded: {_reason(error)}") from None
    lacking = sorted(report["missing_keys"]) + sorted(map(str, report["mismatched_keys"]))
    if lacking:
        raise SitError(
            f"The model {spec.model} is no whole causal language model: {len(lacking)} weights "
            f"are missing or of another shape ({lacking[0]}, …)."
        )
    model.eval()
    return model, tokenizer


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())
    if "trust_remote_code" in said:
        return "it comes with code of its own, which is never run here."
    if "Unrecognized configuration class" in said:
        return "it is no causal language model."
    if "does not recognize this architecture" in said or "Unrecognized model" in said:
        return "transformers knows no such architecture (a newer version may)."
    if "tokenizer" in said.lower():
        return f"its tokenizer is missing or needs another package ({said[:160]})."
    return f"{said[:200] or type(error).__name__}."


def choose_device(name: str) -> str:
    """The device of that name; ``auto``: the fastest that there is.

    Raises:
        SitError: the machine has no such device.
    """
    torch = need("torch", INSTALL)
    cuda = torch.cuda.is_available()
    mps = torch.backends.mps.is_available()
    if name == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    kind, _, number = name.partition(":")
    there = {"cpu": 1, "cuda": torch.cuda.device_count() if cuda else 0, "mps": int(mps)}
    if kind not in there or (number and not number.isdecimal()):
        raise SitError(f"The device is auto, cpu, cuda, cuda:1, … or mps, not {name!r}.")
    if int(number or 0) >= there[kind]:
        raise SitError(f"This machine has no device {name}; choose device auto or cpu.")
    return name if kind == "cuda" else kind  # there is only one of the others
