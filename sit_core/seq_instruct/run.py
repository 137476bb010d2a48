"""Seq-Instruct from seeds to the last iteration: begins, or goes on where it was stopped.

done = run_set("mine", config)      # raises SitError; run again, it goes on
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core import __version__
from sit_core.augment.files import file_hash, source_path
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.seq_instruct.batches import Iteration
from sit_core.seq_instruct.budget import Budget, BudgetSpent
from sit_core.seq_instruct.config import RULES, SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.instruction_set import InstructionSet, open_set, rows_of
from sit_core.seq_instruct.iteration_store import IterationStore
from sit_core.seq_instruct.prompts import Prompts, prompt_files, read_prompts
from sit_core.seq_instruct.record import StageReply
from sit_core.seq_instruct.seeds import keep_seeds
from sit_core.seq_instruct.stages import STAGES
from sit_core.seq_instruct.writers import WriterModels
from sit_core.sources.named import SHOWN

PROMPTS_KEPT = "prompts"
"""Folder in a set's folder: the texts that it was begun with, which it keeps to."""


@dataclass(frozen=True)
class SeqInstructReport:
    """How far a run came."""

    set: InstructionSet
    stopped: str | None = None
    """The sentence, where the budget ended it before all was made."""


def run_set(
    name: str,
    config: SeqInstructConfig,
    *,
    report: Callable[..., None] = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
    home: Path | None = None,
) -> SeqInstructReport:
    """Make all iterations of a set; what is there already stays.

    Args:
        name: of the set, and of its folder.
        config: what is asked.
        report: told how far it is (done, of how many, in what part); may raise to stop.
        stopped: asked at every reply; true ends the work.
        home: SIT_HOME; None: that of the settings.

    Raises:
        UsageError: the name is taken by a set with other settings, or a prompt can't be used.
        SitError: seeds can't be read, the writer can't go on, or another process is at work; what
            came is kept.
    """
    folder = SetFolder.of(name, home)
    with _alone(folder):
        folder.lay_down(config)
        prompts = _begun(folder, config, report)
        budget = _budget(folder, config)
        said = None
        with WriterModels(config) as writers:
            try:
                for number in range(1, config.iterations + 1):
                    _iteration(number, folder, config, prompts, writers, budget, report, stopped)
            except BudgetSpent as spent:
                said = str(spent)
            _note_writers(folder, config, writers)
    return SeqInstructReport(open_set(name, home), said)


def _iteration(
    number: int,
    folder: SetFolder,
    config: SeqInstructConfig,
    prompts: Prompts,
    writers: WriterModels,
    budget: Budget,
    report: Callable[..., None],
    stopped: Callable[[], bool],
) -> None:
    before, store = IterationStore(folder, number - 1), IterationStore(folder, number)
    count = len(before)
    total = count * config.iterations

    def told(share: float, stage: str) -> None:
        done = count * (number - 1) + len(store) + int(share * size)
        report(done, total, f"iteration {number} of {config.iterations}: {stage}")

    if len(store) >= count:
        return
    work = Iteration(number, config, prompts, writers, budget, store, told, stopped)
    while len(store) < count:
        wave = before.records(len(store), config.wave)
        size = len(wave)
        work.run(wave)
    report(count * number, total, f"iteration {number} of {config.iterations} is done")


def _begun(folder: SetFolder, config: SeqInstructConfig, report: Callable[..., None]) -> Prompts:
    """The prompts of the set; its seeds are read if they were not."""
    kept = folder.path / PROMPTS_KEPT
    if folder.begun():
        return read_prompts(str(kept))
    prompts = read_prompts(config.prompts)
    shutil.rmtree(kept, ignore_errors=True)
    for name, path in prompt_files(config.prompts).items():
        copy = kept / f"{name}.txt"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    found = keep_seeds(folder, config, report)
    known = {
        "version": __version__,
        "sources": [
            {
                "source": s.source,
                "sha256": None if path is None else file_hash(path),
                "read": summary.to_dict(),
                "said": summary.sentences(),
            }
            for s, summary in zip(config.all_sources(), found.summaries, strict=True)
            for path in [source_path(s.source)]
        ],
        "seeds": found.count,
        "left_out": dict(found.left_out),
        "bad_rows": found.problems.count,
        "bad_row_reasons": [str(problem) for problem in found.problems.shown[:SHOWN]],
        "prompts_sha256": prompts.sha256(),
        "prompt_versions": prompts.versions(),
    }
    write_json(folder.known, known)
    return prompts


def _budget(folder: SetFolder, config: SeqInstructConfig) -> Budget:
    """What was spent before, in finished batches and in the one that was under way."""
    budget, number = Budget(config), 0
    for number in range(1, config.iterations + 1):
        store = IterationStore(folder, number)
        for stage, used in store.index.usage.items():
            budget.take(stage, used)
        if len(store) < len(IterationStore(folder, 0)):
            for row in rows_of(folder.open):
                mine = row.pop("iteration", None) == number
                if int(str(row.pop("place"))) >= len(store) and mine:
                    budget.take_reply(StageReply(**row))  # type: ignore[arg-type]
            break
    return budget


def _note_writers(folder: SetFolder, config: SeqInstructConfig, writers: WriterModels) -> None:
    """What is known of the models, for the manifest; only of those that were asked."""
    known = json.loads(folder.known.read_text(encoding="utf-8"))
    found: dict[str, Any] = known.setdefault("writers", {})
    for stage, identity in writers.identities().items():
        found[stage] = identity
    for stage in STAGES:
        if config.writer_of(stage) == RULES:
            found[stage] = {"backend": RULES, "model": RULES}
    write_json(folder.known, known)


@contextmanager
def _alone(folder: SetFolder) -> Iterator[None]:
    """Let no second process write this set; a lock that ends with the process, however it ends.

    Raises:
        SitError: another one is at work on it, or the folder can't be made.
    """
    from filelock import FileLock, Timeout

    try:
        folder.make()
        with FileLock(folder.path / ".lock", timeout=0):
            yield
    except Timeout:
        raise SitError(f"Another process is making the set {folder.name}; see sit jobs.") from None
    except OSError as error:
        raise SitError(f"{folder.path} can't be written: {error.strerror or error}.") from None
