"""A mixture from file to file: examples in, training rows and a manifest out; memory stays flat.

    made = write_mixture(read_mixture(Path("mixture.yaml")), Path("train.jsonl"))

Two passes. The first reads every example once, finds out which chains it can become, and puts it
into a file on disk (`ShuffleBuffer`); then the plan is laid (`make_plan`), which needs some bytes
an example; the second takes the examples back in the order of the plan and writes them. Shuffling
is thus by the places of rows on disk, not of rows in memory. Written beside the output and moved
into place whole, so a killed run leaves no half file behind.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sit_core.augment.config import MAX_CHAINS, MixtureConfig
from sit_core.augment.example import (
    NAMES_TOOLS,
    NO_OUTPUT,
    augment_example,
    lacks_image,
    why_not,
    with_context,
    with_texts,
)
from sit_core.augment.files import MixtureFiles, opened
from sit_core.augment.manifest import Mixture, Statistics, manifest_of
from sit_core.augment.plan import PLAIN, MixturePlan, MixtureSpec, Table, make_plan
from sit_core.augment.rows import row_of
from sit_core.augment.shuffle_buffer import ShuffleBuffer
from sit_core.augment.step_generation import GeneratedTexts, texts_made
from sit_core.augment.step_texts import StepTexts
from sit_core.augment.wordings import Wordings
from sit_core.errors import SitError
from sit_core.records import Example, Step, Unparsed
from sit_core.sources import FileSummary, Problem, Problems, named_examples, refusal
from sit_core.sources.context import COLUMNS, HISTORY, TOOLS
from sit_core.sources.seen import hash64

REPORT_EVERY = 500


def _silent(_done: int | None, _total: int | None = None, _message: str = "") -> None:
    """No report."""


Report = Callable[..., None]


@dataclass
class FirstPass:
    """What the first pass found."""

    buffer: ShuffleBuffer
    table: Table = field(default_factory=Table)
    problems: Problems = field(default_factory=Problems)
    unchanged: Counter[str] = field(default_factory=Counter)
    """Why examples can't become any of the chains → how many."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Why examples can't be trained on at all → how many."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why texts of steps were refused → how many."""
    summaries: Sequence[FileSummary] = ()
    """What became of each source's columns and values."""


def write_mixture(
    config: MixtureConfig,
    out: Path,
    *,
    report: Report = _silent,
    stopped: Callable[[], bool] = lambda: False,
    home: Path | None = None,
) -> Mixture:
    """Write the training file, the held-out file and the manifest of a mixture.

    Args:
        config: what is asked.
        out: the training file (JSONL); the others lie beside it, named after it.
        report: told how far it is (rows done, of how many, in what part); may raise to stop.
        stopped: asked while a model writes texts; true ends the work.
        home: the folder of the texts that models wrote; None: that of the settings.

    Returns:
        What was written, with counts and hashes; the manifest says the same.

    Raises:
        SitError: a source or a text can't be had, no example could become a sequence, or the
            files can't be written; nothing is left behind but texts that a model wrote.
    """
    files = MixtureFiles(out)
    files.check(config)
    wordings = config.all_wordings()
    chains = config.all_chains()
    with opened(files.folder) as folder:
        made = texts_made(config, home)
        read = _read_all(config, folder, made, report)
        try:
            plan = _planned(config, read)
            while made and (wanted := _wanted(read, plan, chains, made)):
                made.make(wanted, report=report, stopped=stopped)
                read.buffer.close()
                read = _read_all(config, folder, made, report)  # with the texts there are now
                plan = _planned(config, read)
            _check_any(config, read, plan)
            statistics = Statistics()
            with files.writing() as (train, held):
                for row, example, aside in _rows(config, read, plan, wordings, report):
                    (held if aside else train).write(row)
                    statistics.add(example, aside)
                mixture = manifest_of(config, files, read, plan, statistics, wordings, made)
                files.write_manifest(mixture.manifest)
        finally:
            read.buffer.close()
    return mixture


def _rows(
    config: MixtureConfig, read: FirstPass, plan: MixturePlan, wordings: Wordings, report: Report
) -> Iterator[tuple[dict[str, Any], Example, bool]]:
    """The second pass: row, its example, and whether it is held out, in the order of the plan."""
    chains = [steps for _, steps in config.all_chains()]
    total = len(plan.rows)
    for place, packed in read.buffer.in_order(plan.rows):
        if place % REPORT_EVERY == 0:
            report(place, total, "writing")
        example, chosen = _unpacked(packed), int(plan.chains[place])
        of = example.id
        if chosen != PLAIN:
            rng = rng_for(config.seed, read.table.key[plan.rows[place]], chosen)
            changed = augment_example(
                example, chains[chosen], rng, wordings, language=config.language, checked=True
            )
            assert isinstance(changed, Example), changed
            example = changed
        aside = bool(plan.held_out[place])
        row = row_of(
            example,
            of,
            format=config.format,
            join=config.join,
            evaluation=aside or config.use == "unseen",
        )
        yield row, example, aside
    report(total, total, "writing")


def _read_all(
    config: MixtureConfig, folder: Path, made: GeneratedTexts, report: Report
) -> FirstPass:
    """The first pass.

    Raises:
        SitError: a source can't be read, or rows of it (unless they are to be skipped).
    """
    read, texts = FirstPass(ShuffleBuffer(folder)), StepTexts(config, made)
    try:
        _fill(config, read, texts, report)
    except BaseException:
        read.buffer.close()
        raise
    return read


def _fill(config: MixtureConfig, read: FirstPass, texts: StepTexts, report: Report) -> None:
    chains = [steps for _, steps in config.all_chains()]
    done = 0
    read.summaries = [FileSummary() for _ in config.all_sources()]
    for number, index, item in items_of(config, read.summaries):
        done += 1
        if done % REPORT_EVERY == 0:
            report(done, None, "reading")
        if isinstance(item, Problem):
            read.problems.add(item)
            continue
        fault = why_not(item, ())
        if fault == NO_OUTPUT or item.meta.get(TOOLS):
            read.left_out[NAMES_TOOLS if fault != NO_OUTPUT else fault] += 1
            continue
        mask, why = 0, fault or ""
        found: dict[str, str] = {}
        if chains and not fault:
            mask, why, found = possible_chains(item, index, chains, texts)
        if chains and not mask:
            read.unchanged[why] += 1
        key = key_of(item)
        read.table.add(key, mask, number, _split_key(config, item, index))
        read.buffer.add(_packed(item, found))
    read.refused = texts.refusals
    if read.problems.count and config.bad_rows == "refuse":
        raise SitError(refusal(read.problems) + " To leave such rows out, set bad_rows: skip.")
    if not len(read.table):
        raise SitError("There is no example with an output in the sources.")


def items_of(
    config: MixtureConfig, summaries: Sequence[FileSummary] = ()
) -> Iterator[tuple[int, int, Example | Problem]]:
    """Number of the source, place in it, example or problem.

    Args:
        config: which sources.
        summaries: one a source, told what became of its columns and values; or none.
    """
    columns = [t.column for t in config.texts.values() if t.column is not None]
    keep = ("id", *dict.fromkeys(c for c in (*columns, *COLUMNS) if c != "id"))
    for number, source in enumerate(config.all_sources()):
        how = source.reading(keep, summaries[number] if summaries else None)
        for index, item in enumerate(named_examples(source.source, how)):
            if source.language and isinstance(item, Example) and item.language is None:
                item = replace(item, language=source.language)
            yield number, index, with_context(item, source.source, index)


def possible_chains(
    example: Example, index: int, chains: list[tuple[Step, ...]], texts: StepTexts
) -> tuple[int, str, dict[str, str]]:
    """Bit i: it can become chain i (a text that a model has yet to write counts as there)."""
    found = texts.of(example, index)
    mask, why = 0, ""
    for number, steps in enumerate(chains):
        fault = lacks_image(example, steps) or next(
            (found.refused[s.task] for s in steps if s.task in found.refused), None
        )
        if fault is None:
            assumed = {**found.texts, **dict.fromkeys(found.wanted, "?")}
            filled = with_texts(example, steps, assumed)
            fault = filled.reason if isinstance(filled, Unparsed) else None
        if fault is None:
            mask |= 1 << number
        why = why or fault or ""
    return mask, why, found.texts


def _planned(config: MixtureConfig, read: FirstPass) -> MixturePlan:
    chains = [chain for chain, _ in config.all_chains()]
    return make_plan(
        read.table,
        MixtureSpec(
            weights=[chain.weight for chain in chains],
            caps=[chain.cap for chain in chains],
            takes=[source.take for source in config.all_sources()],
            share=config.share,
            keep_originals=config.originals == "keep",
            plain=config.plain,
            held_out=config.held_out,
            shuffle=config.shuffle,
            seed=config.seed,
        ),
    )


def _wanted(
    read: FirstPass,
    plan: MixturePlan,
    chains: list[tuple[Any, tuple[Step, ...]]],
    made: GeneratedTexts,
) -> dict[str, list[Example]]:
    """Task → the examples of the plan for which the model has yet to write a text."""
    found: dict[str, list[Example]] = {}
    for place, packed in read.buffer.in_order(plan.rows):
        if plan.chains[place] == PLAIN:
            continue
        example, steps = _unpacked(packed), chains[plan.chains[place]][1]
        if isinstance(with_texts(example, steps), Unparsed):
            for task in made:
                if task not in example.meta.get("texts", {}) and task in {s.task for s in steps}:
                    found.setdefault(task, []).append(example)
    return found


def _check_any(config: MixtureConfig, read: FirstPass, plan: MixturePlan) -> None:
    if not config.chains or bool((plan.chains != PLAIN).any()):
        return
    if all(chain.cap == 0 for chain, _ in config.all_chains()) or config.share == 0:
        return
    reasons = "; ".join(f"{n:,}: {why}" for why, n in read.unchanged.most_common(4))
    raise SitError(
        f"None of the {len(read.table):,} examples can become a sequence ({reasons}). Texts of "
        "steps come from a column, a parallel file or a model (texts: in the configuration)."
    )


def _packed(example: Example, texts: Mapping[str, str]) -> tuple[Any, ...]:
    meta = dict(example.meta)
    if texts:
        meta["texts"] = {**meta.get("texts", {}), **texts}
    return (
        example.instruction,
        example.input,
        example.image,
        example.language,
        example.reference,
        {k: meta[k] for k in ("texts", "solution", "system", HISTORY, "id") if k in meta} or None,
    )


def _unpacked(row: tuple[Any, ...]) -> Example:
    instruction, text, image, language, reference, meta = row
    return Example(instruction, text, image, language, (), reference, 0, meta or {})


def key_of(example: Example) -> int:
    """Of what is asked; the same words in other spacing or case are the same example."""
    words = (" ".join(part.split()).casefold() for part in (example.instruction, example.input))
    return hash64(*words, example.image or "")


def _split_key(config: MixtureConfig, example: Example, index: int) -> int | None:
    """The same for examples that must not be on both sides of the split; None: their `key_of`."""
    if config.split_by == "index":
        return hash64(str(index))
    if config.split_by == "id":
        if "id" not in example.meta:
            raise SitError("split_by: id needs an id for every example; there is one without.")
        return hash64(str(example.meta["id"]))
    return None


def rng_for(seed: int, key: int, chain: int) -> random.Random:
    """Random generator for one example and chain, the same wherever it stands."""
    return random.Random((seed << 64 | key) * MAX_CHAINS + chain)
