"""Making a set of sequential instructions as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sit_core.actions import Action, Context
from sit_core.seq_instruct.config import SeqInstructAction, SeqInstructConfig

if TYPE_CHECKING:
    from sit_core.jobs import Job
    from sit_core.seq_instruct.instruction_set import InstructionSet
    from sit_core.store import Store

Counts = dict[str, Any]
"""What was made, as ``--json`` has it."""


def _run(config: SeqInstructAction, context: Context) -> Counts:
    """Make the set and its training file; all counts."""
    from sit_core.seq_instruct.export import export_set
    from sit_core.seq_instruct.run import run_set

    asked = config.set_config
    done = run_set(config.name, asked, report=context.report, stopped=context.stopped)
    counts = _counts(done.set)
    counts["read"] = _read(done.set)
    counts["stopped"] = done.stopped
    if done.stopped is None:
        exported = [export_set(config.name)]
        if config.out is not None:
            exported.append(export_set(config.name, out=Path(config.out)))
        counts["out"] = str(exported[-1].path)
        counts["rows"] = exported[-1].made["rows"]
        counts["left_out"] = exported[-1].made["left_out"]
        said = f"{counts['rows']:,} of {done.set.seeds:,} instructions are in the training file"
    else:
        said = done.stopped
    total = done.set.seeds * asked.iterations
    finished = sum(len(done.set.index(i)) for i in done.set.iterations)
    context.report(finished, total, said)
    return counts


def _counts(one: InstructionSet) -> Counts:
    return {
        "name": one.name,
        "folder": str(one.folder.path),
        "seeds": one.seeds,
        "complete": one.complete,
        "iterations": {
            str(i): {
                "options": one.index(i).by_option(),
                "states": one.index(i).by_state(),
                "reasons": one.index(i).by_reason(),
            }
            for i in one.iterations
        },
        "usage": {stage: used.to_dict() for stage, used in one.usage().items()},
        "under_way": one.under_way(),
        "cost": one.cost(),
    }


def _read(one: InstructionSet) -> Counts:
    """What became of the sources' columns, values and rows."""
    from sit_core.seq_instruct.export import known_of

    known = known_of(one.folder)
    return {
        k: known[k] for k in ("sources", "left_out", "bad_rows", "bad_row_reasons") if k in known
    }


def _title(config: SeqInstructAction) -> str:
    return title_of(config.name, config)


def title_of(name: str, config: SeqInstructConfig) -> str:
    """The job's line in lists."""
    count = f"{config.iterations} iteration{'' if config.iterations == 1 else 's'}"
    return f"Seq-Instruct {name}: {count}"


def _alone(
    store: Store, config: SeqInstructAction, job: AbstractContextManager[Any]
) -> AbstractContextManager[Any]:
    from sit_core.seq_instruct.jobs import taken_up

    return taken_up(store, config.name, job)


def _prepare(config: SeqInstructAction, store: Store) -> SeqInstructAction:
    from sit_core.seq_instruct.folder import SetFolder

    return replace(config, name=SetFolder.of(config.name).name)


class _SetAction(Action[SeqInstructAction, Counts]):
    """Its job finds the configuration in the set's folder."""

    def start(
        self,
        config: SeqInstructAction,
        store: Store,
        *,
        environ: Mapping[str, str] | None = None,
        words: Any = None,
    ) -> Job:
        """Keep the configuration under the set's name and start its job; see `Action.start`."""
        from sit_core.seq_instruct.jobs import start_set

        self.check(config, store)
        return start_set(store, self.prepare(config, store).name, config.set_config)


ACTION = _SetAction(
    name="seq-instruct",
    config=SeqInstructAction,
    run=_run,
    title=_title,
    started=lambda config: {"name": config.name},
    prepare=_prepare,
    printed=lambda config: config.set_config,
    words_of=lambda config: ["seq-instruct", f"--name={config.name}"],
    alone=_alone,
    help="""Make instructions sequential: classify, rewrite, refine, answer, and the same again.

    Each iteration a writer decomposes an instruction (A), puts a task before it (B) or after it
    (C), or holds it (D) for good. The writer is any model, or the rules that need none. A reply
    that is empty, refused, cut or not understood is asked for again; what fails is marked so.

    Stopped, killed, or at the end of its budget, the same command goes on; a set that was begun
    needs only its --name (and a larger --budget). The training file of the last iteration is
    written to the set's folder, with a manifest.
    """,
)
