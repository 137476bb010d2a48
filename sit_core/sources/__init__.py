"""Readers that turn files into predictions; a bad row is a value, never an exception."""

from sit_core.sources import (
    alpaca,
    commonsense_qa,
    examples,
    gsm8k,
    ifeval,
    messages,
    microlab_items,
    seqeval,
    xquad,
)
from sit_core.sources.expected_file import read_expected
from sit_core.sources.expected_search import ExpectedTexts
from sit_core.sources.file_formats import FORMATS, FileFormat, RowFormat
from sit_core.sources.file_names import language_of, run_name_fault, run_name_of
from sit_core.sources.formats import AUTO, check_format, format_of, read_rows
from sit_core.sources.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping, parse_changes
from sit_core.sources.named import (
    EXAMPLE_SOURCES,
    DataSource,
    ExampleReading,
    collected,
    named_examples,
    refusal,
    split_source,
)
from sit_core.sources.numbering import Numbering
from sit_core.sources.parallel import QuestionFile, read_questions
from sit_core.sources.predictions import ImportFile, LocatedPrediction, read_predictions
from sit_core.sources.preview import (
    Preview,
    first_predictions,
    look_at,
    look_at_rows,
    look_with,
    plan_for,
)
from sit_core.sources.problem import MAX_SHOWN, Problem, Problems
from sit_core.sources.reworded import reworded
from sit_core.sources.rows import BadRow, LeftOut, Limits, Position, RawRow, SourceFile
from sit_core.sources.summary import FileSummary, ValueChange
from sit_core.sources.templates import (
    InstructionTemplate,
    get_template,
    own_template,
    templates,
)
from sit_core.sources.unpacking import read_outputs

__all__ = [
    "AUTO",
    "EXAMPLE_SOURCES",
    "FORMATS",
    "MAPPED_FIELDS",
    "MAX_SHOWN",
    "BadRow",
    "ColumnMapping",
    "DataSource",
    "ExampleReading",
    "ExpectedTexts",
    "FileFormat",
    "FileSummary",
    "ImportFile",
    "InstructionTemplate",
    "LeftOut",
    "Limits",
    "LocatedPrediction",
    "Numbering",
    "Position",
    "Preview",
    "Problem",
    "Problems",
    "QuestionFile",
    "RawRow",
    "RowFormat",
    "SourceFile",
    "ValueChange",
    "alpaca",
    "check_format",
    "collected",
    "commonsense_qa",
    "examples",
    "first_predictions",
    "format_of",
    "get_template",
    "gsm8k",
    "guess_mapping",
    "ifeval",
    "language_of",
    "look_at",
    "look_at_rows",
    "look_with",
    "messages",
    "microlab_items",
    "named_examples",
    "own_template",
    "parse_changes",
    "plan_for",
    "read_expected",
    "read_outputs",
    "read_predictions",
    "read_questions",
    "read_rows",
    "refusal",
    "reworded",
    "run_name_fault",
    "run_name_of",
    "seqeval",
    "split_source",
    "templates",
    "xquad",
]
