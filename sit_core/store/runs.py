"""The runs in the store: what there is, and how one is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
)

from sit_core.errors import SitError
from sit_core.names import clean_name
from sit_core.records import JudgeKind, Outcome
from sit_core.store.engine import Store
from sit_core.store.importing import ImportCancelled, ImportReport, import_predictions
from sit_core.store.jobs import ACTIVE
from sit_core.store.renaming import run_id_of
from sit_core.store.run_contents import ended_so, run_number
from sit_core.store.schema import (
    duels,
    examples,
    former_texts,
    jobs,
    judges,
    judgments,
    predictions,
    run_errors,
    runs,
    scores,
    studies,
    study_runs,
)

__all__ = [
    "Deleted",
    "ImportCancelled",
    "ImportReport",
    "RunSummary",
    "abandon_run",
    "delete_run",
    "import_predictions",
    "list_runs",
    "run_models",
]

CHAIN_LETTERS = {
    "sqlite": "(select group_concat(json_extract(step.value, '$.letter'), '+')"
    " from json_each(e.steps) as step)",
    "postgresql": "(select string_agg(step.value ->> 'letter', '+' order by step.place)"
    " from json_array_elements(e.steps) with ordinality as step(value, place))",
}
"""Database → the chain of an example ``e``, such as ``R+A``, in SQL."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the table of runs."""

    name: str
    outputs: int
    empty: int
    """Outputs in which the model said nothing."""
    examples: int
    chains: tuple[str, ...]
    """``R+A``, …: the chains of its examples; empty where no steps are known."""
    created_at: float
    """Seconds since 1970, UTC."""
    provenance: dict[str, Any]
    """Of an imported run: ``files``, each with name, sha256, format, mapping, time. Of one that was
    made here: the model's identity, hashes of prompts, code version, the job."""
    state: str = "complete"
    """``unfinished`` while outputs are still to come."""
    planned: int | None = None
    """How many outputs there are to be; None for an imported run."""
    errors: int = 0
    """Examples that got no output, see `sit_core.store.run_contents.error_reasons`."""
    model: str | None = None
    adapter: str | None = None
    cut: int = 0
    """Outputs that a limit ended."""
    refused: int = 0
    """Outputs that are a refusal, or what a content filter left."""
    thoughts: int = 0
    """Outputs before which the model thought; its thoughts are no part of them."""
    set_aside: int = 0
    """Verdicts on texts that outputs had before, which no figure counts."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Of a run that was made here: all that its outputs depend on."""
    archived: bool = False
    """Left out of lists."""

    @property
    def files(self) -> Sequence[str]:
        """The names of the files it was imported from."""
        return list(dict.fromkeys(f["file"] for f in self.provenance.get("files", [])))


def list_runs(store: Store, *, archived: bool = False) -> list[RunSummary]:
    """The runs, the newest first.

    Args:
        store: where.
        archived: also those that are archived.
    """
    with store.read() as connection:
        counts = {
            row.run_id: row
            for row in connection.execute(
                select(
                    predictions.c.run_id,
                    func.count().label("outputs"),
                    func.sum(case((predictions.c.length == 0, 1), else_=0)).label("empty"),
                    func.count(predictions.c.example_id.distinct()).label("examples"),
                    func.sum(case((ended_so(Outcome.CUT.value), 1), else_=0)).label("cut"),
                    func.sum(case((ended_so(Outcome.REFUSED.value), 1), else_=0)).label("refused"),
                    func.count(predictions.c.thoughts).label("thoughts"),
                ).group_by(predictions.c.run_id)
            )
        }
        errors: dict[int, int] = {
            row.run_id: row.n
            for row in connection.execute(
                select(run_errors.c.run_id, func.count().label("n")).group_by(run_errors.c.run_id)
            )
        }
        set_aside: dict[int, int] = {}
        for run_id, said in connection.execute(
            select(former_texts.c.run_id, former_texts.c.counts)
        ):
            set_aside[run_id] = set_aside.get(run_id, 0) + said.get(judgments.name, 0)
        chains = _chains(connection)
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc())
        if not archived:
            query = query.where(runs.c.archived_at.is_(None))
        found = connection.execute(query).all()
    return [
        RunSummary(
            name=row.name,
            outputs=counts[row.id].outputs if row.id in counts else 0,
            empty=int(counts[row.id].empty) if row.id in counts else 0,
            examples=counts[row.id].examples if row.id in counts else 0,
            chains=tuple(chains.get(row.id, ())),
            created_at=row.created_at,
            provenance=dict(row.provenance or {}),
            state=row.state,
            planned=row.planned,
            errors=errors.get(row.id, 0),
            cut=int(counts[row.id].cut) if row.id in counts else 0,
            refused=int(counts[row.id].refused) if row.id in counts else 0,
            thoughts=counts[row.id].thoughts if row.id in counts else 0,
            set_aside=set_aside.get(row.id, 0),
            model=row.model,
            adapter=row.adapter,
            settings=dict(row.settings or {}),
            archived=row.archived_at is not None,
        )
        for row in found
    ]


def run_called(store: Store, name: str) -> str:
    """What the run that somebody means is called now.

    It has exactly this name, or had it, or has it by the rule of names.
    """
    with store.read() as connection:
        number = run_id_of(connection, name) or run_id_of(connection, clean_name(name))
        if number is not None:
            return str(connection.scalar(select(runs.c.name).where(runs.c.id == number)))
    return clean_name(name) or name


def run_models(store: Store) -> dict[str, str | None]:
    """Run → the model that made it, as far as that is known."""
    with store.read() as connection:
        found = connection.execute(select(runs.c.name, runs.c.model))
        return {row.name: row.model for row in found}


def _chains(connection: Connection) -> dict[int, list[str]]:
    """Run → the names of its examples' chains, the commonest first."""
    letters = CHAIN_LETTERS[connection.dialect.name]
    found: dict[int, list[str]] = {}
    for row in connection.execute(
        text(
            f"select p.run_id as run_id, {letters} as chain, count(*) as n "
            "from predictions p join examples e on e.id = p.example_id "
            "group by 1, 2 order by 1, 3 desc, 2"
        )
    ):
        if row.chain:
            found.setdefault(row.run_id, []).append(row.chain)
    return found


@dataclass(frozen=True, slots=True)
class Deleted:
    """What went with a run."""

    run: str
    outputs: int
    scores: int
    rulings: int
    """Verdicts of rules, which can be made again at any time."""

    @property
    def sentence(self) -> str:
        """All of it in words.

        >>> Deleted("m", 1, 0, 0).sentence
        "The run 'm' is deleted, with its 1 output."
        >>> Deleted("m", 200, 600, 1200).sentence
        "The run 'm' is deleted, with its 200 outputs, 600 scores and 1,200 verdicts of rules."
        """
        counts = ((self.outputs, "output"), (self.scores, "score"), (self.rulings, "verdict"))
        parts = [f"{n:,} {what}{'' if n == 1 else 's'}" for n, what in counts if n]
        if self.rulings:
            parts[-1] += " of rules"
        gone = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
        return f"The run {self.run!r} is deleted{f', with its {gone}' if gone else ''}."


def delete_run(store: Store, name: str) -> Deleted:
    """Take a run away, with its outputs, their scores, and the examples that no other run has.

    What rules said of its outputs goes too: it can be made again. What people or LLMs said never
    goes, so a run with their verdicts stays.

    Returns:
        What was deleted.

    Raises:
        SitError: there is no such run, or a study uses it, or people or LLMs judged its outputs, or
            it is being written.
    """
    with store.write() as connection:
        run_id = run_number(connection, name)
        name = str(connection.scalar(select(runs.c.name).where(runs.c.id == run_id)))
        writing = connection.scalar(
            select(jobs.c.id).where(jobs.c.run == name, jobs.c.state.in_(ACTIVE)).limit(1)
        )
        if writing is not None:
            raise SitError(f"The job {writing} is writing the run {name!r}; cancel the job first.")
        used = connection.scalars(
            select(studies.c.name)
            .join(study_runs, study_runs.c.study_id == studies.c.id)
            .where(study_runs.c.run_id == run_id)
            .order_by(studies.c.name)
        ).all()
        if used:
            raise SitError(
                f"The run {name!r} is part of the study {used[0]!r}; delete the study first."
            )
        mine = select(predictions.c.id).where(predictions.c.run_id == run_id)
        kinds = select(judges.c.kind).join(judgments, judgments.c.judge_id == judges.c.id)
        kind = connection.scalar(
            kinds.where(judgments.c.prediction_id.in_(mine), judges.c.kind != JudgeKind.RULE.value)
            .order_by(judges.c.kind)
            .limit(1)
        )
        duel = select(duels.c.id).where(
            or_(duels.c.prediction_id.in_(mine), duels.c.against_id.in_(mine))
        )
        if kind is None and connection.scalar(duel.limit(1)) is not None:
            kind = JudgeKind.LLM.value
        kind = kind or _said_of_former_texts(connection, run_id)
        if kind is not None:
            who = "people" if kind == JudgeKind.HUMAN.value else "an LLM"
            raise SitError(
                f"Outputs of the run {name!r} were judged by {who}; such judgments are never "
                "deleted, and the run stays with them."
            )
        outputs, of_scores = (
            connection.scalar(select(func.count()).select_from(table).where(column.in_(mine))) or 0
            for table, column in (
                (predictions, predictions.c.id),
                (scores, scores.c.prediction_id),
            )
        )
        rulings = connection.execute(
            delete(judgments).where(judgments.c.prediction_id.in_(mine))
        ).rowcount
        _remove(connection, run_id)
    return Deleted(name, outputs, of_scores, rulings)


def _said_of_former_texts(connection: Connection, run_id: int) -> str | None:
    """Of which kind the judges are, rules apart, whose verdicts were set aside with them."""
    kinds: set[str] = set()
    for said in connection.scalars(
        select(former_texts.c.said).where(former_texts.c.run_id == run_id)
    ):
        kinds |= {one["judge_kind"] for one in said.get(judgments.name, [])}
        kinds |= {JudgeKind.LLM.value} if said.get(duels.name) else set()
    return min(kinds - {JudgeKind.RULE.value}, default=None)


def abandon_run(store: Store, run_id: int, example_ids: Sequence[str]) -> None:
    """Take a run away that was laid out for these examples and got nothing; else it stays."""
    with store.write() as connection:
        for table in (predictions, run_errors):
            if connection.scalar(select(table.c.id).where(table.c.run_id == run_id).limit(1)):
                return
        _remove(connection, run_id, example_ids)


def _remove(connection: Connection, run_id: int, also: Sequence[str] = ()) -> None:
    """The run, its outputs, and its examples (and ``also`` these) that no other run has."""
    asked = select(predictions.c.example_id).where(predictions.c.run_id == run_id)
    failed = select(run_errors.c.example_id).where(run_errors.c.run_id == run_id)
    mine = list({*connection.scalars(asked.union(failed)), *also})
    connection.execute(delete(predictions).where(predictions.c.run_id == run_id))
    connection.execute(delete(runs).where(runs.c.id == run_id))
    if connection.scalar(select(runs.c.id).where(runs.c.state != "complete").limit(1)) is not None:
        return  # an unfinished run may be about to answer some of them
    for start in range(0, len(mine), 5000):
        connection.execute(
            delete(examples).where(
                examples.c.id.in_(mine[start : start + 5000]),
                ~exists().where(predictions.c.example_id == examples.c.id),
                ~exists().where(run_errors.c.example_id == examples.c.id),
            )
        )
