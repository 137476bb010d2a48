"""Alpaca's format: ``instruction``, ``input`` (may be empty), ``output``, which is the gold.

A file of one's own, or the cleaned set from the hub when nothing is named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sit_core.records import Example
from sit_core.sources.examples import read_file, read_hub
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.problem import Problem

CLEANED = "yahma/alpaca-cleaned"


def read_alpaca(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The examples of a file, or of the cleaned Alpaca on the hub."""
    how = replace(how, gold=True)
    return read_file(rest, how) if rest else read_hub(f"{CLEANED}:train", how)


def looks_like_alpaca(row: Mapping[str, Any]) -> bool:
    """Whether a row has Alpaca's columns."""
    return {"instruction", "output"} <= set(row)


EXAMPLE_SOURCES.add(
    "alpaca",
    DataSource(
        "alpaca",
        "Instruction, input, output: a file, or the cleaned Alpaca of the hub.",
        read_alpaca,
        looks_like_alpaca,
    ),
)
