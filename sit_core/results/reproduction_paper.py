"""The paper's numbers as rows below ours: all rows of Tables 1 to 6 (arXiv 2403.07794v1). Pure.

``data/reproduction/paper_tables.json`` holds them as the paper has them, in percent. A number that
the paper does not give is None, and shown as `NOT_GIVEN`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sit_core.results.reproduction import PaperRow, ReproductionTable

NOT_GIVEN = "not given"
Paper = Mapping[str, Any]
"""``table1`` … ``table6``, each with ``about`` and ``rows``."""

_TRAINED = ("IT", "SIT+Repeat", "SIT+Paraphrase")
"""What Tables 2 and 5 call the models; those of Table 6 are called ``IT``, ``SIT-1``, ``SIT-2``."""
_TASKS = ("IT", "SIT-1", "SIT-2")
SEEN, UNSEEN = ("de", "zh", "ru", "es"), ("ar", "el", "vi", "hi", "tr", "th")
"""Languages of Table 3 that were trained on, and others."""


def shown(value: float | None) -> str:
    """A number of the paper in a cell.

    >>> shown(54.0), shown(24.7), shown(None)
    ('54', '24.7', 'not given')
    """
    return NOT_GIVEN if value is None else f"{value:g}"


def rows_1(paper: Paper) -> tuple[PaperRow, ...]:
    """Table 1: ROUGE-L, BERTScore, R, A, R+A of each model."""
    columns = ("rouge_l", "bertscore", "R", "A", "R+A")
    return tuple(
        PaperRow(f"{row['model']}, {row['method']}", _values(row, columns))
        for row in paper["table1"]["rows"]
    )


def rows_2(paper: Paper, keep: Sequence[int]) -> tuple[PaperRow, ...]:
    """Table 2: accuracy of the models at these places of IT, SIT+Repeat, SIT+Paraphrase."""
    names = [_TRAINED[i] for i in keep]
    return tuple(PaperRow(row["model"], _values(row, names)) for row in paper["table2"]["rows"])


def rows_5(paper: Paper) -> tuple[PaperRow, ...]:
    """Table 5: accuracy and following of each training, by what was asked."""
    return _turned(paper["table5"]["rows"], _TRAINED, "Mistral-7B, ")


def rows_6(paper: Paper) -> tuple[PaperRow, ...]:
    """Table 6: ROUGE-L and BERTScore of each training by the chain; it has no following."""
    return tuple(
        PaperRow(row.model, tuple(_with_gaps(row.values)))
        for row in _turned(paper["table6"]["rows"], _TASKS)
    )


def table_3(paper: Paper) -> ReproductionTable:
    """Answers in ten languages, of which four were trained on."""
    return ReproductionTable(
        "table-3",
        "Table 3: translate, then answer",
        "XQuAD by language: seen in training " + ", ".join(SEEN) + "; unseen " + ", ".join(UNSEEN),
        (*SEEN, *UNSEEN),
        (),
        tuple(
            PaperRow(f"{row['model']}, {row['method']}", _values(row, (*SEEN, *UNSEEN)))
            for row in paper["table3"]["rows"]
        ),
        ("The embedded models know one language, so they have no rows here.",),
    )


def table_4(paper: Paper) -> ReproductionTable:
    """Describe the image, then answer."""
    columns = ("VQAv2", "GQA")
    return ReproductionTable(
        "table-4",
        "Table 4: describe the image, then answer",
        "Accuracy of InstructBLIP-Vicuna-7B; neg.: trained on captions of other images.",
        columns,
        (),
        tuple(PaperRow(row["method"], _values(row, columns)) for row in paper["table4"]["rows"]),
        ("The embedded models see no images, so they have no rows here.",),
    )


def _values(row: Mapping[str, Any], names: Iterable[str]) -> tuple[float | None, ...]:
    return tuple(_number(row.get(name)) for name in names)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _turned(
    rows: Sequence[Mapping[str, Any]], models: Sequence[str], before: str = ""
) -> tuple[PaperRow, ...]:
    """A row per instruction with a pair of numbers per model → a row per model."""
    return tuple(
        PaperRow(
            before + model, tuple(_number(value) for row in rows for value in row.get(model, ()))
        )
        for model in models
    )


def _with_gaps(values: Sequence[float | None]) -> Iterable[float | None]:
    """Pairs of numbers, each with a third that the paper does not give."""
    for i in range(0, len(values), 2):
        yield from (*values[i : i + 2], None)
