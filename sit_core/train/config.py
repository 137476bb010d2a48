"""All that a training depends on, as frozen records; one YAML file holds the same.

    config = load_config(Path("C.yaml"))
    text = as_yaml(config, "C.yaml")

Every default is the paper's LoRA recipe (version 1); other recipes are in ``data/training``. The
help text of a field is what the page says beside it.

The recipes that ship as YAML files in ``data/training``: to copy, or to start from.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sit_core import names
from sit_core.config.arguments import with_changes
from sit_core.config.fields import PATH, Config, setting
from sit_core.config.parse import from_plain, to_plain
from sit_core.config.yaml_file import file_text, read_yaml, to_yaml
from sit_core.registry import Registry
from sit_core.settings import DATA


@dataclass(frozen=True)
class ModelPart(Config):
    """What is trained."""

    base: str = setting("", "Folder or hub id; microlab: the embedded model.")
    revision: str | None = setting(None, "Branch, tag or commit on the hub.")
    prompt_format: str = setting(
        "auto",
        "auto, chat, alpaca, plain or a file (….txt). Use the trained model with the same.",
        label="Prompt format",
    )

    def faults(self) -> Iterator[str]:
        """Nothing to train."""
        if not self.base.strip():
            yield "base: Expected a folder, a hub id or microlab, but found nothing."


@dataclass(frozen=True)
class DataPart(Config):
    """What it is trained on."""

    train: str = setting("", "A file with instruction, input and output, or a source by name.")
    columns: Mapping[str, str] = setting(
        {}, "Field: column, where the columns have other names (system, history, too)."
    )
    limit: int | None = setting(
        None,
        "Use only the first N rows.",
        ge=1,
        label="Only the first rows",
        placeholder="all rows",
    )
    held_out: str | None = setting(None, "File of held-out rows; else a share of the others.")
    held_out_share: float = setting(
        0.02, "Share of the rows that is held out where no file is named.", gt=0, le=0.5
    )
    held_out_rows: int = setting(1000, "Limit on held-out rows.", ge=1)
    max_length: int = setting(
        2048, "Tokens of prompt and output together, at most.", ge=8, label="Tokens per row"
    )
    too_long: Literal["refuse", "drop", "keep"] = setting(
        "refuse",
        "Longer rows: refuse to train, drop them, or keep them without their end.",
        label="Longer rows",
        choices={
            "refuse": "don't train",
            "drop": "leave them out",
            "keep": "keep them without their end",
        },
    )

    def faults(self) -> Iterator[str]:
        """No data."""
        if not self.train.strip():
            yield "train: Expected a file, but found nothing."


@dataclass(frozen=True)
class MethodPart(Config):
    """Which weights are trained."""

    kind: Literal["lora", "full"] = setting("lora", "A small adapter, or all weights.")
    rank: int = setting(8, "Rank of the adapter's matrices.", ge=1, label="Rank")
    alpha: float = setting(16.0, "The adapter is scaled by alpha / rank.", gt=0, label="Alpha")
    dropout: float = setting(0.05, "Dropout on the adapter's input.", ge=0, le=0.9, label="Dropout")
    targets: tuple[str, ...] = setting(
        ("query", "key", "value"),
        "query, key, value, output, all-linear, or the modules' own names.",
        label="Adapted modules",
    )

    def faults(self) -> Iterator[str]:
        """No module to adapt."""
        if self.kind == "lora" and not self.targets:
            yield "targets: Expected at least one kind of module, but found none."


@dataclass(frozen=True)
class SchedulePart(Config):
    """How long and how fast."""

    learning_rate: float = setting(3e-4, "Peak learning rate.", gt=0, label="Learning rate")
    decay: Literal["linear", "cosine", "constant"] = setting(
        "linear", "How the learning rate decays.", label="Decay"
    )
    warmup_share: float = setting(0.03, "Share of the updates used for warm-up.", ge=0, le=0.9)
    batch: int = setting(128, "Examples per update, over all devices.", ge=1, label="Batch size")
    epochs: float = setting(5.0, "Passes over the data.", gt=0, label="Epochs")
    steps: int | None = setting(None, "Number of updates; replaces epochs.", ge=1, label="Updates")
    evaluate_every: int = setting(
        200,
        "Updates between two evaluations on the held-out rows; the best weights are kept.",
        ge=1,
        label="Updates between two evaluations on the held-out rows",
    )
    patience: int | None = setting(
        None,
        "Early stopping: evaluations without improvement before training ends; none: never.",
        ge=1,
        label="Stop after this many evaluations without improvement",
        placeholder="never",
    )
    checkpoint_every: int = setting(
        100,
        "Updates between checkpoints: the most that an interrupted training loses.",
        ge=1,
        effect=False,
        label="Updates between two checkpoints",
    )
    weight_decay: float = setting(0.0, "Weight decay of AdamW.", ge=0)
    max_grad_norm: float = setting(1.0, "Gradients are clipped to this norm.", gt=0)


@dataclass(frozen=True)
class HardwarePart(Config):
    """On what; the result hardly depends on it."""

    device: Literal["auto", "cpu", "cuda"] = setting("auto", "Device to train on.", effect=False)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = setting(
        "auto",
        "Numeric precision; auto: bfloat16 where the hardware is fast at it.",
        label="Precision",
    )
    four_bit: bool = setting(
        False, "Keep the base in 4 bits; LoRA on a CUDA GPU.", label="Base in 4 bits"
    )
    attention: Literal["auto", "eager", "sdpa", "flash_attention_2"] = setting(
        "auto", "auto: eager for short rows in half precision on a CPU, else sdpa.", effect=False
    )
    micro_batch_tokens: int | None = setting(
        None,
        "Tokens at once, padding included; less takes less memory. None: as suits.",
        ge=8,
        effect=False,
    )
    gradient_checkpointing: bool | None = setting(
        None, "Compute twice, keep less. None: above a billion parameters.", effect=False
    )
    threads: int | None = setting(
        None,
        "Of torch on a CPU. None: one for a very small model, else torch's choice.",
        ge=1,
        effect=False,
    )

    def faults(self) -> Iterator[str]:
        """4 bits without a GPU."""
        if self.four_bit and self.device == "cpu":
            yield "four_bit: Expected a CUDA GPU for 4 bits, but found device cpu."


@dataclass(frozen=True)
class TrainingConfig(Config):
    """One training."""

    name: str = setting("", "Of the adapter.", label="Name of the training", hidden=True)
    out: str | None = setting(
        None,
        "Folder of the result. None: in SIT_HOME, by its name.",
        hidden=True,
        kind=PATH,
        effect=False,
    )
    seed: int = setting(
        0,
        "Of the split, order and first weights.",
        label="Seed",
        ge=0,
        le=2**32 - 1,
        hidden=True,
    )
    model: ModelPart = setting(ModelPart, "What is trained.", hidden=True)
    data: DataPart = setting(DataPart, "What it is trained on.", hidden=True)
    method: MethodPart = setting(MethodPart, "Which weights are trained.", hidden=True)
    schedule: SchedulePart = setting(SchedulePart, "How long and how fast.", hidden=True)
    hardware: HardwarePart = setting(HardwarePart, "On what.", hidden=True)

    def faults(self) -> Iterator[str]:
        """What can't work, beyond what the sections say of themselves."""
        if fault := name_fault(self.name):
            yield fault
        if self.hardware.four_bit and self.method.kind == "full":
            yield "hardware.four_bit: Expected method.kind lora with 4 bits, but found full."


def name_fault(name: str) -> str:
    r"""What is wrong with a training's name; its folder is called by it (see `sit_core.names`).

    >>> name_fault("sit-repeat+1"), name_fault("Größe 1/2"), name_fault("a\n")
    ('', '', "name: Expected one line without spaces around it, but found 'a\\n'.")
    """
    if not names.clean_name(name):
        return "name: Expected a name for the training, but found nothing."
    if fault := names.name_fault(name, "training"):
        return f"name: {fault}"
    if names.clean_name(name) != name:
        return f"name: Expected one line without spaces around it, but found {name[:60]!r}."
    return ""


def load_config(path: Path, changes: Sequence[str] = ()) -> TrainingConfig:
    """Read and check a configuration.

    Args:
        path: the YAML file.
        changes: ``SECTION.FIELD=VALUE``, put over what the file says.

    Raises:
        SitError: the file can't be read.
        UsageError: all that is wrong in it, in one message.
    """
    plain: Mapping[str, Any] = read_yaml(Mapping[str, Any], file_text(path), str(path))  # type: ignore[type-abstract]
    return config_from(with_changes(plain, changes), str(path))


def config_from(content: Mapping[str, Any], name: str = "the configuration") -> TrainingConfig:
    """The checked configuration of plain values.

    Raises:
        UsageError: all that is wrong, in one message.
    """
    return from_plain(TrainingConfig, content, name)


def as_yaml(config: TrainingConfig, path: str = "C.yaml") -> str:
    """The file that reads back as this; its first line is the command that launches it."""
    return to_yaml(config, head=f"sit train --config {shlex.quote(path)}", defaults=True)


def as_plain(config: TrainingConfig) -> dict[str, Any]:
    """For provenance: the same words as in the YAML."""
    return dict(to_plain(config, defaults=True))


FOLDER = DATA / "training"
PRESETS: Registry[str] = Registry("preset")
"""Name → what it is, in a line."""
PRESETS.add("it", "The paper's LoRA recipe on instructions as they are: the baseline.")
PRESETS.add("sit", "The same recipe on a mixture with sequences.")
PRESETS.add("paper-v3", "The recipe of the paper's third version: all weights, 3 epochs.")
PRESETS.add("microlab", "The embedded model on two cores, in about two minutes.")


def preset_path(name: str) -> Path | None:
    """The file of a preset; None if nothing is called so."""
    return FOLDER / f"{name}.yaml" if name in PRESETS else None
