"""The manifest beside a mixture: its whole configuration, and what came of it.

It is a configuration itself: `sit augment --config train.manifest.yaml` makes the same again, and
says so if something is no longer the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sit_core import __version__
from sit_core.augment.config import MixtureConfig
from sit_core.augment.files import Files, file_hash, source_path
from sit_core.augment.plan import Plan
from sit_core.augment.statistics import Statistics
from sit_core.augment.wordings import Wordings
from sit_core.config.parse import to_plain, to_yaml
from sit_core.sources import split_source
from sit_core.sources.named import SHOWN

if TYPE_CHECKING:
    from sit_core.augment.mixture import Read
    from sit_core.augment.step_generation import MadeTexts


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
    files: Files,
    read: "Read",
    plan: Plan,
    statistics: Statistics,
    wordings: Wordings,
    texts: "MadeTexts | None",
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
