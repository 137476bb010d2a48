"""What other tools write, one file a tool: each registers itself in `FORMATS` when imported.

The order matters only where the shapes of two formats overlap: the first registered is tried last.
"""

from sit_core.sources.row_formats import (
    alpaca_eval,
    argilla,
    doccano,
    fastchat,
    inspect_log,
    label_studio,
    llama_factory,
    lm_eval,
    message_lists,
    no_outputs,
    openai_batch,
)

__all__ = [
    "alpaca_eval",
    "argilla",
    "doccano",
    "fastchat",
    "inspect_log",
    "label_studio",
    "llama_factory",
    "lm_eval",
    "message_lists",
    "no_outputs",
    "openai_batch",
]
