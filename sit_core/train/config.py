"""All that a training depends on, as frozen records; one YAML file holds the same.

    config = load_config(Path("C.yaml"))
    text = as_yaml(config, "C.yaml")

Every default is the paper's LoRA recipe (version 1); other recipes are in ``data/training``. The
help text of a field is what the page says beside it.

The recipes that ship as YAML files in ``data/training``: to copy, or to start from.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from sit_core import names
from sit_core.config.parse import from_plain, to_plain
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.registry import Registry
from sit_core.settings import DATA

MOST_BYTES = 1 << 20


def setting(default: Any, help: str, *, least: float | None = None, **rules: float) -> Any:
    """A field with its help text and its limits.

    Args:
        default: its value where none is given.
        help: one line.
        least: the smallest number it may be.
        rules: ``above`` (it must be more) and ``most``.
    """
    limits = {**({} if least is None else {"least": least}), **rules}
    return field(default=default, metadata={"help": help, **limits})


class ConfigSection:
    """A section; says which of its numbers are out of range."""

    __slots__ = ()

    def faults(self) -> Iterator[str]:
        """One sentence for each."""
        for one in fields(self):  # type: ignore[arg-type]
            value, limits = getattr(self, one.name), one.metadata
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            for word, wrong in (
                ("at least", "least" in limits and value < limits["least"]),
                ("above", "above" in limits and value <= limits["above"]),
                ("at most", "most" in limits and value > limits["most"]),
            ):
                if wrong:
                    limit = limits[word.rpartition(" ")[2]]
                    yield f"{one.name}: Expected {word} {limit:g}, but found {value:g}."


@dataclass(frozen=True, slots=True)
class ModelPart(ConfigSection):
    """What is trained."""

    base: str = setting("", "Folder or hub id; microlab: the embedded model.")
    revision: str | None = setting(None, "Branch, tag or commit on the hub.")
    prompt_format: str = setting(
        "auto", "auto, chat, alpaca, plain or a file (….txt). Use the trained model with the same."
    )

    def faults(self) -> Iterator[str]:
        """Nothing to train."""
        if not self.base.strip():
            yield "base: Expected a folder, a hub id or microlab, but found nothing."


@dataclass(frozen=True, slots=True)
class DataPart(ConfigSection):
    """What it is trained on."""

    train: str = setting("", "A file with instruction, input and output, or a source by name.")
    columns: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "Field: column, where the columns have other names (system, history, too)."
        },
    )
    limit: int | None = setting(None, "Only the first so many rows.", least=1)
    held_out: str | None = setting(None, "File of held-out rows; else a share of the others.")
    held_out_share: float = setting(
        0.02, "Share of the rows that is held out where no file is named.", above=0, most=0.5
    )
    held_out_rows: int = setting(1000, "At most so many held-out rows are used.", least=1)
    max_length: int = setting(2048, "Tokens of prompt and output together, at most.", least=8)
    too_long: Literal["refuse", "drop", "keep"] = setting(
        "refuse", "Longer rows: refuse to train, drop them, or keep them without their end."
    )

    def faults(self) -> Iterator[str]:
        """No data, or a number out of range."""
        if not self.train.strip():
            yield "train: Expected a file, but found nothing."
        yield from ConfigSection.faults(self)


@dataclass(frozen=True, slots=True)
class MethodPart(ConfigSection):
    """Which weights are trained."""

    kind: Literal["lora", "full"] = setting("lora", "A small adapter, or all weights.")
    rank: int = setting(8, "Of the adapter's matrices.", least=1)
    alpha: float = setting(16.0, "The adapter counts alpha / rank times.", above=0)
    dropout: float = setting(0.05, "On the adapter's input.", least=0, most=0.9)
    targets: tuple[str, ...] = setting(
        ("query", "key", "value"),
        "query, key, value, output, all-linear, or the modules' own names.",
    )

    def faults(self) -> Iterator[str]:
        """No module to adapt, or a number out of range."""
        if self.kind == "lora" and not self.targets:
            yield "targets: Expected at least one kind of module, but found none."
        yield from ConfigSection.faults(self)


@dataclass(frozen=True, slots=True)
class SchedulePart(ConfigSection):
    """How long and how fast."""

    learning_rate: float = setting(3e-4, "At its highest.", above=0)
    decay: Literal["linear", "cosine", "constant"] = setting("linear", "How it falls.")
    warmup_share: float = setting(0.03, "Of the updates; it rises over these.", least=0, most=0.9)
    batch: int = setting(128, "Examples in an update, over all devices.", least=1)
    epochs: float = setting(5.0, "Times through the data.", above=0)
    steps: int | None = setting(None, "Updates; with it, epochs do not count.", least=1)
    evaluate_every: int = setting(
        200, "Updates between two looks at the held-out rows; the best weights win.", least=1
    )
    patience: int | None = setting(
        None, "End after so many looks without a better one; none: never.", least=1
    )
    checkpoint_every: int = setting(100, "Updates; what a killed training loses at most.", least=1)
    weight_decay: float = setting(0.0, "Of AdamW.", least=0)
    max_grad_norm: float = setting(1.0, "Longer gradients are shortened to this.", above=0)


@dataclass(frozen=True, slots=True)
class HardwarePart(ConfigSection):
    """On what; the result hardly depends on it."""

    device: Literal["auto", "cpu", "cuda"] = setting("auto", "Where.")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = setting(
        "auto", "Of the arithmetic; auto: bfloat16 where it is multiplied fast."
    )
    four_bit: bool = setting(False, "Keep the base in 4 bits; LoRA on a CUDA GPU.")
    attention: Literal["auto", "eager", "sdpa", "flash_attention_2"] = setting(
        "auto", "auto: eager for short rows in half precision on a CPU, else sdpa."
    )
    micro_batch_tokens: int | None = setting(
        None, "Tokens at once, padding included; less takes less memory. None: as suits.", least=8
    )
    gradient_checkpointing: bool | None = setting(
        None, "Compute twice, keep less. None: above a billion parameters."
    )
    threads: int | None = setting(
        None, "Of torch on a CPU. None: one for a very small model, else torch's choice.", least=1
    )

    def faults(self) -> Iterator[str]:
        """4 bits without a GPU, or a number out of range."""
        if self.four_bit and self.device == "cpu":
            yield "four_bit: Expected a CUDA GPU for 4 bits, but found device cpu."
        yield from ConfigSection.faults(self)


@dataclass(frozen=True, slots=True)
class TrainingConfig(ConfigSection):
    """One training."""

    name: str = setting("", "Of the adapter.")
    out: str | None = setting(None, "Folder of the result. None: in SIT_HOME, by its name.")
    seed: int = setting(0, "Of the split, order and first weights.", least=0, most=2**32 - 1)
    model: ModelPart = field(default_factory=ModelPart)
    data: DataPart = field(default_factory=DataPart)
    method: MethodPart = field(default_factory=MethodPart)
    schedule: SchedulePart = field(default_factory=SchedulePart)
    hardware: HardwarePart = field(default_factory=HardwarePart)

    def faults(self) -> Iterator[str]:
        """What can't work, beyond what the sections say of themselves."""
        if fault := name_fault(self.name):
            yield fault
        yield from ConfigSection.faults(self)
        # A section that the file leaves out has its defaults, which nobody has asked yet.
        for name, part in (("model", self.model), ("data", self.data)):
            yield from (f"{name}: {fault}" for fault in part.faults())
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
    plain: Mapping[str, Any] = read_yaml(Mapping[str, Any], _text(path), str(path))  # type: ignore[type-abstract]
    return config_from(changed(plain, changes), str(path))


def config_from(content: Mapping[str, Any], name: str = "the configuration") -> TrainingConfig:
    """The checked configuration of plain values.

    Raises:
        UsageError: all that is wrong, in one message.
    """
    try:
        return from_plain(TrainingConfig, content, name)
    except UsageError as error:
        # What is left out is looked at only once all that is there is in order; say it now.
        said = str(error)
        missing = TrainingConfig(
            name=content["name"] if isinstance(content.get("name"), str) else "",
            model=ModelPart(base="") if "model" not in content else ModelPart(base="x"),
            data=DataPart(train="") if "data" not in content else DataPart(train="x"),
        ).faults()
        more = [fault for fault in missing if fault not in said]
        raise UsageError(" ".join([said, *more])) from None


def changed(content: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """The same with ``SECTION.FIELD=VALUE`` put over it; values are read as YAML.

    >>> changed({"data": {"train": "a"}}, ["data.train=b.jsonl", "seed=3"])
    {'data': {'train': 'b.jsonl'}, 'seed': 3}

    Raises:
        UsageError: a change without ``=``, or a value that is no YAML.
    """
    import yaml

    result = {k: dict(v) if isinstance(v, Mapping) else v for k, v in content.items()}
    for change in changes:
        name, equals, text = change.partition("=")
        *sections, last = name.strip().split(".")
        if not equals or not all([*sections, last]):
            raise UsageError(f"Expected SECTION.FIELD=VALUE, but found {change!r}.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise UsageError(f"Expected a value for {name}, but found {text!r}.") from None
        place: dict[str, Any] = result
        for section in sections:
            inner = place.get(section)
            place[section] = inner = inner if isinstance(inner, dict) else {}
            place = inner
        place[last] = value
    return result


def as_yaml(config: TrainingConfig, path: str = "C.yaml") -> str:
    """The file that reads back as this; its first line is the command that launches it."""
    return to_yaml(config, head=f"sit train --config {shlex.quote(path)}", defaults=True)


def as_plain(config: TrainingConfig) -> dict[str, Any]:
    """For provenance: the same words as in the YAML."""
    return dict(to_plain(config, defaults=True))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SitError(f"The configuration {path} can't be read: {error.strerror}.") from None
    if len(raw) > MOST_BYTES:
        raise SitError(f"{path} is too large for a configuration.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SitError(f"The configuration {path} is no UTF-8 text.") from None


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
