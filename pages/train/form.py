"""The form for a new training: data, base, preset, the main numbers → its configuration."""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from pages.shared.config_form import ConfigForm
from pages.shared.message import errors_shown, message
from pages.shared.upload import kept
from sit_core.augment.mixtures import mixtures
from sit_core.config.fields import check
from sit_core.embedded import shipped
from sit_core.names import clean_name
from sit_core.registry import unknown
from sit_core.seq_instruct.export import export_set
from sit_core.seq_instruct.instruction_set import InstructionSet, instruction_sets
from sit_core.settings import settings
from sit_core.sources import EXAMPLE_SOURCES
from sit_core.sources.file_formats import suffixes
from sit_core.train import TrainingConfig, load_config
from sit_core.train.config import PRESETS, name_fault, preset_path

P = "new training "
"""Prefix of the keys of all widgets here."""
OPEN = f"{P}open"
NAME = "NAME"
"""Stands in the configuration until there is a name that can be used."""
_MIXTURE, _SET = "A mixture", "A set of Seq-Instruct"
_FILE, _NAMED = "A file", "A path, or a data set by name"
_EMBEDDED, _NAMED_MODEL = "Embedded model", "Model by hub id or folder"
_TARGETS = ["query", "key", "value", "output", "all-linear"]
_TOO_LONG = "A longer row would lose its end: the text of its final step, and where to stop."


def training_form() -> TrainingConfig | None:
    """Draw the form; the configuration, or None where something is missing (it is said)."""
    left, right = st.columns(2, gap="large")
    with left:
        data = _data()
        base = _base()
    with right:
        preset = _preset(embedded=base == shipped.MICROLAB)
        start = load_config(preset_path(preset) or settings().home)
        form = _numbers(start, preset)
    name = clean_name(st.session_state.get(f"{P}name") or "")
    if not data.get("train") or not base:
        return None
    for setting, value in {**data, "base": base}.items():
        form.values[f"{'model' if setting == 'base' else 'data'}.{setting}"] = value
    config = form.config(name=NAME if name_fault(name) else name, out=None)
    if faults := check(config):
        message("error", f"The training: {' '.join(faults)}")
        return None
    return config


def _data() -> dict[str, Any]:
    made = [one for one in mixtures() if one.config.use != "unseen"]
    sets = [one for one in instruction_sets() if one.iterations]
    kinds = [*([_MIXTURE] if made else []), *([_SET] if sets else []), _FILE, _NAMED]
    _offered(f"{P}data", kinds)
    kind = st.selectbox("Data", kinds, key=f"{P}data")
    if kind == _MIXTURE:
        names = {one.name: one for one in made}
        _offered(f"{P}mixture", list(names))
        chosen = names[st.selectbox("Mixture", list(names), key=f"{P}mixture")]
        train, held = str(chosen.train), chosen.held_out
        if held is not None:
            st.text(f"Held out: the mixture's own {chosen.made['held_out']['rows']:,} rows.")
            return {"train": train, "held_out": str(held)}
        return {"train": train, **_share()}
    if kind == _SET:
        return {"train": _of_set({one.name: one for one in sets}), **_share()}
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


def _of_set(sets: Mapping[str, InstructionSet]) -> str:
    """The training file of an iteration, made anew where its records are newer."""
    left, right = st.columns([3, 1])
    _offered(f"{P}set", list(sets))
    one = sets[left.selectbox("Set", list(sets), key=f"{P}set")]
    iterations = list(one.iterations)
    _offered(f"{P}iteration", iterations)
    iteration = right.selectbox("Iteration", iterations, len(iterations) - 1, key=f"{P}iteration")
    path, records = one.folder.export(iteration), one.folder.records(iteration)
    with errors_shown():
        if not path.exists() or path.stat().st_mtime < records.stat().st_mtime:
            made = export_set(one.name, iteration=iteration)
            st.text(f"{made.made['rows']:,} rows are in its training file.")
        return str(path)
    return ""


def _offered(key: str, options: Collection[Any]) -> None:
    """Let go of a choice that is not there any more."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def take_link() -> None:
    """Open the form with the data that an address names.

    That is ``mixture``, or ``set`` with ``iteration``, or a ``source`` as one would type it; a name
    that is unknown is said.
    """
    asked = {name: st.query_params.get(name) for name in ("mixture", "set", "source", "iteration")}
    if not any(asked.values()):
        return
    state = st.session_state
    state[OPEN] = True
    st.query_params.clear()
    if asked["mixture"]:
        known = [one.name for one in mixtures() if one.config.use != "unseen"]
        if asked["mixture"] not in known:
            message("error", unknown("mixture", asked["mixture"], known))
            return
        state[f"{P}data"], state[f"{P}mixture"] = _MIXTURE, asked["mixture"]
    elif asked["set"]:
        sets = {one.name: one for one in instruction_sets() if one.iterations}
        if asked["set"] not in sets:
            message("error", unknown("set", asked["set"], list(sets)))
            return
        state[f"{P}data"], state[f"{P}set"] = _SET, asked["set"]
        number = asked["iteration"] or ""
        if number.isdecimal() and int(number) in sets[asked["set"]].iterations:
            state[f"{P}iteration"] = int(number)
    else:
        state[f"{P}data"], state[f"{P}path"] = _NAMED, asked["source"] or ""


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


def _base() -> str:
    here = (shipped.BASE / "model.safetensors").is_file()
    kind = st.selectbox(
        "Base model", [*([_EMBEDDED] if here else []), _NAMED_MODEL], key=f"{P}kind"
    )
    if kind == _EMBEDDED:
        message("info", shipped.NOTE)
        return shipped.MICROLAB
    text = st.text_input("Hub id or folder", key=f"{P}base", placeholder="organisation/model")
    return text.strip()


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


def _numbers(start: TrainingConfig, preset: str) -> ConfigForm[TrainingConfig]:
    """The settings, which begin as the preset has them; their keys name it."""
    form = ConfigForm(TrainingConfig, f"{P}{preset} ", start=start)
    lora = start.method.kind == "lora"
    boxes = st.columns(3)
    form.draw("schedule.learning_rate", boxes[0], step=1e-5, format="%.2e")
    form.draw("schedule.batch", boxes[1])
    unit = boxes[2].selectbox(
        "How long",
        ["updates", "epochs"],
        0 if start.schedule.steps else 1,
        key=f"{form.prefix}unit",
    )
    if unit == "updates":
        form.draw("schedule.steps", boxes[0], usual=start.schedule.steps or 200)
    else:
        form.values["schedule.steps"] = None
        form.draw("schedule.epochs", boxes[0])
    form.draw("data.max_length", boxes[1])
    form.draw("data.too_long", boxes[2], help=_TOO_LONG)
    if lora:
        for box, name in zip(boxes, ("rank", "alpha", "dropout"), strict=True):
            form.draw(f"method.{name}", box)
    with st.expander("More settings"):
        a, b, c = st.columns(3)
        form.draw("seed", a)
        form.draw("data.limit", b, usual=None)  # a preset's is of its own data
        form.draw("schedule.evaluate_every", c)
        form.draw("schedule.patience", a)
        form.draw("schedule.checkpoint_every", b)
        form.draw("schedule.decay", c)
        warmup = a.number_input(
            "Warm-up, in percent of the updates",
            0.0,
            90.0,
            start.schedule.warmup_share * 100,
            key=f"{form.prefix}warm",
        )
        form.values["schedule.warmup_share"] = warmup / 100
        form.draw("hardware.precision", b)
        if lora:
            form.draw("method.targets", c, options=_TARGETS, accept_new_options=True)
        form.draw("model.prompt_format", a)
        form.draw("hardware.four_bit", b)
    return form
