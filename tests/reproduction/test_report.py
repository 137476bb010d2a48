"""The report on what ships, counted again by plain means; its numbers lead to their outputs."""

import json

import pytest

from sit_core.reproduction.outputs import FOLDER, INDEX, read_index, read_outputs
from sit_core.reproduction.plan import MODELS
from sit_core.reproduction.report import FIGURES, kept_reproduction, reproduction
from sit_core.results.reproduction import CellKey, PaperCell, Reproduction
from tests.microlab.test_adapters import MEGABYTE

if not (FOLDER / INDEX).is_file():
    pytest.skip("no outputs ship yet; `sit microlab build` makes them", allow_module_level=True)


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], list[dict]]:
    """(model, test) → rows of the file, read without the program's reader."""
    found: dict[tuple[str, str], list[dict]] = {}
    for path in FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault((path.stem, row["test"]), []).append(row)
    return found


@pytest.fixture(scope="module")
def kept() -> Reproduction:
    return kept_reproduction()


def of(report: Reproduction, model: str, test: str, metric: str, step: str = "") -> PaperCell:
    return report.cells[CellKey(model, test, metric, step)]


def choices(row: dict) -> list[str]:
    return [c.partition(":")[2] for c in row["input"].rpartition("Choices: ")[2].split(", ")]


def test_repeat_then_answer_is_what_counting_lines_gives(rows, kept) -> None:
    """The line of choices again is at least part of a repetition, one of them alone an answer."""
    for model in MODELS:
        of_model = rows[model, "R+A"]
        assert len(of_model) == 100
        repeated = sum(row["input"].split("\n")[1] in row["output"] for row in of_model)
        both = sum(
            row["input"].split("\n")[1] + "\n" in row["output"]
            and row["output"].split("\n")[-1] in choices(row)
            for row in of_model
        )
        right = sum(row["output"].split("\n")[-1] == row["reference"] for row in of_model)
        for metric, step, by_hand in (
            ("following", "repeat", repeated),
            ("following", "", both),
            ("accuracy", "", right),
        ):
            cell = of(kept, model, "R+A", metric, step)
            assert cell.n == 100
            # The rules also take a copy with slips.
            assert 0 <= round(100 * cell.value) - by_hand <= 5, (model, metric, step)


def test_the_single_task_is_what_comparing_texts_gives(rows, kept) -> None:
    for model in MODELS:
        right = sum(row["output"] == row["reference"] for row in rows[model, "A"])
        assert 0 <= round(100 * of(kept, model, "A", "accuracy").value) - right <= 5, model


@pytest.mark.slow
def test_the_kept_figures_are_those_of_the_outputs(kept) -> None:
    fresh = reproduction()
    assert fresh.cells == kept.cells
    assert fresh.to_dict() == kept.to_dict()


def test_figures_of_other_outputs_are_not_taken(tmp_path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    outputs = (tmp_path / "it.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [json.dumps(json.loads(line) | {"output": ""}) for line in outputs]
    (tmp_path / "it.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    index = read_index(tmp_path)
    index["models"] = {"it": index["models"]["it"] | {"sha256": "changed"}}
    (tmp_path / INDEX).write_text(json.dumps(index), encoding="utf-8")
    found = kept_reproduction(tmp_path)
    assert {place.model for place in found.cells} == {"it"}
    assert of(found, "it", "A", "following").value == 0


def test_the_tables_say_what_the_cells_say(kept) -> None:
    assert (FOLDER / FIGURES).stat().st_size < MEGABYTE
    shown = [cell for table in kept.tables for _, row in table.rows for cell in row if cell]
    assert len(shown) > 60
    for cell in shown:
        assert kept.cells[cell.place] == cell
        assert cell.n == 100
        assert cell.scored + cell.without == 100


def test_the_runs_in_the_store_are_called_as_the_numbers_say() -> None:
    for key, tests in read_outputs().items():
        for test, found in tests.items():
            assert {p.run for p in found} == {MODELS[key].run(test)}
