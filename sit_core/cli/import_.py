"""``sit import FILE…``: model outputs from files into the store; all of it or nothing."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sit_core.cli.escape import plain
from sit_core.errors import UsageError
from sit_core.models.interface import APART, THOUGHTS

if TYPE_CHECKING:
    from sit_core.store.importing import ImportReport

SECONDS_BETWEEN = 5.0
"""Between two lines of progress where standard error is no terminal."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--run", "run", help="The run's name (default: the file's name); with one file only.")
@click.option(
    "--format",
    "format_name",
    default="auto",
    help="How to read the files, where their content does not tell; --format help lists them.",
    metavar="NAME",
)
@click.option("--keep-good", is_flag=True, help="Store the good rows although others are refused.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column is what, such as output=response, or a place inside one "
    "(output=choices.0.turns.0); may be given several times.",
)
@click.option(
    "--questions",
    type=click.Path(path_type=Path),
    help="The file of the questions, where the outputs have only their ids (MT-bench, batches).",
)
@click.option(
    "--expected",
    type=click.Path(path_type=Path),
    help="A parallel file with the text that a step should yield, matched by question or id: "
    "rows (JSONL, JSON, CSV), or SQuAD's format (xquad.en.json).",
)
@click.option(
    "--expected-through",
    type=click.Path(path_type=Path),
    help="The same questions in the outputs' language, whose ids lead to --expected; without: "
    "such a file beside it (xquad.es.json).",
)
@click.option(
    "--expected-step",
    metavar="STEP",
    help="What the texts are expected of: a step's name, or reference; without: the first step "
    "that is not the answer.",
)
@click.option(
    "--steps", help="The chain, such as repeat,answer or summarise=S,answer; wins over all else."
)
@click.option(
    "--thoughts",
    type=click.Choice(THOUGHTS),
    default=APART,
    show_default=True,
    help="What a reasoning model thought first: apart from its output, or kept as a part of it.",
)
@click.option(
    "--prompt-set",
    metavar="NAME",
    help="The prompt set that the runs belong to; else the one whose prompts they share, or a new "
    "one named after the file.",
)
@click.option("--json", "as_json", is_flag=True, help="Nothing but the result line, no progress.")
def import_(
    files: tuple[Path, ...],
    run: str | None,
    format_name: str,
    keep_good: bool,
    pairs: tuple[str, ...],
    questions: Path | None,
    expected: Path | None,
    expected_through: Path | None,
    expected_step: str | None,
    steps: str | None,
    thoughts: str,
    prompt_set: str | None,
    as_json: bool,
) -> None:
    """Store model outputs from JSONL, a JSON list, CSV or Parquet, or from another tool's files.

    Prints {"imported": n, "known": n, "refused": n}. If a row is refused nothing is stored, unless
    --keep-good is given; the reasons go to standard error as FILE:LINE: REASON.

    Verdicts of an LLM that came with the outputs (columns judge and llm_as_a_judge) are kept as
    judgments of "JUDGE (imported)", and counted under "verdicts".
    """
    from sit_core.settings import settings
    from sit_core.sources import (
        ImportFile,
        Limits,
        SourceFile,
        check_format,
        language_of,
        look_with,
        parse_changes,
        read_expected,
        read_questions,
        run_name_fault,
        run_name_of,
    )
    from sit_core.store import open_store
    from sit_core.store.importing import import_predictions
    from sit_core.store.prompt_sets import prompt_set_fault
    from sit_core.tasks import steps_named

    if format_name == "help":
        click.echo(_formats())
        return
    check_format(format_name)
    changes = parse_changes(pairs)
    chain = None if steps is None else steps_named(steps.split(","))
    limits = Limits(settings().max_field_bytes)
    if run is not None and len(files) > 1:
        names = ", ".join(path.name for path in files[:5]) + (", …" if len(files) > 5 else "")
        raise UsageError(f"--run names one run, but there are {len(files)} files ({names}).")
    if run is not None and (fault := run_name_fault(run)):
        raise UsageError(f"--run: {fault}.")
    if expected is None and (expected_through is not None or expected_step is not None):
        raise UsageError("Name the file of the expected texts with --expected.")
    if prompt_set is not None and (fault := prompt_set_fault(prompt_set)):
        raise UsageError(f"--prompt-set: {fault}.")
    asked = None if questions is None else read_questions(SourceFile.at(questions), limits)
    planned = []
    for path in files:
        source = SourceFile.at(path)
        look, form = look_with(source, format_name, changes, limits, asked)
        name = run if run is not None else run_name_of(source.name)
        texts = None
        if expected is not None:
            texts = read_expected(
                SourceFile.at(expected),
                joined=None if expected_through is None else SourceFile.at(expected_through),
                language=language_of(source.name),
                step=expected_step,
                limits=limits,
            )
        mapping, left = look.mapping.corrected(changes), look.open_fields(changes)
        planned.append(
            ImportFile(
                source,
                name,
                mapping,
                form,
                chain,
                asked,
                texts,
                left,
                thoughts=thoughts,
                prompt_set=prompt_set,
            )
        )
    same_name = len({p.run for p in planned}) < len(planned)
    if same_name and not all(p.mapping.run for p in planned):
        raise UsageError(
            "Two of the files would fill a run of the same name; import them one at a time "
            "with --run NAME."
        )
    show = None if as_json else _Progress()
    report = import_predictions(
        open_store(), planned, keep_good=keep_good, progress=show, limits=limits
    )
    if show:
        show.end()
    _tell(report)
    if not as_json:
        _tell_files(report)
    counts: dict[str, object] = {
        "imported": report.imported,
        "known": report.known,
        "refused": report.refused,
    }
    if report.left_out:
        counts["left_out"] = {name: dict(said) for name, said in report.left_out.items()}
    if report.expected:
        counts["expected"] = {n: s.tally.to_dict() for n, s in report.expected.items()}
    if report.stored:
        counts["prompt_sets"] = dict(report.prompt_sets)
    if report.stored and report.verdicts.any:
        counts["verdicts"] = report.verdicts.to_dict()
    if as_json:
        counts["files"] = [summary.to_dict() for summary in report.files]
    click.echo(json.dumps(counts))
    if not report.stored:
        sys.exit(1)


def _formats() -> str:
    """A line for each format."""
    from sit_core.sources import FORMATS

    lines = [f"{name:24} {FORMATS.get(name).what}" for name in FORMATS]
    return "\n".join([f"{'auto':24} Told by the content", *lines])


def _tell(report: "ImportReport") -> None:
    """Problems and notes, on standard error."""
    for problem in report.problems:
        click.echo(plain(str(problem)), err=True)
    if report.refused > len(report.problems):
        click.echo(f"… and {report.refused - len(report.problems)} more", err=True)
    for note in report.lines:
        click.echo(plain(note), err=True)
    if not report.stored:
        good = f" {report.good} rows are good: --keep-good stores them." if report.good else ""
        click.echo(f"Nothing was stored.{good}", err=True)


def _tell_files(report: "ImportReport") -> None:
    """What was made of each file's columns and values, and the prompt sets, on standard error."""
    for summary in report.files:
        for sentence in summary.sentences():
            click.echo(plain(f"{summary.file}: {sentence}"), err=True)
    for line in report.prompt_set_lines:
        click.echo(plain(line), err=True)


class _Progress:
    """Rows so far: one line rewritten on a terminal, else a line every few seconds."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.last = time.monotonic()

    def __call__(self, rows: int, share: float) -> None:
        now = time.monotonic()
        if now - self.last < (0.2 if self.terminal else SECONDS_BETWEEN):
            return
        self.last = now
        line = f"{rows:,} rows, {share:.0%}"
        click.echo(f"\r{line}  " if self.terminal else line, err=True, nl=not self.terminal)

    def end(self) -> None:
        """Clear the line."""
        if self.terminal:
            click.echo("\r" + " " * 40 + "\r", err=True, nl=False)
