"""A SeqEval-like set from any seed set that Seq-Instruct has grown: prompts sampled by iteration.

A seed gives one prompt at most, so that prompts of the set are not variants of each other. Only
what was really changed in an iteration is one of its prompts: what was held, failed or refused by a
gate is not, nor what an earlier iteration left as it was.

How a number of prompts is divided over the iterations: as SeqEval does, 1 : 2 : 3 : 4. Pure.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError, UsageError
from sit_core.files import write_bytes

MADE = "made"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built."""

    file: str
    prompts: int
    counts: Mapping[int, int]
    """Iteration → prompts."""
    candidates: Mapping[int, int]
    """Iteration → prompts that it had."""
    sha256: str


def counts_of(prompts: int, iterations: Sequence[int]) -> dict[int, int]:
    """How many prompts of each iteration, if nobody says.

    >>> counts_of(100, [1, 2])
    {1: 33, 2: 67}
    """
    shares = {i: SHARES.get(i, i) for i in iterations}
    return split_by_shares(prompts, shares)


def sample_places(
    candidates: Mapping[int, Sequence[int]], counts: Mapping[int, int], seed: int
) -> dict[int, list[int]]:
    """Iteration → places (numbers of seeds), no place in two iterations; in their order.

    The iteration that has least to spare chooses first.

    Raises:
        SitError: there are not enough.
    """
    found: dict[int, list[int]] = {}
    taken: set[int] = set()
    spare = {i: len(candidates.get(i, ())) - n for i, n in counts.items()}
    for iteration in sorted(counts, key=lambda i: (spare[i], -i)):
        free = [place for place in candidates.get(iteration, ()) if place not in taken]
        random.Random(f"seqeval/{seed}/{iteration}").shuffle(free)
        if len(free) < counts[iteration]:
            have = ", ".join(
                f"{len(candidates.get(i, ()))} of iteration {i}" for i in sorted(counts)
            )
            raise SitError(
                f"Iteration {iteration} has {len(free)} prompts that no other iteration uses, but "
                f"{counts[iteration]} are asked for (there are {have}); ask for fewer, or grow "
                "more seeds."
            )
        found[iteration] = sorted(free[: counts[iteration]])
        taken |= set(found[iteration])
    return dict(sorted(found.items()))


def grown_often(made: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """Iteration → places that were changed in it and in all before it, so that the number is true.

    >>> grown_often({1: [0, 1, 3], 2: [1, 2, 3]})
    {1: [0, 1, 3], 2: [1, 3]}
    """
    found: dict[int, list[int]] = {}
    for iteration in sorted(made):
        before = set(found.get(iteration - 1, made[iteration]))
        found[iteration] = [place for place in made[iteration] if place in before]
    return found


def build_from(
    name: str,
    out: Path,
    *,
    prompts: int = 100,
    counts: Mapping[int, int] | None = None,
    seed: int = 0,
) -> BuildReport:
    """Sample a grown set and write the prompts to a file, whole or not at all.

    Args:
        name: of the set of Seq-Instruct.
        out: a JSONL file; a description is written beside it.
        prompts: how many in all, divided as SeqEval's are.
        counts: iteration → how many, instead.
        seed: of the sample.

    Raises:
        SitError: there is no such set, or it has not enough prompts.
    """
    from sit_core.seq_instruct.index import RecordFilter
    from sit_core.seq_instruct.instruction_set import open_set

    grown = open_set(name)
    if not grown.iterations:
        raise SitError(f"Nothing has been grown in the set {name!r} yet; run sit seq-instruct.")
    wanted = dict(counts) if counts is not None else counts_of(prompts, grown.iterations)
    if not wanted or min(wanted.values()) < 0 or not sum(wanted.values()):
        raise UsageError("Ask for at least one prompt.")
    candidates = grown_often(
        {i: grown.index(i).places(RecordFilter(state=MADE)) for i in grown.iterations}
    )
    chosen = sample_places(candidates, wanted, seed)

    def rows() -> Iterator[dict[str, Any]]:
        for iteration, places in chosen.items():
            for place in places:
                record = grown.record(iteration, place)
                row = {"instruction": record.instruction, "iteration": iteration}
                row |= {"input": record.input} if record.input else {}
                row |= {"language": record.language} if record.language else {}
                yield {**row, "grown_from": record.seed, "option": record.option}

    about = {"seq_instruct": name, "seed": seed, "counts": wanted, "version": __version__}
    return write_set(rows(), out, about, {i: len(places) for i, places in candidates.items()})


def write_set(
    rows: Iterator[dict[str, Any]],
    out: Path,
    about: Mapping[str, Any],
    candidates: Mapping[int, int] | None = None,
) -> BuildReport:
    """Write a set and, beside it, where it came from (``NAME.about.json``)."""
    lines, counts = [], dict[int, int]()
    for row in rows:
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        counts[row["iteration"]] = counts.get(row["iteration"], 0) + 1
    content = "".join(lines).encode()
    report = BuildReport(
        out.name, len(lines), counts, candidates or {}, hashlib.sha256(content).hexdigest()
    )
    described = {**about, **{k: v for k, v in asdict(report).items() if k != "file"}}
    _write(out, content)
    _write(out.with_suffix(".about.json"), (json.dumps(described, indent=1) + "\n").encode())
    return report


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    except OSError as error:
        raise SitError(
            f"{path} can't be written ({error.strerror}); choose another place."
        ) from None


SHARES = {1: 1, 2: 2, 3: 3, 4: 4}
"""Iteration → its share."""


def split_by_shares(prompts: int, shares: Mapping[int, int]) -> dict[int, int]:
    """Iteration → so many of the prompts; whole numbers that add up (largest remainders).

    >>> split_by_shares(805, SHARES), split_by_shares(3, SHARES)
    ({1: 81, 2: 161, 3: 241, 4: 322}, {1: 0, 2: 1, 3: 1, 4: 1})
    """
    whole = sum(shares.values())
    exact = {place: prompts * share / whole for place, share in shares.items()}
    found = {place: int(value) for place, value in exact.items()}
    left = prompts - sum(found.values())
    by_rest = sorted(exact, key=lambda place: (found[place] - exact[place], place))
    for place in by_rest[:left]:
        found[place] += 1
    return found
