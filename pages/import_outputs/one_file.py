"""One chosen file: what was guessed of it, and the widgets that correct it."""

from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.import_outputs.beside import ExtraFiles
from pages.import_outputs.job import limits, source_of
from pages.shared.message import message
from sit_core.errors import SitError
from sit_core.models.interface import APART, KEEP
from sit_core.records import Prediction, Unparsed, chain_name
from sit_core.sources import (
    AUTO,
    FORMATS,
    MAPPED_FIELDS,
    BadRow,
    ImportFile,
    LocatedPrediction,
    Preview,
    QuestionFile,
    SourceFile,
    first_predictions,
    look_at,
    look_at_rows,
    look_with,
    run_name_fault,
    run_name_of,
)
from sit_core.sources.file_formats import file_formats
from sit_core.tasks import steps_named

PREVIEW_ROWS = 3
PREVIEW_CHARACTERS = 600
FIELD_HELP = {
    "instruction": "What the model was asked to do.",
    "input": "What it was asked about.",
    "output": "What it wrote.",
    "reference": "The gold answer.",
    "steps": "The chain: names with commas between, or a list.",
    "expected": "What an intermediate step should yield.",
    "language": "A code such as es.",
    "image": "The name of the image.",
    "run": "The run's name, where one file holds several runs.",
    "thoughts": "What a reasoning model thought before its output: judged and scored by nobody.",
    "outcome": "How the call ended: complete, cut, refused, or a server's finish reason.",
}
TYPED_HELP = "A place inside a column can be typed: choices.0.turns.0."
STEPS_HELP = (
    "Left empty, each row's own column or wording decides. Else names with commas between, such as "
    "repeat, answer or summarise=S, answer."
)


def looked_at(upload: UploadedFile, source: SourceFile, chosen: str) -> Preview:
    """The first look, once per file and format in this session."""
    looks = st.session_state.setdefault("import_looks", {})
    if (upload.file_id, chosen) not in looks:
        looks[upload.file_id, chosen] = look_at(source, chosen, limits())
    return looks[upload.file_id, chosen]


def looked_at_rows(upload: UploadedFile, source: SourceFile) -> Preview:
    """The first look at the rows as they stand, once per file in this session."""
    looks = st.session_state.setdefault("import_looks", {})
    if (upload.file_id, "rows") not in looks:
        looks[upload.file_id, "rows"] = look_at_rows(source, AUTO, limits())
    return looks[upload.file_id, "rows"]


def looked_at_with(
    upload: UploadedFile, source: SourceFile, chosen: str, questions: QuestionFile | None
) -> Preview:
    """The look with the questions of another file, kept as long as these are."""
    if questions is None:
        return looked_at(upload, source, chosen)
    looks = st.session_state.setdefault("import_looks", {})
    key = upload.file_id, chosen, id(questions)
    if key not in looks:
        looks[key] = look_at(source, chosen, limits(), questions)
    return looks[key]


def one_file(
    upload: UploadedFile,
    first: bool,
    others: ExtraFiles = ExtraFiles(),  # noqa: B008 - it is frozen
) -> tuple[ImportFile, str | None]:
    """Draw the file's line; its plan, and what keeps it from being imported if something does."""
    source, key = source_of(upload), upload.file_id
    questions = others.questions
    labels = "visible" if first else "collapsed"  # the first line's labels head the columns
    with st.container(border=True):
        name, box, run, steps = st.columns([4, 2, 4, 3], vertical_alignment="bottom")
        name.text(source.name)
        by_itself = looked_at(upload, source, AUTO).format
        shown = "?" if isinstance(by_itself, Unparsed) else by_itself
        chosen = box.selectbox(
            "Format",
            [AUTO, *FORMATS],
            key=f"format_{key}",
            label_visibility=labels,
            format_func=lambda f: f"auto ({shown})" if f == AUTO else f,
        )
        run_name = run.text_input(
            "Run", run_name_of(source.name), key=f"run_{key}", label_visibility=labels
        ).strip()
        look = looked_at_with(upload, source, chosen, questions)
        # What was recognised is not looked for again each time the page is drawn.
        form = look.format if chosen == AUTO and look.format in FORMATS else chosen
        own_steps = steps.text_input(
            "Steps",
            key=f"steps_{key}",
            label_visibility=labels,
            placeholder=_recognised(
                ImportFile(source, "run", look.mapping, str(form), questions=questions)
            ),
            help=STEPS_HELP if first else None,
        ).strip()
        with st.expander("Columns and first rows"):
            boxes = f"{chosen}_{key}{others.key}"
            changes = _column_boxes(boxes, look, _places(upload, source, look))
            if look.format not in file_formats():  # else there is but one way to read its rows
                look, form = look_with(source, chosen, changes, limits(), questions)
            mapping = look.mapping.corrected(changes)
            keep = st.toggle(
                "Keep a model's thoughts in its outputs",
                key=f"thoughts_{boxes}",
                help="Otherwise they are stored separately, shown folded, never judged or scored.",
            )
            plan = ImportFile(
                source,
                run_name,
                mapping,
                str(form),
                questions=questions,
                expected=others.expected,
                open_fields=look.open_fields(changes),
                thoughts=KEEP if keep else APART,
            )
            fault = None if mapping.run else run_name_fault(run_name)
            if own_steps:
                try:
                    plan = replace(plan, steps=steps_named(own_steps.split(",")))
                except SitError as error:
                    fault = str(error)
            bad = _first_rows(plan)
        if fault or bad:
            message("error", fault or bad or "")
    return plan, fault


def _recognised(plan: ImportFile) -> str:
    """What the first row's column or wording says of the chain."""
    for row in first_predictions(plan, 1, limits()):
        if isinstance(row, LocatedPrediction) and row.prediction.example.steps:
            return ", ".join(s.task for s in row.prediction.example.steps)
    return "not recognised"


def _places(upload: UploadedFile, source: SourceFile, look: Preview) -> list[str]:
    """Places inside the columns, and in those of the file as it stands where a tool wrote it."""
    places = dict.fromkeys(look.paths)
    if look.format not in file_formats():
        places |= dict.fromkeys(looked_at_rows(upload, source).paths)
    return [place for place in places if place not in look.columns]


def _column_boxes(key: str, look: Preview, places: list[str]) -> dict[str, str | None]:
    """A box per field; field → column, None for none."""
    boxes = st.columns(3)
    changes: dict[str, str | None] = {}
    for i, field in enumerate(MAPPED_FIELDS):
        guess = getattr(look.mapping, field)
        options = [None, *look.columns, *places]
        changes[field] = boxes[i % 3].selectbox(
            field.capitalize(),
            options,
            index=options.index(guess) if guess in options else 0,
            format_func=lambda column: "(none)" if column is None else column,
            key=f"column_{field}_{key}",
            help=f"{FIELD_HELP[field]} {TYPED_HELP}",
            accept_new_options=True,
        )
    return changes


def _first_rows(plan: ImportFile) -> str | None:
    """Draw the first rows as they would be imported; the first thing that is wrong with them."""
    wrong = None
    for item in first_predictions(plan, PREVIEW_ROWS, limits()):
        if isinstance(item, BadRow):
            place = "" if item.line is None else f"Line {item.line}: "
            wrong = wrong or f"{place}{item.reason}"
            continue
        st.text(f"Line {item.line}")
        for column, (title, text) in zip(st.columns(3), _texts(item.prediction), strict=True):
            column.text(title)
            column.code(_short(text) or " ", language=None, wrap_lines=True)
    return wrong


def _texts(prediction: Prediction) -> list[tuple[str, str]]:
    example = prediction.example
    gold = "" if example.reference is None else f"\n\nGold: {example.reference}"
    chain = chain_name(example.steps) or "not known"
    output = "Output" if prediction.output else "Output (empty: the model said nothing)"
    if prediction.thoughts:
        output += f" · {len(prediction.thoughts):,} characters of thoughts apart"
    return [
        (f"Instruction (steps: {chain})", example.instruction),
        ("Input", example.input + gold),
        (output, prediction.output),
    ]


def _short(text: str) -> str:
    return text if len(text) <= PREVIEW_CHARACTERS else text[:PREVIEW_CHARACTERS] + " …"
