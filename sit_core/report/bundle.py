"""The bundle of a report: what it was counted from, and a manifest with the hash of every file.

    bundle/store/TABLE.jsonl   rows of the store: the runs and studies of the report, and no others
    bundle/predictions.jsonl   outputs, as ``sit export predictions`` has them
    bundle/judgments.jsonl     every revision of every verdict, as ``sit export judgments`` has them
    bundle/guidelines.jsonl    every wording that annotators had
    bundle/figures.json        every number of the report: value, low, high, n, method
    bundle/manifest.json       the question, versions, seeds, and the SHA-256 of every file

The exports are for reading; ``sit report --verify`` counts from the rows, and makes the exports
from them again.
"""

import hashlib
import io
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.export.formats import FORMATS
from sit_core.export.tables import TABLES
from sit_core.report.config import ReportQuestion
from sit_core.report.content import ReportContent, all_figures
from sit_core.report.html import html_report
from sit_core.report.text import latex_report, markdown_report
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.excerpt import Row, excerpt_rows, restored

BUNDLE, ROWS, MANIFEST, FIGURES = "bundle", "store", "manifest.json", "figures.json"
HTML, MARKDOWN, LATEX = "report.html", "report.md", "report.tex"
KIND, SHAPE = "sit report", 1
OWN_HASH = "sha256_of_the_rest"
EXPORTS = ("predictions", "judgments", "guidelines")
LARGEST = 200_000_000
"""Bytes of a manifest, of figures or of one row that are read at all."""


def versions() -> dict[str, str]:
    """Program → version, of what counts."""
    libraries = {name: metadata.version(name) for name in ("numpy", "scipy", "SQLAlchemy")}
    return {"sit": __version__, "Python": platform.python_version(), **libraries}


def write_rows(store: Store, question: ReportQuestion, folder: Path) -> list[str]:
    """Write the excerpt into ``bundle/store``; the names of its tables, in their order."""
    place = folder / BUNDLE / ROWS
    place.mkdir(parents=True)
    written = []
    for table, rows in excerpt_rows(
        store, question.runs, question.studies, keep_names=question.names_kept
    ):
        with (place / f"{table}.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
            some = False
            for row in rows:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                some = True
        if some:
            written.append(table)
        else:
            (place / f"{table}.jsonl").unlink()
    return written


def rows_in(folder: Path, tables: list[str]) -> Iterator[tuple[str, Iterator[Row]]]:
    """The rows of a bundle.

    Raises:
        SitError: a file is missing or is not as it was written.
    """
    for table in tables:
        yield table, _rows_of(folder / BUNDLE / ROWS / f"{table}.jsonl")


def _rows_of(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            number = 0
            while line := stream.readline(LARGEST):
                number += 1
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise SitError(f"{path.name}: line {number} is no row.")
                yield row
    except (OSError, ValueError, RecursionError) as error:
        raise SitError(f"{path.name} can't be read ({str(error)[:200]}).") from None


@contextmanager
def store_of(folder: Path, schema: str, tables: list[str], scratch: Path) -> Iterator[Store]:
    """A store of a bundle's rows alone, in an empty folder.

    Raises:
        SitError: the rows are not as they were written.
    """
    with restored(scratch, schema, rows_in(folder, tables)) as store:
        yield store


def export_of(store: Store, question: ReportQuestion, what: str) -> bytes:
    """One of `EXPORTS`, of the excerpt."""
    table = TABLES.get(what)
    if what == "guidelines":
        from sit_core.store.export import guidelines_of

        rows: Any = guidelines_of(store, list(question.studies))
    elif what == "judgments":
        rows = _with_letters(store, question)
    else:
        rows = table.rows(store, TableQuery(runs=question.runs))
    stream = io.BytesIO()
    FORMATS.get("jsonl")(rows, table.columns, stream)
    return stream.getvalue()


def _with_letters(store: Store, question: ReportQuestion) -> Iterator[dict[str, Any]]:
    """Every verdict on the outputs, with its step's letter where the chain is known."""
    from sit_core.results.table_query import labels
    from sit_core.store.export import judgments_of
    from sit_core.store.sample_selection import whole_runs

    letters: dict[str, dict[str, str]] = {}
    for run in question.runs:
        try:
            found = TableQuery(question.study, (run,)).scopes(store)
        except SitError:
            continue  # no chain, or several: a verdict stands without a letter
        letters[run] = labels(found[0].steps)
    for row in judgments_of(store, whole_runs(store, question.runs)):
        yield {**row, "letter": letters.get(row["run"], {}).get(row["step"])}


def rendered(content: ReportContent) -> dict[str, bytes]:
    """The files that are read, by name."""
    texts = {
        HTML: html_report(content),
        MARKDOWN: markdown_report(content),
        LATEX: latex_report(content),
        f"{BUNDLE}/{FIGURES}": figures_text(all_figures(content)),
    }
    return {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def figures_text(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """``figures.json``: a line per number, so that a difference is one line."""
    lines = (
        f"{json.dumps(path, ensure_ascii=False)}: {json.dumps(of, ensure_ascii=False)}"
        for path, of in figures.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def manifest_text(
    question: ReportQuestion,
    made_with: Mapping[str, str],
    schema: str,
    tables: list[str],
    seeds: Mapping[str, int],
    files: Mapping[str, str],
) -> str:
    """``manifest.json``, which ends with the hash of all that is before."""
    content = {
        "kind": KIND,
        "shape": SHAPE,
        "question": question.to_dict(),
        "versions": dict(made_with),
        "schema": schema,
        "seeds": dict(seeds),
        "tables": tables,
        "files": dict(sorted(files.items())),
    }
    return sealed(content)


def sealed(content: Mapping[str, Any]) -> str:
    """A manifest's text, with the hash of its content."""
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**content, OWN_HASH: digest}, ensure_ascii=False, indent=1) + "\n"


def hash_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_in(folder: Path) -> list[str]:
    """The files of a report, links among them, without the manifest; names with ``/``."""
    found = (
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )
    return sorted(name for name in found if name != f"{BUNDLE}/{MANIFEST}")
