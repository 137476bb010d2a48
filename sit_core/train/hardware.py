"""What the machine can do, asked before anything is loaded; what it can't is one sentence.

One training in several processes (``accelerate launch``): which one of them this is.
"""

import os
from dataclasses import dataclass, replace
from typing import Any

from sit_core.errors import SitError
from sit_core.models.local.load import INSTALL, LoadPlan, choose_device
from sit_core.models.local.weights import Weights
from sit_core.models.require import need
from sit_core.train.config import HardwarePart

LARGE = 1_000_000_000
"""Parameters from which on activations are computed again instead of kept."""
SMALL = 20_000_000
"""Parameters up to which one thread is best: two are a fifth faster on an idle machine, but where
other programs are at work they wait for each other and take ten times as long."""
CPU_TOKENS, GPU_TOKENS = 1024, 8192
"""Tokens at once where the config leaves it open; on a CPU what its caches hold is fastest."""
SHORT = 1024
"""Tokens of a row up to which eager attention is faster than sdpa in half precision on a CPU."""


@dataclass(frozen=True, slots=True)
class HardwarePlan:
    """How a training uses the machine."""

    device: str
    precision: str
    """Of the arithmetic: ``float32``, ``bfloat16`` or ``float16``."""
    weights: str
    """The dtype that the base's weights are held in."""
    attention: str
    micro_batch_tokens: int
    gradient_checkpointing: bool
    four_bit: bool
    threads: int | None
    """Of torch; None: its own choice."""

    @property
    def cpu(self) -> bool:
        """Whether it is a CPU that works."""
        return self.device == "cpu"

    def fit(self, weights: Weights) -> LoadPlan:
        """What loading the base takes."""
        size = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0}[self.weights]
        return LoadPlan(self.device, self.weights, int(weights.parameters * size))


def plan_for(wanted: HardwarePart, weights: Weights, *, longest: int, full: bool) -> HardwarePlan:
    """What is used, with all that was left open decided.

    Args:
        wanted: as the config says.
        weights: of the base.
        longest: row, in tokens.
        full: whether all weights are trained; these are held in single precision.

    Raises:
        SitError: the machine can't do what is asked.
    """
    device = choose_device(wanted.device)
    kind = device.partition(":")[0]
    precision = _precision(wanted.precision, kind)
    attention = wanted.attention
    if attention == "auto":
        eager = kind == "cpu" and precision == "bfloat16" and longest <= SHORT
        attention = "eager" if eager else "sdpa"
    elif attention == "flash_attention_2" and (kind != "cuda" or precision == "float32"):
        raise SitError("flash_attention_2 needs a CUDA GPU and half precision; choose sdpa.")
    if wanted.four_bit:
        if kind != "cuda":
            raise SitError("4 bits need a CUDA GPU; set hardware.four_bit to false.")
        need("bitsandbytes", "bitsandbytes")
    small = weights.parameters < LARGE
    chosen = wanted.gradient_checkpointing
    return HardwarePlan(
        device=device,
        precision=precision,
        weights="float32" if full or kind == "cpu" else precision,
        attention=attention,
        micro_batch_tokens=wanted.micro_batch_tokens
        or (CPU_TOKENS if kind == "cpu" else GPU_TOKENS),
        gradient_checkpointing=not small if chosen is None else chosen,
        four_bit=wanted.four_bit,
        threads=wanted.threads or (1 if kind == "cpu" and weights.parameters < SMALL else None),
    )


def on_local_gpu(plan: HardwarePlan, local_rank: int) -> HardwarePlan:
    """The same for one of several processes of a machine: each has a GPU of its own."""
    return replace(plan, device=f"cuda:{local_rank}") if plan.device == "cuda" else plan


def _precision(wanted: str, kind: str) -> str:
    torch = need("torch", INSTALL)
    half = kind == "cuda" and torch.cuda.is_bf16_supported()
    if wanted == "auto":
        if kind == "cuda":
            return "bfloat16" if half else "float16"
        return "bfloat16" if kind == "cpu" and cpu_multiplies_halves(torch) else "float32"
    if wanted == "bfloat16" and kind == "cuda" and not half:
        raise SitError("This GPU has no bfloat16; choose hardware.precision float16 or float32.")
    if wanted == "float16" and kind != "cuda":
        raise SitError("float16 trains on a CUDA GPU only; choose bfloat16 or float32.")
    if wanted == "bfloat16" and kind == "mps":
        raise SitError("bfloat16 is not trained on this device; choose float32.")
    return wanted


def cpu_multiplies_halves(torch: Any) -> bool:
    """Whether this CPU has instructions for bfloat16; without, it would be slower than float32."""
    known = torch.cpu.get_capabilities()
    return any(known.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def quantization(plan: HardwarePlan) -> dict[str, Any]:
    """Arguments of ``from_pretrained`` for a base in 4 bits; none for another."""
    if not plan.four_bit:
        return {}
    torch = need("torch", INSTALL)
    transformers = need("transformers", INSTALL)
    return {
        "quantization_config": transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, plan.precision),
        )
    }


def rank() -> int:
    """0 for the one that talks to the user and writes files."""
    return int(os.environ.get("RANK") or 0)


def local_rank() -> int:
    """Which one of this machine's."""
    return int(os.environ.get("LOCAL_RANK") or 0)


def processes() -> int:
    """How many work on this training, on all machines."""
    return int(os.environ.get("WORLD_SIZE") or 1)
