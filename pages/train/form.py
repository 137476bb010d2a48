"""The form for a new training: data, base, preset, the main numbers → its configuration."""

from typing import Any

import streamlit as st

from pages.shared.message import errors_shown, message
from pages.shared.upload import kept
from sit_core.augment.mixtures import mixtures
from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.names import clean_name
from sit_core.settings import settings
from sit_core.sources import EXAMPLE_SOURCES
from sit_core.sources.file_formats import suffixes
from sit_core.train import TrainingConfig, config_from, load_config
from sit_core.train.config import PRESETS, name_fault, preset_path

P = "new training "
"""Prefix of the keys of all widgets here."""
OPEN = f"{P}open"
NAME = "NAME"
"""Stands in the configuration until there is a name that can be used."""
TOO_LONG = {
    "refuse": "don't train",
    "drop": "leave them out",
    "keep": "keep them without their end",
}
_MIXTURE, _FILE, _NAMED = "A mixture", "A file", "A path, or a data set by name"
_EMBEDDED, _NAMED_MODEL = "Embedded model", "Model by hub id or folder"
_ALL = "all-linear"


def training_form() -> TrainingConfig | None:
    """Draw the form; the configuration, or None where something is missing (it is said)."""
    left, right = st.columns(2, gap="large")
    with left:
        data = _data()
        model = _base()
    with right:
        preset = _preset(embedded=model["base"] == shipped.MICROLAB)
        numbers = _numbers(load_config(preset_path(preset) or settings().home), preset)
    name = clean_name(st.session_state.get(f"{P}name", ""))
    content = {
        "name": NAME if name_fault(name) else name,
        "seed": numbers.pop("seed"),
        "model": {**model, **numbers.pop("model")},
        **numbers,
    }
    content["data"] = {**data, **content["data"]}
    if not data.get("train") or not model["base"]:
        return None
    try:
        return config_from(content, "The training")
    except SitError as error:
        message("error", str(error))
        return None


def _data() -> dict[str, Any]:
    made = [one for one in mixtures() if one.config.use != "unseen"]
    kinds = [*([_MIXTURE] if made else []), _FILE, _NAMED]
    kind = st.selectbox("Data", kinds, key=f"{P}data")
    if kind == _MIXTURE:
        names = {one.name: one for one in made}
        chosen = names[st.selectbox("Mixture", list(names), key=f"{P}mixture")]
        train, held = str(chosen.train), chosen.held_out
        if held is not None:
            st.text(f"Held out: the mixture's own {chosen.made['held_out']['rows']:,} rows.")
            return {"train": train, "held_out": str(held)}
        return {"train": train, **_share()}
    if kind == _NAMED:
        train = st.text_input(
            "SOURCE[:FILE]",
            key=f"{P}path",
            placeholder="alpaca.json, commonsense_qa:train, …",
            help="A path on the machine that runs the app, or one of "
            + ", ".join(EXAMPLE_SOURCES)
            + ", each with :FILE, or alone: from the hub.",
        ).strip()
        return {"train": train, **_share()}
    upload = st.file_uploader(
        "Instruction, input, output, or chat messages: JSONL, a JSON list, CSV or Parquet",
        type=[suffix.lstrip(".") for suffix in suffixes()],
        max_upload_size=settings().max_upload_mb,
        key=f"{P}file",
    )
    found: dict[str, Any] = {"train": "", **_share()}
    if upload is not None:
        with errors_shown():
            found["train"] = str(kept(upload))
    return found


def _share() -> dict[str, Any]:
    percent = st.number_input(
        "Held out, in percent",
        0.1,
        50.0,
        5.0,
        key=f"{P}share",
        help="Of the questions. Never trained on: the weights with the lowest loss on them win.",
    )
    return {"held_out_share": percent / 100}


def _base() -> dict[str, str]:
    here = (shipped.BASE / "model.safetensors").is_file()
    kind = st.selectbox(
        "Base model", [*([_EMBEDDED] if here else []), _NAMED_MODEL], key=f"{P}kind"
    )
    if kind == _EMBEDDED:
        message("info", shipped.NOTE)
        return {"base": shipped.MICROLAB}
    text = st.text_input("Hub id or folder", key=f"{P}base", placeholder="organisation/model")
    return {"base": text.strip()}


def _preset(embedded: bool) -> str:
    names = list(PRESETS)
    first = names.index("microlab" if embedded else "it")
    # Another kind of base, another box: what was chosen for the one hardly suits the other.
    return str(
        st.selectbox(
            "Recipe",
            names,
            first,
            key=f"{P}preset {embedded}",
            format_func=lambda name: f"{name}: {PRESETS.get(name)}",
        )
    )


def _numbers(start: TrainingConfig, preset: str) -> dict[str, Any]:
    """The numbers, which begin as the preset has them; their keys name it."""
    k = f"{P}{preset} "
    schedule, method, data = start.schedule, start.method, start.data
    boxes = st.columns(3)
    rate = boxes[0].number_input(
        "Learning rate", 1e-8, 1.0, schedule.learning_rate, 1e-5, "%.2e", key=f"{k}rate"
    )
    batch = boxes[1].number_input("Examples in an update", 1, None, schedule.batch, key=f"{k}batch")
    long = boxes[2].selectbox(
        "How long", ["updates", "epochs"], 0 if schedule.steps else 1, key=f"{k}unit"
    )
    steps, epochs = schedule.steps, schedule.epochs
    if long == "updates":
        steps = boxes[0].number_input("Updates", 1, None, steps or 200, key=f"{k}steps")
    else:
        steps = None
        epochs = boxes[0].number_input("Epochs", 0.01, None, epochs, key=f"{k}epochs")
    length = boxes[1].number_input("Tokens of a row", 8, None, data.max_length, key=f"{k}length")
    too_long = boxes[2].selectbox(
        "Longer rows",
        list(TOO_LONG),
        list(TOO_LONG).index(data.too_long),
        key=f"{k}too long",
        format_func=TOO_LONG.get,
        help="A longer row would lose its end: the text of its final step, and where to stop.",
    )
    made: dict[str, Any] = {
        "data": {"max_length": length, "too_long": too_long, "limit": None},
        "method": {"kind": method.kind, "targets": list(method.targets)},
        "schedule": {
            "learning_rate": rate,
            "batch": batch,
            "steps": steps,
            "epochs": epochs,
        },
    }
    if method.kind == "lora":
        rank = boxes[0].number_input("Rank", 1, None, method.rank, key=f"{k}rank")
        alpha = boxes[1].number_input("Alpha", 0.1, None, method.alpha, key=f"{k}alpha")
        dropout = boxes[2].number_input("Dropout", 0.0, 0.9, method.dropout, key=f"{k}dropout")
        made["method"] |= {"rank": rank, "alpha": alpha, "dropout": dropout}
    with st.expander("More settings"):
        more = _more(start, k)
    made["schedule"] |= more.pop("schedule")
    made["data"] |= more.pop("data")
    if method.kind == "lora":
        made["method"] |= more.pop("method")
    else:
        more.pop("method")
    return {**made, **more}


def _more(start: TrainingConfig, k: str) -> dict[str, Any]:
    schedule, hardware = start.schedule, start.hardware
    a, b, c = st.columns(3)
    decays, precisions = (
        ["linear", "cosine", "constant"],
        ["auto", "float32", "bfloat16", "float16"],
    )
    seed = a.number_input("Seed", 0, 2**32 - 1, start.seed, key=f"{k}seed")
    limit = b.number_input(
        "Only the first rows", 1, None, None, key=f"{k}limit", placeholder="all rows"
    )
    every = c.number_input(
        "Updates between two looks at the held-out rows",
        1,
        None,
        schedule.evaluate_every,
        key=f"{k}every",
    )
    patience = a.number_input(
        "End after so many looks without a better one",
        1,
        None,
        schedule.patience,
        key=f"{k}patience",
        placeholder="never",
    )
    checkpoint = b.number_input(
        "Updates between two checkpoints",
        1,
        None,
        schedule.checkpoint_every,
        key=f"{k}checkpoint",
        help="So many updates are lost at most if the training is killed.",
    )
    decay = c.selectbox("Decay", decays, decays.index(schedule.decay), key=f"{k}decay")
    warmup = a.number_input(
        "Warm-up, in percent of the updates", 0.0, 90.0, schedule.warmup_share * 100, key=f"{k}warm"
    )
    precision = b.selectbox(
        "Precision", precisions, precisions.index(hardware.precision), key=f"{k}precision"
    )
    targets = c.multiselect(
        "Adapted modules",
        ["query", "key", "value", "output", _ALL],
        list(start.method.targets),
        key=f"{k}targets",
        accept_new_options=True,
    )
    prompt = a.text_input("Prompt format", start.model.prompt_format, key=f"{k}format").strip()
    four_bit = b.checkbox("Base in 4 bits", hardware.four_bit, key=f"{k}four bit")
    return {
        "seed": seed,
        "model": {"prompt_format": prompt or "auto"},
        "data": {"limit": limit},
        "method": {"targets": targets},
        "schedule": {
            "evaluate_every": every,
            "patience": patience,
            "checkpoint_every": checkpoint,
            "decay": decay,
            "warmup_share": warmup / 100,
        },
        "hardware": {
            "precision": precision,
            "four_bit": four_bit,
            "gradient_checkpointing": hardware.gradient_checkpointing,
        },
    }
