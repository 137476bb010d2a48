"""Which modules an adapter goes to: query, key and value are called differently in every family."""

from collections.abc import Iterable, Sequence

from sit_core.errors import SitError

ALL = "all-linear"
KINDS: dict[str, tuple[str, ...]] = {
    "query": ("q_proj", "query", "q_lin", "wq"),
    "key": ("k_proj", "key", "k_lin", "wk"),
    "value": ("v_proj", "value", "v_lin", "wv"),
    "output": ("o_proj", "out_proj", "out_lin", "wo", "dense", "c_proj"),
}
"""What a config says → what such modules are called."""
FUSED = ("query_key_value", "c_attn", "qkv_proj", "Wqkv", "in_proj", "att_proj", "qkv")
"""Modules that are query, key and value in one (BLOOM, GPT-2, Phi-3, …)."""


def target_modules(targets: Sequence[str], linear: Iterable[str]) -> str | list[str]:
    """What PEFT is to look for.

    Args:
        targets: as the config says.
        linear: full names of the model's linear modules.

    Returns:
        Last parts of names, or ``all-linear``.

    Raises:
        SitError: the model has no such module.

    >>> names = ["h.0.attn.q_proj", "h.0.attn.v_proj", "h.0.mlp.up"]
    >>> target_modules(["query", "value"], names)
    ['q_proj', 'v_proj']
    >>> target_modules(["query", "key", "value"], ["h.0.query_key_value", "h.0.dense"])
    ['query_key_value']
    """
    if ALL in targets:
        return ALL
    there = {name.rpartition(".")[2] for name in linear}
    fused = [name for name in FUSED if name in there]
    found: dict[str, None] = {}
    missing = []
    for target in targets:
        names = [name for name in KINDS.get(target, (target,)) if name in there]
        if not names and target in ("query", "key", "value"):
            names = fused
        found.update(dict.fromkeys(names))
        if not names:
            missing.append(target)
    if missing:
        raise SitError(
            f"Expected method.targets to be modules of the model, but found {', '.join(missing)}; "
            f"it has {', '.join(sorted(there)[:12])}; {ALL} takes them all."
        )
    return list(found)
