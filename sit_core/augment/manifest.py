"""The manifest beside a mixture: its whole configuration, and what came of it.

It is a configuration itself: `sit augment --config train.manifest.yaml` makes the same again, and
says so if something is no longer the same.

What a mixture is like: chains, steps, languages, lengths; counted while it is written.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sit_core import __version__
from sit_core.augment.chains import label
from sit_core.augment.config import MixtureConfig
from sit_core.augment.example import final_text
from sit_core.augment.files import MixtureFiles, file_hash, source_path
from sit_core.augment.plan import MixturePlan
from sit_core.augment.wordings import Wordings
from sit_core.config.parse import to_plain
from sit_core.config.yaml_file import to_yaml
from sit_core.records import Example
from sit_core.sources import split_source
from sit_core.sources.named import SHOWN

if TYPE_CHECKING:
    from sit_core.augment.mixture import FirstPass
    from sit_core.augment.step_generation import GeneratedTexts


BINS = (0, 1, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
"""Lower bounds of the lengths' bins, in characters; the first is for what is empty."""
NOT_SAID = "not said"


@dataclass
class Statistics:
    """Counts over rows, train and held-out together unless it says otherwise."""

    rows: Counter[str] = field(default_factory=Counter)
    """``train`` and ``held_out`` → rows."""
    chains: Counter[str] = field(default_factory=Counter)
    """``R+A`` (``A``: left as it was) → rows."""
    steps: Counter[int] = field(default_factory=Counter)
    """Steps of a row → rows."""
    languages: Counter[str] = field(default_factory=Counter)
    inputs: Counter[int] = field(default_factory=Counter)
    """Lower bound of the bin → rows, by the input's length in characters."""
    outputs: Counter[int] = field(default_factory=Counter)

    def add(self, example: Example, held_out: bool) -> None:
        """Count one row."""
        self.rows["held_out" if held_out else "train"] += 1
        self.chains[label(example.steps)] += 1
        self.steps[len(example.steps) or 1] += 1
        self.languages[example.language or NOT_SAID] += 1
        self.inputs[bin_of(len(example.input))] += 1
        texts = [s.expected or "" for s in example.steps] or [final_text(example) or ""]
        self.outputs[bin_of(sum(map(len, texts)) + len(texts) - 1)] += 1

    def as_plain(self) -> dict[str, Any]:
        """For the manifest; in an order that depends on the counts alone."""
        return {
            "rows": sum(self.rows.values()),
            "sequential": sum(n for name, n in self.chains.items() if "+" in name),
            "chains": _sorted(self.chains),
            "steps": _sorted(self.steps),
            "languages": _sorted(self.languages),
            "input_characters": _sorted(self.inputs),
            "output_characters": _sorted(self.outputs),
        }


def bin_of(length: int) -> int:
    """The lower bound of the bin that a length falls into.

    >>> [bin_of(n) for n in (0, 1, 31, 32, 10**9)]
    [0, 1, 1, 32, 32768]
    """
    if length < BINS[2]:
        return min(length, BINS[1])
    return min(BINS[-1], 1 << (length.bit_length() - 1))


def _sorted(counts: Mapping[Any, int]) -> dict[Any, int]:
    return {key: counts[key] for key in sorted(counts)}


@dataclass(frozen=True)
class Mixture:
    """What was written."""

    train: Path
    held_out: Path | None
    manifest_path: Path
    made: Mapping[str, Any]
    """Files with rows and hashes, sources with hashes, counts; as the manifest has it."""
    manifest: str
    """The manifest's text."""
    differs: tuple[str, ...] = ()
    """What is not as the manifest said that this was made from."""


def manifest_of(
    config: MixtureConfig,
    files: MixtureFiles,
    read: "FirstPass",
    plan: MixturePlan,
    statistics: Statistics,
    wordings: Wordings,
    texts: "GeneratedTexts | None",
) -> Mixture:
    """What was written, and the manifest that says so: no time in it, so it can be compared."""
    unchanged = dict(read.unchanged)
    if plan.over_the_cap:
        unchanged["all its chains were full"] = plan.over_the_cap
    if plan.not_in_the_share:
        unchanged["it was not in the share"] = plan.not_in_the_share
    made: dict[str, Any] = {
        "version": __version__,
        **files.made(),
        "examples": len(read.table),
        **statistics.as_plain(),
        "unchanged": _by_number(unchanged),
        "left_out": _by_number(read.left_out),
        "texts_refused": _by_number(read.refused),
        "bad_rows": read.problems.count,
        "bad_row_reasons": [str(problem) for problem in read.problems.shown[:SHOWN]],
        "sources": [
            {**_source(source.source), "read": summary.to_dict(), "said": summary.sentences()}
            for source, summary in zip(config.all_sources(), read.summaries, strict=True)
        ],
        "wordings_sha256": wordings.sha256,
    }
    if texts:
        made["texts"] = texts.origin()
    head = (
        f"sit augment --config {files.manifest.name} --out {files.train.name}\n"
        "Below `made`: what came of it."
    )
    if config.use == "unseen":
        head += "\nFor evaluation: its wordings are kept out of training."
    shown = to_plain(replace(config, made=None), defaults=True)
    shown["made"] = made
    return Mixture(
        train=files.train,
        held_out=files.held_out if "held_out" in made else None,
        manifest_path=files.manifest,
        made=made,
        manifest=to_yaml(shown, head=head),
        differs=tuple(_differences(config.made or {}, made)),
    )


def _source(source: str) -> dict[str, Any]:
    path = source_path(source)
    return {
        "source": source,
        "reader": split_source(source, gold=True)[0],
        "sha256": None if path is None else file_hash(path),
    }


def sources_said(made: Mapping[str, Any]) -> list[str]:
    """What became of the sources' columns and values, and of rows that can't be read, for people.

    Args:
        made: of a manifest, or what is known of a set of Seq-Instruct; an older one says nothing.
    """
    lines = []
    for source in made.get("sources") or []:
        name = str((source.get("read") or {}).get("file") or source.get("source"))
        lines += [f"{name}: {sentence}" for sentence in source.get("said") or []]
    if count := made.get("bad_rows"):
        reasons = [str(reason) for reason in made.get("bad_row_reasons") or []]
        more = [f"and {count - len(reasons):,} more"] if reasons and count > len(reasons) else []
        said = f": {'; '.join(reasons + more)}" if reasons else ""
        lines.append(f"rows that could not be read, left out: {count:,}{said}")
    return lines


def has_changes(made: Mapping[str, Any]) -> bool:
    """Whether values were read as something else, or rows could not be read."""
    sources = made.get("sources") or []
    return bool(made.get("bad_rows")) or any(
        (source.get("read") or {}).get("changed") for source in sources
    )


def _by_number(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as it was, in words."""
    if not before:
        return []
    found = []
    for name, called in (("train", "The training file"), ("held_out", "The held-out file")):
        old, new = (of.get(name) or {} for of in (before, now))
        if isinstance(old, Mapping) and old.get("sha256") != new.get("sha256"):
            found.append(f"{called} is not the same as the manifest says.")
    for old, new in zip(before.get("sources") or [], now["sources"], strict=False):
        if isinstance(old, Mapping) and old.get("sha256") != new["sha256"]:
            found.append(f"The source {new['source']!r} has changed.")
    if before.get("wordings_sha256") != now["wordings_sha256"]:
        found.append("The wordings have changed.")
    if before.get("version") != now["version"]:
        found.append(f"It was made by version {before.get('version')}, this is {now['version']}.")
    return found
