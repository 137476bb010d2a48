"""``sit study …``: make studies, list them with their progress, show, rename, archive, delete."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import archived_said, names, print_table
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.store.studies import Study
    from sit_core.store.study_progress import StudyProgress

JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")


@click.group()
def study() -> None:
    """Make, list, show, rename, archive and delete studies."""


@study.command()
@click.argument("name")
@click.option(
    "--runs",
    multiple=True,
    required=True,
    metavar="A,B",
    help="The runs to judge. May be repeated; a name that has a comma in it can stand alone.",
)
@click.option("--sample", type=int, metavar="N", help="Examples per run; default: all they share.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed for the sample and its order."
)
@click.option(
    "--steps",
    metavar="repeat,answer",
    help="The steps to judge; a step of your own as name=LETTER. Default: the examples' own.",
)
@click.option("--annotators", type=int, default=1, show_default=True, help="People per sample.")
@click.option("--blind", is_flag=True, help="Hide the run's name from the annotators.")
@click.option("--ask-order", is_flag=True, help="Ask if the steps came in the order asked.")
@click.option(
    "--guidelines",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Markdown for the annotators; default: our own text for these steps.",
)
@click.option(
    "--claim-minutes",
    type=float,
    default=30.0,
    show_default=True,
    help="Minutes without a verdict after which a sample goes to another annotator.",
)
@JSON
def create(
    name: str,
    runs: tuple[str, ...],
    sample: int | None,
    seed: int,
    steps: str | None,
    annotators: int,
    blind: bool,
    ask_order: bool,
    guidelines: Path | None,
    claim_minutes: float,
    as_json: bool,
) -> None:
    """Make a study called NAME: a seeded sample of the same examples for every run."""
    from sit_core.store import open_store
    from sit_core.store.browse import run_names
    from sit_core.store.prompt_sets import sets_differ, sets_of_runs, sets_said
    from sit_core.store.renaming import former_run_names_of, present_runs
    from sit_core.store.studies import StudyPlan, create_study, sharing
    from sit_core.store.study_progress import study_progress
    from sit_core.tasks import steps_named

    store = open_store()
    known = {*run_names(store), *former_run_names_of(store)}
    made = create_study(
        store,
        StudyPlan(
            name=name,
            runs=present_runs(
                store,
                [run for value in runs for run in ([value] if value in known else names(value))],
            ),
            sample=sample,
            seed=seed,
            steps=steps_named(names(steps)),
            guidelines=_text(guidelines),
            blind=blind,
            ask_order=ask_order,
            annotators=annotators,
            claim_minutes=claim_minutes,
        ),
    )
    progress = study_progress(store)[made.name]
    shares = sharing(store, made.runs)
    if as_json:
        click.echo(
            json.dumps(
                {
                    **_record(made, progress),
                    "sharing": shares.to_dict(),
                    "prompt_sets": sets_of_runs(store, made.runs),
                    "prompt_sets_differ": bool(sets_differ(store, made.runs)),
                }
            )
        )
    else:
        if said := sets_differ(store, made.runs) or sets_said(store, made.runs):
            click.echo(plain(said))
        for sentence in shares.sentences if len(made.runs) > 1 else ():
            click.echo(plain(sentence))
        click.echo(
            f"Made the study {plain(made.name)!r}: {progress.samples} samples "
            f"({made.sample} examples × {len(made.runs)} runs), steps {plain(made.chain)}, "
            f"{made.annotators} per sample."
        )


@study.command("list")
@click.option("--archived", is_flag=True, help="Also those that are archived.")
@JSON
def list_(archived: bool, as_json: bool) -> None:
    """List the studies with their progress, the newest first.

    Archived ones are left out, and counted; with --json all are listed, each with "archived".
    """
    from sit_core.store import open_store
    from sit_core.store.studies import list_studies
    from sit_core.store.study_progress import study_progress

    store = open_store()
    found, progress = list_studies(store, archived=True), study_progress(store)
    if as_json:
        click.echo(json.dumps([_record(s, progress[s.name]) for s in found]))
    elif not found:
        click.echo("There are no studies yet; `sit study create NAME --runs A,B` makes one.")
    else:
        left_out = [s.name for s in found if s.archived and not archived]
        rows = [
            (
                s.name + " (archived)" * s.archived,
                s.chain,
                f"{progress[s.name].done}/{progress[s.name].slots}",
                str(progress[s.name].people),
                str(s.annotators),
                str(s.sample),
                str(len(s.runs)),
            )
            for s in found
            if archived or not s.archived
        ]
        header = ("study", "chain", "judged", "people", "per sample", "examples", "runs")
        print_table(header, rows, left=2)
        if left_out:
            click.echo(plain(archived_said(left_out)))


@study.command()
@click.argument("name")
@JSON
def show(name: str, as_json: bool) -> None:
    """Show the study called NAME: what it is made of, and how far it is."""
    from sit_core.store import open_store
    from sit_core.store.practice import practice_samples_of
    from sit_core.store.prompt_sets import sets_differ, sets_of_runs, sets_said
    from sit_core.store.renaming import former_names_of_studies
    from sit_core.store.studies import get_study
    from sit_core.store.study_progress import study_progress

    store = open_store()
    found = get_study(store, name)
    progress = study_progress(store)[found.name]
    former = former_names_of_studies(store).get(found.name, ())
    if as_json:
        more = {
            "former_names": list(former),
            "guidelines": found.guidelines,
            "guidelines_version": found.guidelines_version,
            "practice": {
                "samples": len(practice_samples_of(store, found)),
                "required": found.practice_required,
            },
            "prompt_sets": sets_of_runs(store, found.runs),
            "prompt_sets_differ": bool(sets_differ(store, found.runs)),
        }
        click.echo(json.dumps({**_record(found, progress), **more}))
        return
    for label, value in (
        ("study", found.name),
        ("runs", ", ".join(found.runs)),
        ("prompts", sets_said(store, found.runs) or "in no prompt set"),
        ("steps", ", ".join(f"{s.key} ({s.letter})" for s in found.steps)),
        ("examples", f"{found.sample}, seed {found.seed}"),
        ("samples", str(progress.samples)),
        ("per sample", f"{found.annotators} annotators"),
        ("judged", f"{progress.done} of {progress.slots}, by {progress.people} people"),
        ("blind", "yes" if found.blind else "no"),
        ("asks for the order", "yes" if found.ask_order else "no"),
        ("claims last", f"{found.claim_minutes:g} minutes"),
        ("made", _when(found)),
        *([("archived", "yes")] if found.archived else []),
        *([("former names", ", ".join(former))] if former else []),
    ):
        click.echo(f"{label + ':':<20}{plain(value)}")
    click.echo(f"guidelines (version {found.guidelines_version}):")
    for line in found.guidelines.splitlines():
        click.echo(f"    {plain(line)}")


@study.command()
@click.argument("name")
@click.option("--draw", type=int, metavar="N", help="Add outputs of its runs outside its sample.")
@click.option("--seed", type=int, default=0, show_default=True, help="Sampling seed.")
@click.option("--worked", is_flag=True, help="Add our worked examples (repeat, then answer).")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Add JSON lines: instruction, input, output, verdicts, reason.",
)
@click.option("--remove", type=int, multiple=True, metavar="ID", help="Remove one.")
@click.option(
    "--required/--optional",
    default=None,
    help="Whether annotators must practise before they judge.",
)
@JSON
def practice(
    name: str,
    draw: int | None,
    seed: int,
    worked: bool,
    file: Path | None,
    remove: tuple[int, ...],
    required: bool | None,
    as_json: bool,
) -> None:
    """Show and change the practice samples of the study called NAME; they count in no table."""
    from sit_core.annotation.practice import read_practice, worked_samples
    from sit_core.store import open_store
    from sit_core.store.practice import (
        add_practice,
        draw_practice,
        practice_samples_of,
        remove_practice,
        require_practice,
    )
    from sit_core.store.studies import get_study

    store = open_store()
    found = get_study(store, name)
    given = [] if file is None else read_practice(_bytes(file), found)
    if worked:
        mine = worked_samples(found)
        if not mine:
            raise UsageError("There are worked examples only for studies of repeat, then answer.")
        given += mine
    if given:
        add_practice(store, found, given)
    if draw is not None:
        draw_practice(store, found, draw, seed)
    if remove:
        there = {one.id for one in practice_samples_of(store, found)}
        if unknown := [number for number in remove if number not in there]:
            raise UsageError(
                f"The study {found.name!r} has no practice sample "
                f"{', '.join(map(str, unknown))}; `sit study practice` lists them."
            )
        remove_practice(store, found, remove)
    if required is not None:
        require_practice(store, found, required)
    found, samples = get_study(store, name), practice_samples_of(store, found)
    if as_json:
        rows = [
            {
                "id": one.id,
                "instruction": one.instruction,
                "input": one.input,
                "output": one.output,
                "verdicts": {step: verdict.value for step, verdict in one.verdicts.items()},
                "reason": one.reason,
            }
            for one in samples
        ]
        click.echo(
            json.dumps(
                {"study": found.name, "required": found.practice_required, "samples": rows},
            )
        )
        return
    must = "annotators must practise first" if found.practice_required else "may be skipped"
    click.echo(f"{len(samples)} practice samples; {must}. They count in no table.")
    if samples:
        lines = [
            (
                str(one.id),
                ", ".join(f"{step} {verdict.value}" for step, verdict in one.verdicts.items())
                or "none given",
                plain(" ".join((one.input or one.instruction)[:120].split())[:60]),
            )
            for one in samples
        ]
        print_table(("id", "verdicts", "input"), lines, left=3)


@study.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete the study called NAME; refused once anybody has judged in it."""
    from sit_core.store import open_store
    from sit_core.store.studies import delete_study

    delete_study(open_store(), name)
    click.echo(f"Deleted the study {plain(name)!r}; its runs stay.")


@study.command()
@click.argument("name")
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Give the study called NAME the name NEW.

    Its former name goes on working in commands and addresses, and is no other study's.
    """
    from sit_core.jobs.watch import look_at_all
    from sit_core.store import open_store
    from sit_core.store.renaming import rename_study

    store = open_store()
    look_at_all(store)  # a killed job is in nobody's way
    click.echo(plain(rename_study(store, name, new).sentence))


@study.command()
@click.argument("names_", nargs=-1, required=True, metavar="NAME…")
def archive(names_: tuple[str, ...]) -> None:
    """Leave the studies called NAME… out of lists; nothing is deleted."""
    from sit_core.store import open_store
    from sit_core.store.renaming import archive_studies

    click.echo(plain(f"Archived: {', '.join(archive_studies(open_store(), names_))}"))


@study.command()
@click.argument("names_", nargs=-1, required=True, metavar="NAME…")
def unarchive(names_: tuple[str, ...]) -> None:
    """Show the archived studies called NAME… in lists again."""
    from sit_core.store import open_store
    from sit_core.store.renaming import archive_studies

    called = archive_studies(open_store(), names_, archived=False)
    click.echo(plain(f"No longer archived: {', '.join(called)}"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"The file {path} can't be read: {error.strerror}.") from None


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"The guidelines {path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The guidelines {path} are no UTF-8 text; save them as UTF-8.") from None


def _record(study: "Study", progress: "StudyProgress") -> dict[str, Any]:
    return {
        "name": study.name,
        "runs": list(study.runs),
        "steps": [{"key": s.key, "task": s.task, "letter": s.letter} for s in study.steps],
        "chain": study.chain,
        "sample": study.sample,
        "seed": study.seed,
        "annotators": study.annotators,
        "blind": study.blind,
        "ask_order": study.ask_order,
        "claim_minutes": study.claim_minutes,
        "created": _when(study),
        "archived": study.archived,
        "progress": {
            "judged": progress.done,
            "slots": progress.slots,
            "samples": progress.samples,
            "people": progress.people,
        },
    }


def _when(study: "Study") -> str:
    return datetime.fromtimestamp(study.created_at, UTC).isoformat(timespec="seconds")
