"""From the files of a configuration to encoded rows, with what is known of them.

Which rows are held out: by a hash of seed and question, so that none is trained on as well.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError
from sit_core.models.interface import ModelSpec
from sit_core.models.require import need
from sit_core.models.resolve import ModelLocation
from sit_core.train.config import TrainingConfig
from sit_core.train.context import counted
from sit_core.train.encoding import EncodedRow, RowEncoder
from sit_core.train.lengths import Lengths, fitting, lengths_of
from sit_core.train.rows import TrainingRow, TrainingRows, read_training_rows, seen_whole

INSTALL = "-r requirements-models.txt"


@dataclass(frozen=True, slots=True)
class DataPreview:
    """The rows of a configuration before anything is left out for its length."""

    train: list[EncodedRow]
    held_out: list[EncodedRow]
    lengths: Lengths
    """Of the rows to train on."""
    held_out_lengths: Lengths
    context: int | None
    """Tokens that the model can read; None where it names no limit."""
    known: dict[str, Any]
    """JSON: files, hashes, counts."""
    prompt: dict[str, Any]
    """The prompt format and the hashes of its texts."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows that are used."""

    train: list[EncodedRow]
    held_out: list[EncodedRow]
    known: dict[str, Any]
    prompt: dict[str, Any]


def prepare(config: TrainingConfig, place: ModelLocation, report: Callable[..., None]) -> Prepared:
    """Read, split and encode the rows, and leave out what the configuration says.

    Raises:
        SitError: a file or row can't be used, or rows would be cut and nobody decided on them.
    """
    looked = look(config, place, report)
    longest, too_long = config.data.max_length, config.data.too_long
    if (
        looked.context is not None
        and longest > looked.context
        and looked.lengths.longest > (looked.context)
    ):
        raise SitError(
            f"Expected data.max_length to be at most {looked.context:,}, which is what the model "
            f"can read, but found {longest:,}."
        )
    train = fitting(looked.train, longest, too_long)
    try:
        held = fitting(looked.held_out, longest, too_long)
    except SitError as error:
        raise SitError(f"Of the rows that are held out: {error}") from None
    known = {
        **looked.known,
        "lengths": looked.lengths.as_json(),
        "used": len(train),
        "held_out_used": len(held),
    }
    return Prepared(train, held, known, looked.prompt)


def look(
    config: TrainingConfig, place: ModelLocation, report: Callable[..., None] = lambda *_: None
) -> DataPreview:
    """The rows as tokens, all of them, and how long they are.

    Raises:
        SitError: a file or row can't be used, or the model's tokenizer can't.
    """
    encoder, context = open_encoder(config, place)
    data = config.data
    report(None, None, "reading the rows")
    file = read_training_rows(
        data.train,
        data.columns,
        data.limit,
        report=lambda read: report(None, None, f"reading the rows: {read:,}"),
    )
    file = seen_whole(file, encoder.context)
    if data.held_out is None:
        rows, held = split(file.rows, data.held_out_share, data.held_out_rows, config.seed)
        other = None
    else:
        other = read_training_rows(data.held_out, data.columns, option="data.held_out")
        other = seen_whole(other, encoder.context)
        rows, held = file.rows, sample(other.rows, data.held_out_rows, config.seed)
    report(None, None, "tokenizing")
    encoded = encoder.encode(
        rows, lambda done: report(None, None, f"tokenizing: {done:,} of {len(rows):,} rows")
    )
    held_encoded = encoder.encode(held)
    return DataPreview(
        train=encoded,
        held_out=held_encoded,
        lengths=lengths_of(encoded, data.max_length),
        held_out_lengths=lengths_of(held_encoded, data.max_length),
        context=context,
        known=_known(file, other, rows, held),
        prompt=encoder.prompter.identity(),
    )


def open_encoder(config: TrainingConfig, place: ModelLocation) -> tuple[RowEncoder, int | None]:
    """The model's tokenizer with its prompt format, and how many tokens the model can read.

    Raises:
        SitError: it can't be loaded, or does not fit the prompt format.
    """
    transformers = need("transformers", INSTALL)
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            place.folder, trust_remote_code=False
        )
        about = transformers.AutoConfig.from_pretrained(place.folder, trust_remote_code=False)
    except Exception as error:  # noqa: BLE001 - the library raises nearly every kind
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise SitError(f"The tokenizer of {config.model.base} can't be loaded: {said}") from None
    spec = ModelSpec(config.model.base, prompt_format=config.model.prompt_format)
    context = getattr(about.get_text_config(), "max_position_embeddings", None)
    return RowEncoder(tokenizer, spec, _ends(tokenizer, place)), context


def _ends(tokenizer: Any, place: ModelLocation) -> frozenset[int]:
    """The tokens at which the model stops when it is used."""
    transformers = need("transformers", INSTALL)
    try:
        said = transformers.GenerationConfig.from_pretrained(place.folder).eos_token_id
    except OSError:
        said = None
    ends = set(said if isinstance(said, list) else [said]) | {tokenizer.eos_token_id}
    return frozenset(end for end in ends if end is not None)


def _known(
    file: TrainingRows,
    other: TrainingRows | None,
    rows: Sequence[TrainingRow],
    held: Sequence[TrainingRow],
) -> dict[str, Any]:
    shared = len({row.id for row in rows} & {row.id for row in held})
    same: Mapping[str, Any] = {
        "train_sha256": file.sha256,
        "held_out_sha256": None if other is None else other.sha256,
    }
    return {
        "train": file.name,
        "held_out": None if other is None else other.name,
        "same": same,
        "rows": len(rows),
        "held_out_rows": len(held),
        "left_out": dict(file.left_out),
        "held_out_left_out": {} if other is None else dict(other.left_out),
        "context": counted([row.context for row in rows]),
        "questions_on_both_sides": shared,
    }


def split(
    rows: Sequence[TrainingRow], share: float, most: int, seed: int
) -> tuple[list[TrainingRow], list[TrainingRow]]:
    """Rows to train on and held-out rows, each in their order.

    A question that is there several times is wholly on one side.

    Args:
        rows: all rows.
        share: of the questions, that is held out; at least one is.
        most: so many held-out questions at most.
        seed: another seed holds out others.

    Raises:
        SitError: there are fewer than two questions.
    """
    questions = sorted({row.id for row in rows}, key=lambda one: _draw(seed, one))
    if len(questions) < 2:
        raise SitError("Expected at least two different rows, one to hold out, but found one.")
    held = set(questions[: max(1, min(most, round(len(questions) * share)))])
    return [r for r in rows if r.id not in held], [r for r in rows if r.id in held]


def sample(rows: Sequence[TrainingRow], most: int, seed: int) -> list[TrainingRow]:
    """At most so many rows, drawn by the seed, in their order."""
    if len(rows) <= most:
        return list(rows)
    places = sorted(range(len(rows)), key=lambda i: _draw(seed, f"{i}/{rows[i].id}"))[:most]
    return [rows[i] for i in sorted(places)]


def _draw(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}/{text}".encode()).digest()
