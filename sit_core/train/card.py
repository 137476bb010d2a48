"""The model card beside a result: what it is, how it was made, how to use it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_card(path: Path, known: Mapping[str, Any]) -> None:
    """Write the card.

    Args:
        path: the README.md.
        known: the provenance, as in ``training.json``.
    """
    path.write_text(card(known), encoding="utf-8")


def card(known: Mapping[str, Any]) -> str:
    """The card as Markdown; names are written as code, so that they are shown as they are."""
    config, data, base = known["config"], known["data"], known["base"]
    figures, method, schedule = known["figures"], config["method"], config["schedule"]
    lengths = data["lengths"]
    lora = method["kind"] == "lora"
    what = (
        f"A LoRA adapter (rank {method['rank']}, alpha {method['alpha']:g}, dropout "
        f"{method['dropout']:g}) on {_code(', '.join(method['targets']))}"
        if lora
        else "All weights"
    )
    length = (
        f"{schedule['steps']} updates" if schedule["steps"] else f"{schedule['epochs']:g} epochs"
    )
    load = (
        f"PeftModel.from_pretrained(base, {json.dumps(known['name'])})"
        if lora
        else f"AutoModelForCausalLM.from_pretrained({known['name']!r})"
    )
    before = known["held_out_before"]
    cut = {
        "refuse": "none was cut",
        "drop": f"{lengths['cut']:,} longer ones were left out",
        "keep": f"{lengths['cut']:,} longer ones were cut at their end",
    }[config["data"]["too_long"]]
    empty = "".join(f"; {n:,} left out because {reason}" for reason, n in data["left_out"].items())
    context = "".join(
        f"; {n:,} with {what}, read and not learned"
        for what, n in (
            ("a system message", data.get("context", {}).get("system", 0)),
            ("earlier turns", data.get("context", {}).get("history", 0)),
        )
        if n
    )
    return f"""---
library_name: {"peft" if lora else "transformers"}
tags: [sequential-instruction-tuning]
---

# {known["name"]}

{what}, trained on {_code(base["name"])} by `sit train`. All settings, hashes and versions are in
`training.json`.

| | |
|---|---|
| base | {_code(base["name"])}, {_code(base["revision"] or base["weights"] or "")} |
| prompt format | {_code(base["prompt_format"])} |
| data | {_code(data["train"])}, SHA-256 `{data["same"]["train_sha256"]}` |
| rows | {data["used"]:,} trained on, {data["held_out_used"]:,} held out{context}{empty} |
| length | at most {config["data"]["max_length"]:,} tokens; {cut} |
| recipe | {length} of {schedule["batch"]}, learning rate {schedule["learning_rate"]:g} \
({schedule["decay"]}), seed {config["seed"]} |
| weights kept | of update {figures["best_step"]} of {figures["steps"]} |
| held-out loss | {figures["held_out"]:.4f} nats per output token{_was(before)} |

The loss counts the output and the token that ends it, never the prompt.

```python
{load}
```
"""


def _was(before: float | None) -> str:
    return "" if before is None else f" ({before:.4f} before)"


def _code(text: str) -> str:
    plain = " ".join(str(text).replace("`", "'").replace("|", "/").split())
    return f"`{plain}`" if plain else ""
