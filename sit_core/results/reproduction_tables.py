"""The paper's layout: which cells stand where in Tables 1 to 6, and what is expected.

Tables 3 (languages) and 4 (images) have no rows of the embedded models, only the paper's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sit_core.results.reproduction import (
    ACCURACY,
    BERT,
    FOLLOWING,
    ROUGE,
    CellKey,
    Direction,
    PaperCell,
    ReproductionTable,
)
from sit_core.results.reproduction_paper import (
    Paper,
    rows_1,
    rows_2,
    rows_5,
    rows_6,
    table_3,
    table_4,
)

Cells = Mapping[CellKey, PaperCell]
Titles = Mapping[str, str]
"""Model → what the tables call it; their order is the rows'."""

IT, SIT_R, SIT_P, SIT_2 = "it", "sit-repeat", "sit-paraphrase", "sit-2"
TABLE_1 = {
    "ROUGE-L": (ROUGE, "repeat"),
    "BERTScore": (BERT, "repeat"),
    "R": (FOLLOWING, "repeat"),
    "A": (FOLLOWING, "answer"),
    "R+A": (FOLLOWING, ""),
}
OWN_PROMPT = {IT: "A", SIT_R: "R+A", SIT_P: "P+A"}
"""Table 2: each model is asked as it was trained."""
TABLE_5 = {"A": "non-sequential", "R+A": "repeat", "P+A": "paraphrase"}
TABLE_6 = ("R+A", "R+P+A", "P+R+P+A")


def tables(
    cells: Cells, titles: Titles, paper: Paper, no_bertscore: str = ""
) -> tuple[ReproductionTable, ...]:
    """The six tables.

    Args:
        cells: all numbers.
        titles: the models that there are.
        paper: the paper's numbers (``data/reproduction/paper_tables.json``).
        no_bertscore: why there is none.
    """
    return (
        table_1(cells, titles, paper, no_bertscore),
        table_2(cells, titles, paper),
        table_3(paper),
        table_4(paper),
        table_5(cells, titles, paper),
        table_6(cells, titles, paper, no_bertscore),
    )


def table_1(
    cells: Cells, titles: Titles, paper: Paper, no_bertscore: str = ""
) -> ReproductionTable:
    """Repeat, then answer: what each model does of the two."""
    rows = tuple(
        (title, tuple(cells.get(CellKey(model, "R+A", *what)) for what in TABLE_1.values()))
        for model, title in titles.items()
    )
    return ReproductionTable(
        "table-1",
        "Table 1: repeat, then answer",
        "ROUGE-L and BERTScore of the repetition; share of outputs in which the input was "
        "repeated (R), an answer was given (A), both (R+A).",
        tuple(TABLE_1),
        rows,
        rows_1(paper),
        _notes(no_bertscore),
    )


def table_2(cells: Cells, titles: Titles, paper: Paper) -> ReproductionTable:
    """Accuracy of the final answer, each model asked as it was trained."""
    there = [model for model in OWN_PROMPT if model in titles]
    row = tuple(cells.get(CellKey(model, OWN_PROMPT[model], ACCURACY)) for model in there)
    keep = [list(OWN_PROMPT).index(model) for model in there]
    return ReproductionTable(
        "table-2",
        "Table 2: accuracy",
        "Share of all outputs whose final answer is right; each model is asked as it was trained: "
        + ", ".join(f"{titles[m]} by {OWN_PROMPT[m]}" for m in there)
        + ".",
        tuple(titles[model] for model in there),
        (("micro lab", row),),
        rows_2(paper, keep),
    )


def table_5(cells: Cells, titles: Titles, paper: Paper) -> ReproductionTable:
    """Trained on one task, asked for another: accuracy and following."""
    what = [(test, metric) for test in TABLE_5 for metric in (ACCURACY, FOLLOWING)]
    rows = tuple(
        (title, tuple(cells.get(CellKey(model, test, metric)) for test, metric in what))
        for model, title in titles.items()
    )
    return ReproductionTable(
        "table-5",
        "Table 5: trained on one task, asked for another",
        "Accuracy and following of the whole chain, asked without a sequence, with repeat (R+A) "
        "and with paraphrase (P+A).",
        tuple(f"{TABLE_5[test]}: {metric}" for test, metric in what),
        rows,
        rows_5(paper),
    )


def table_6(
    cells: Cells, titles: Titles, paper: Paper, no_bertscore: str = ""
) -> ReproductionTable:
    """The number of tasks: how good the intermediate outputs are, and how many chains are whole."""
    names = {ROUGE: "ROUGE-L", BERT: "BERTScore", FOLLOWING: "following"}
    what = [(test, metric) for test in TABLE_6 for metric in names]
    rows = tuple(
        (title, tuple(cells.get(CellKey(model, test, metric)) for test, metric in what))
        for model, title in titles.items()
    )
    return ReproductionTable(
        "table-6",
        "Table 6: number of tasks",
        "Mean ROUGE-L and BERTScore between the intermediate outputs and their expected texts; one "
        "that is not there counts as 0; and, which the paper's table does not have, the share "
        "that follows the whole chain. SIT-1 is SIT trained on one intermediate task.",
        tuple(f"{test}: {names[metric]}" for test, metric in what),
        rows,
        rows_6(paper),
        _notes(no_bertscore),
    )


def directions(cells: Cells, titles: Titles) -> tuple[Direction, ...]:
    """What the paper lets expect of the embedded models, and whether it came out."""
    return (
        _share(cells, titles, IT, "R+A", 0.20, most=True),
        _share(cells, titles, SIT_R, "R+A", 0.85),
        _share(cells, titles, SIT_R, "P+A", 0.70, unseen=True),
        _not_lost(cells, titles),
        _not_less(cells, titles),
    )


def with_seeds(cells: Cells, others: Sequence[Mapping[CellKey, float]]) -> dict[CellKey, PaperCell]:
    """The cells with the same numbers for other trainings."""
    return {
        place: replace(cell, seeds=tuple(of[place] for of in others if place in of))
        for place, cell in cells.items()
    }


def _share(
    cells: Cells,
    titles: Titles,
    model: str,
    test: str,
    bound: float,
    *,
    most: bool = False,
    unseen: bool = False,
) -> Direction:
    place = CellKey(model, test, FOLLOWING)
    cell = cells.get(place)
    value = None if cell is None else cell.value
    text = f"{titles.get(model, model)} follows {test}"
    holds = None if value is None else value <= bound if most else value >= bound
    return Direction(
        text + (", which it was never trained on" if unseen else ""),
        f"{'≤' if most else '≥'} {100 * bound:.0f} %",
        "–" if cell is None else cell.shown,
        holds,
        (place,),
    )


def _not_lost(cells: Cells, titles: Titles) -> Direction:
    place = CellKey(IT, "A", ACCURACY)
    places = [CellKey(model, "A", ACCURACY) for model in (SIT_R, SIT_P, SIT_2) if model in titles]
    before = cells[place].value if place in cells else None
    lost = [
        (100 * (before - value), titles[p.model])
        for p in places
        if before is not None and p in cells and (value := cells[p].value) is not None
    ]
    said = ", ".join(f"{name} {points:+.1f}" for points, name in lost)
    return Direction(
        "Accuracy on the single task that SIT loses against IT, in points",
        "≤ 5",
        said or "–",
        all(round(points, 6) <= 5 for points, _ in lost) if lost else None,
        (place, *places),
    )


def _not_less(cells: Cells, titles: Titles) -> Direction:
    places = tuple(CellKey(model, "R+P+A", FOLLOWING) for model in (SIT_R, SIT_2))
    values = [cells[p].value if p in cells else None for p in places]
    one, two = values
    shown = [
        f"{titles.get(p.model, p.model)} {'–' if v is None else f'{100 * v:.1f}'}"
        for p, v in zip(places, values, strict=True)
    ]
    return Direction(
        "SIT-2 follows R+P+A at least as often as SIT-1",
        "SIT-2 ≥ SIT-1",
        ", ".join(reversed(shown)),
        None if one is None or two is None else two >= one,
        places,
    )


def _notes(no_bertscore: str) -> tuple[str, ...]:
    return (no_bertscore,) if no_bertscore else ()
