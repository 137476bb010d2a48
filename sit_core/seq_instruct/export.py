"""An iteration as a training file: rows in the formats of `augment/rows.py`, and a manifest.

made = export_set("mine", iteration=2)        # SIT_HOME/seq_instruct/mine/mine.2.jsonl
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sit_core.augment.files import JsonlWriter
from sit_core.augment.rows import ROW_FORMATS, Row
from sit_core.config.parse import to_plain
from sit_core.config.yaml_file import to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.files import beside
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.instruction_set import InstructionSet, open_set, records_of
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import State

NO_ANSWER = "it has no answer"
Kept = Literal["leave out", "before"]


@dataclass(frozen=True)
class Exported:
    """What was written."""

    path: Path
    manifest: Path
    made: dict[str, Any]
    """Counts and hash, as the manifest has them."""


def export_set(
    name: str,
    *,
    iteration: int | None = None,
    out: Path | None = None,
    form: str | None = None,
    failed: Kept | None = None,
    home: Path | None = None,
) -> Exported:
    """Write the training file of one iteration, and its manifest beside it.

    Args:
        name: of the set.
        iteration: which one; None: the last one of which there is something.
        out: the file (JSONL); None: in the set's folder.
        form: of `ROW_FORMATS`; None: as the configuration says.
        failed: what becomes of failed and gated ones: not there, or as they last were made (an
            instruction that never was made is left out); None: as the configuration says.
        home: SIT_HOME; None: that of the settings.

    Raises:
        SitError: there is no such set or iteration, or the file can't be written.
    """
    one = open_set(name, home)
    number = iteration or max(one.iterations, default=0)
    if number not in one.iterations:
        raise SitError(f"The set {name} has no iteration {number or 1} yet.")
    form, failed = form or one.config.format, failed or one.config.failed
    writer = ROW_FORMATS.get(form)
    path = (out or one.folder.export(number)).expanduser()
    if path.suffix not in (".jsonl", ".json", ".ndjson"):
        raise UsageError(f"The output is JSONL; name it so: {path.stem}.jsonl.")
    manifest = path.with_name(f"{path.stem}.manifest.yaml")
    left_out: Counter[str] = Counter()
    options: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    parts = [beside(p) for p in (path, manifest)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with parts[0].open("wb", 1 << 20) as stream:
            rows = JsonlWriter(stream)
            for record, chain in _chosen(one, number, failed, left_out):
                rows.write(_row(record, chain, writer))
                options["".join(chain)] += 1
                answered[record.response_by or "seed"] += 1
        made = {
            "set": name,
            "iteration": number,
            "file": path.name,
            "rows": rows.rows,
            "sha256": rows.sha256,
            "options": dict(options.most_common()),
            "answers_by": dict(answered.most_common()),
            "left_out": dict(left_out.most_common()),
            "known": known_of(one.folder),
        }
        plain = to_plain(one.config, defaults=True)
        head = f"sit seq-instruct --name {name}\nBelow `made`: what came of it."
        parts[1].write_text(to_yaml({**plain, "made": made}, head=head), encoding="utf-8")
        parts[0].replace(path)
        parts[1].replace(manifest)
    except OSError as error:
        raise SitError(f"{path} can't be written: {error.strerror or error}.") from None
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return Exported(path, manifest, made)


def _chosen(
    one: InstructionSet, number: int, failed: Kept, left_out: Counter[str]
) -> Iterator[tuple[Record, list[str]]]:
    """The records that are rows, each with its options so far."""
    streams = [records_of(one.folder.records(i)) for i in range(number + 1)]
    for seed, *made in zip(*streams, strict=False):
        last = made[-1]
        chain = [str(r.option) for r in made if r.state is State.MADE]
        if last.state in (State.FAILED, State.GATED) and (failed == "leave out" or not chain):
            left_out[f"{last.state}: {last.reason}"] += 1
        elif last.response is None or not last.response.strip():
            left_out[NO_ANSWER] += 1
        else:
            assert last.seed == seed.seed
            yield last, chain


def _row(record: Record, chain: list[str], writer: Any) -> Row:
    row: Row = writer(record.example(), record.response)
    if record.language:
        row["language"] = record.language
    row["seq_instruct"] = {
        "id": record.id,
        "seed": record.seed,
        "place": record.place,
        "iteration": record.iteration,
        "options": chain,
        "state": str(record.state),
        "answer_by": record.response_by,
    }
    return row


def known_of(folder: SetFolder) -> dict[str, Any]:
    """What a set was made from, as it was kept when it was begun; empty where nothing was."""
    import json

    try:
        found = json.loads(folder.known.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
