"""One import under way: its runs, its numbering and its counts, inside its transaction."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.models.interface import APART
from sit_core.names import clean_name
from sit_core.records import Example, Prediction, stable_id
from sit_core.sources import (
    FileSummary,
    ImportFile,
    LocatedPrediction,
    Numbering,
    Problem,
    Problems,
    format_of,
    run_name_of,
)
from sit_core.sources.unpacking import row_format_of
from sit_core.store.import_examples import add_examples, learn_variants, merged
from sit_core.store.imported_verdicts import (
    ImportedOutput,
    ImportedVerdicts,
    has_verdict,
    keep_imported,
    verdict_columns,
)
from sit_core.store.prompt_sets import assign_run
from sit_core.store.renaming import run_id_of
from sit_core.store.schema import examples, predictions, prompt_set_runs, prompt_sets, runs
from sit_core.thoughts import split_thoughts


@dataclass
class _Run:
    """A run while it is being filled."""

    id: int
    next_row: int
    ids_of: str
    """The name that ids of its predictions are made of: the one it had first."""
    provenance: dict[str, Any]
    added: bool = False
    prompt_set: str | None = None
    """As the import names it."""
    file: str = ""
    """The name of the file that it was first met in."""


class ImportSession:
    """One import under way, inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.problems = Problems()
        self.numbering = Numbering()
        self.runs: dict[str, _Run] = {}
        self.names: dict[str, str] = {}
        """As the file says → as it is stored."""
        self.verdicts = ImportedVerdicts()
        self.summaries: list[FileSummary] = []
        self.good = self.known = self.empty = self.other_steps = 0

    def begin(self, file: ImportFile, sha256: str | None) -> None:
        """The next file."""
        self.file = file
        self.summary = FileSummary()
        self.summaries.append(self.summary)
        self.origin: dict[str, Any] = {
            "file": file.source.name,
            "sha256": sha256,
            "format": format_of(file.source, file.format) if sha256 else None,
            "mapping": {
                k: list(v) if isinstance(v, tuple) else v
                for k, v in asdict(file.mapping).items()
                if v
            },
            "steps": None if file.steps is None else [f"{s.task}={s.letter}" for s in file.steps],
            **({"thoughts": file.thoughts} if file.thoughts != APART else {}),
            "version": __version__,
            "imported_at": time.time(),
            **_beside(file, there=sha256 is not None),
        }

    def refuse(self, line: int | None, reason: str) -> None:
        """Count a row, or a file, that can't be used."""
        self.problems.add(Problem(self.file.source.name, line, reason))

    def add(self, chunk: list[LocatedPrediction]) -> int:
        """Number, compare and insert these rows; how many they were."""
        if not chunk:
            return 0
        chunk = [self._called(item) for item in chunk]
        read = [item.prediction.example for item in chunk]
        asked = [replace(e, variant=0) if e.variant else e for e in read]
        first_ids = [example.id for example in asked]  # of variant 0, which most of them are
        learn_variants(self.connection, self.numbering, asked)
        taken = self._taken([e for item, e in zip(chunk, read, strict=True) if item.exported])
        numbered = [
            (
                item.line,
                self.numbering.number(item.prediction, item.exported and e.id not in taken),
            )
            for item, e in zip(chunk, read, strict=True)
        ]
        example_ids = [
            p.example.id if p.example.variant else first_id
            for (_, p), first_id in zip(numbered, first_ids, strict=True)
        ]
        self.other_steps += add_examples(
            self.connection, merged(example_ids, [p.example for _, p in numbered])
        )
        self._add_predictions(numbered, example_ids)
        return len(chunk)

    def _taken(self, exported: list[Example]) -> set[str]:
        """Ids of exported examples that stand for the same prompt with another gold here."""
        if not exported:
            return set()
        golds = {e.id: e.reference for e in exported if e.reference is not None}
        found = self.connection.execute(
            select(examples.c.id, examples.c.reference).where(examples.c.id.in_(list(golds)))
        )
        return {r.id for r in found if r.reference not in (None, golds[r.id])}

    def _called(self, item: LocatedPrediction) -> LocatedPrediction:
        """The row with its run's name as it is stored.

        That is by the rule, but for runs from before it; of a renamed run it is the present one.
        """
        name = item.prediction.run
        if name not in self.names:
            number = run_id_of(self.connection, name)
            if number is None:
                number = run_id_of(self.connection, clean_name(name))
            now = self.connection.scalar(select(runs.c.name).where(runs.c.id == number))
            self.names[name] = now or clean_name(name)
        if self.names[name] == name:
            return item
        return replace(item, prediction=replace(item.prediction, run=self.names[name]))

    def _add_predictions(
        self, numbered: list[tuple[int, Prediction]], example_ids: list[str]
    ) -> None:
        ids = [
            stable_id("prediction", self._run(p.run).ids_of, example_id, str(p.ordinal))
            for (_, p), example_id in zip(numbered, example_ids, strict=True)
        ]
        there = {
            row.id: row.output
            for row in self.connection.execute(
                select(predictions.c.id, predictions.c.output).where(predictions.c.id.in_(ids))
            )
        }
        new, came = [], []
        for (line, prediction), example_id, number in zip(numbered, example_ids, ids, strict=True):
            run = self._run(prediction.run)
            if number not in there:
                self.good += 1
                self.empty += not prediction.output
                new.append(_prediction_row(number, run, example_id, prediction))
                run.next_row += 1
                run.added = True
            elif prediction.output in (there[number], split_thoughts(there[number]).text):
                self.known += 1
            else:
                self.refuse(
                    line,
                    f"the run {prediction.run!r} has another output for this example already; "
                    "import the file as a run of another name",
                )
                continue
            if has_verdict(prediction.meta):
                came.append(ImportedOutput(number, prediction.meta, self.file.source.name, line))
                self.summary.read_beside(verdict_columns(prediction.meta))
        if new:
            self.connection.execute(insert(predictions), new)
        keep_imported(self.connection, came, self.verdicts)

    def find_prompt_sets(self) -> dict[str, str]:
        """Put each run into the prompt set that it belongs to; run → the set's name."""
        for run in self.runs.values():
            assign_run(
                self.connection,
                run.id,
                name=run.prompt_set,
                proposed=run_name_of(run.file),
                origin=run.file,
            )
        names = {run.id: name for name, run in self.runs.items()}
        rows = self.connection.execute(
            select(prompt_set_runs.c.run_id, prompt_sets.c.name, prompt_sets.c.prompts)
            .join(prompt_sets, prompt_sets.c.id == prompt_set_runs.c.prompt_set_id)
            .where(prompt_set_runs.c.run_id.in_(list(names)))
        )
        return {names[row.run_id]: row.name for row in rows}

    def _run(self, name: str) -> _Run:
        """The run of that name, made when it is first needed."""
        if name not in self.runs:
            self._find_run(name)
            self.runs[name].prompt_set = self.file.prompt_set
            self.runs[name].file = self.file.source.name
        return self.runs[name]

    def _find_run(self, name: str) -> None:
        """The run of that name out of the store, or a new one."""
        row = self.connection.execute(select(runs).where(runs.c.name == name)).first()
        if row is None:
            made = self.connection.execute(
                insert(runs).values(name=name, settings={}, provenance={}, created_at=time.time())
            ).inserted_primary_key
            assert made is not None
            self.runs[name] = _Run(made[0], 0, name, {})
        elif row.state != "complete":
            raise SitError(
                f"The run {name!r} is still being made by a model; import the file as a run of "
                "another name."
            )
        else:
            last = self.connection.scalar(
                select(func.max(predictions.c.row)).where(predictions.c.run_id == row.id)
            )
            self.runs[name] = _Run(
                row.id,
                0 if last is None else last + 1,
                row.original_name or name,
                row.provenance,
            )

    def finish_file(self) -> None:
        """Write down where the runs' new rows came from."""
        self.origin["mapping"] = {**self.origin["mapping"], **self.summary.used}
        self.origin["changed"] = [c.sentence for c in self.summary.changes.values()]
        for run in self.runs.values():
            if run.added:
                run.provenance = {
                    **run.provenance,
                    "files": [*run.provenance.get("files", []), self.origin],
                }
                self.connection.execute(
                    update(runs).where(runs.c.id == run.id).values(provenance=run.provenance)
                )
                run.added = False


def _beside(file: ImportFile, there: bool) -> dict[str, Any]:
    """Which tool's rows they are, and the files that went with them, where there are any."""
    form = row_format_of(file.source, file.format) if there else None
    found: dict[str, Any] = {} if form is None else {"rows": form.name}
    if file.questions is not None:
        found["questions"] = file.questions.name
    if (texts := file.expected) is not None:
        found["expected"] = {"file": texts.name, "through": texts.through, "step": texts.step}
    return found


def _prediction_row(
    number: str, run: _Run, example_id: str, prediction: Prediction
) -> dict[str, Any]:
    return {
        "id": number,
        "run_id": run.id,
        "example_id": example_id,
        "ordinal": prediction.ordinal,
        "row": run.next_row,
        "output": prediction.output,
        "length": len(prediction.output),
        "meta": dict(prediction.meta),
        "outcome": prediction.outcome and prediction.outcome.value,
        "thoughts": prediction.thoughts,
    }
