"""The loss on a CPU: the vocabulary is computed only where something is learned.

TRL's own head does the same on a GPU, in tiles; on a CPU it computes every position. Here a model's
``forward`` gets one more argument, so that the way through PEFT, DDP and autocast stays what it is.
"""

import functools
import types
from typing import Any

from sit_core.train.encoding import NOT_LEARNED

_SCALED = (
    "final_logit_softcapping",
    "logit_scale",
    "output_multiplier",
    "lm_head_multiplier",
    "logits_scaling",
)
"""Configurations whose logits are more than the head's product."""


def can_sum(model: Any) -> bool:
    """Whether `add_summed_loss` gives this model's loss (else TRL's head, which knows more)."""
    config = model.config.get_text_config()
    plain = all(getattr(config, name, None) is None for name in _SCALED)
    return plain and not getattr(config, "output_router_logits", False)


def add_summed_loss(model: Any) -> None:
    """``model(summed=labels, …)`` gives the sum of the cross-entropies of the next tokens.

    Args:
        model: the base, without PEFT around it; labels of `NOT_LEARNED` don't count.
    """
    import torch

    forward = model.forward

    @functools.wraps(type(model).forward)  # TRL and transformers look at the signature
    def summing(self: Any, *args: Any, summed: Any = None, **kwargs: Any) -> Any:
        if summed is None:
            return forward(*args, **kwargs)
        kwargs["use_cache"] = False
        hidden = self.base_model(*args, **kwargs).last_hidden_state[:, :-1]
        targets = summed[:, 1:]
        here = targets != NOT_LEARNED
        logits = self.get_output_embeddings()(hidden[here])
        return torch.nn.functional.cross_entropy(logits.float(), targets[here], reduction="sum")

    model.forward = types.MethodType(summing, model)
