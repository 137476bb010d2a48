"""Cells follow from the entries alone; each is told by what its outputs depend on."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.config.parse import from_plain
from sit_core.errors import UsageError
from sit_core.experiment.cells import AskedExamples, cells_of, faults_of, key_variables_of
from sit_core.experiment.config import ExperimentConfig
from sit_core.predict.examples import drawn_places
from sit_core.store import Store
from tests.experiment.conftest import experiment, plain_experiment, questions

WORD = st.text("abcdefgh", min_size=1, max_size=6)


@given(
    st.lists(WORD, min_size=1, max_size=4, unique=True),
    st.lists(WORD, min_size=1, max_size=4, unique=True),
    st.lists(WORD, min_size=0, max_size=3, unique=True),
    st.lists(st.sampled_from(["de", "es", "zh"]), min_size=0, max_size=3, unique=True),
)
def test_every_combination_is_one_cell_with_the_factors_of_its_entries(
    models: list[str], instructions: list[str], conditions: list[str], languages: list[str]
) -> None:
    config = from_plain(
        ExperimentConfig,
        {
            "name": "e",
            "models": [{"name": f"m-{one}", "model": {"model": one}} for one in models],
            "instructions": [{"name": f"i-{one}", "instruction": one} for one in instructions],
            "examples": [{"source": "set {language}" if languages else "set"}]
            if not languages
            else [{"source": "set-{language}", "languages": languages}],
            "conditions": [
                {"name": f"c-{one}", "predict": {"model": {"seed": at}}}
                for at, one in enumerate(conditions)
            ],
        },
    )
    cells = cells_of(config)
    assert len(cells) == (
        len(models) * len(instructions) * max(1, len(conditions)) * max(1, len(languages))
    )
    assert len({cell.config.run for cell in cells}) == len(cells)
    assert len({tuple(sorted(cell.factors.items())) for cell in cells}) == len(cells)
    for cell in cells:
        assert cell.config.run.startswith("e/")
        assert cell.factors["model"] == f"m-{cell.config.model.model}"
        assert cell.factors["instruction"] == f"i-{cell.config.instruction}"
        if languages:
            assert cell.config.examples == f"set-{cell.factors['language']}"
        if conditions:
            assert cell.config.model.seed == conditions.index(cell.factors["condition"][2:])
        assert cell.config.factor_values() == cell.factors


def test_only_and_skip_say_which_cells_there_are() -> None:
    def names(**more: object) -> list[str]:
        return [cell.name for cell in cells_of(experiment("f", **more))]

    assert names() == ["IT, R+A", "IT, P+A", "SIT, R+A", "SIT, P+A"]
    assert names(only=[{"method": "IT"}, {"instruction": ["P+A"]}]) == [
        "IT, R+A",
        "IT, P+A",
        "SIT, P+A",
    ]
    assert names(skip=[{"method": "IT", "instruction": "R+A"}]) == [
        "IT, P+A",
        "SIT, R+A",
        "SIT, P+A",
    ]
    with pytest.raises(UsageError, match="leave no cell"):
        names(skip=[{}])


def test_a_condition_changes_any_setting_of_a_run() -> None:
    config = experiment(
        "f",
        conditions=[
            {"name": "plain"},
            {"name": "warm", "predict": {"model": {"temperature": 0.5}, "limit": 3}},
        ],
    )
    plain, warm = cells_of(config)[:2]
    assert (plain.config.model.temperature, plain.config.limit) == (0, None)
    assert (warm.config.model.temperature, warm.config.limit) == (0.5, 3)
    assert warm.config.model.model == plain.config.model.model == "IT"


def test_the_same_questions_are_drawn_for_every_wording_and_language(
    store: Store, tmp_path: Path
) -> None:
    questions(tmp_path, *(f"question {i}" for i in range(50)), name="f.en")
    questions(tmp_path, *(f"pregunta {i}" for i in range(50)), name="f.es")
    source = str(tmp_path / "f.{language}.jsonl")
    config = from_plain(
        ExperimentConfig,
        plain_experiment("", examples=[{"source": source, "languages": ["en", "es"], "n": 12}]),
    )
    asked = AskedExamples(store)
    drawn = [[int(e.input.split()[1]) for e in asked.of(cell)] for cell in cells_of(config)]
    assert len(drawn[0]) == 12
    assert all(one == drawn[0] for one in drawn)


@given(st.integers(0, 60), st.integers(1, 70), st.integers(0, 5))
def test_a_larger_sample_holds_the_smaller_one(count: int, sample: int, seed: int) -> None:
    smaller = drawn_places(count, sample, seed)
    assert smaller == sorted(set(smaller))
    assert len(smaller) == min(count, sample)
    assert set(smaller) <= set(drawn_places(count, sample + 1, seed)) <= set(range(count))


def test_all_that_is_wrong_is_said_at_once(store: Store) -> None:
    config = experiment(
        "nowhere.jsonl",
        metrics=["acuracy"],
        instructions=[{"name": "x", "template": "repaet-answer"}],
    )
    said = " ".join(faults_of(config, store))
    assert "repeat-answer" in said
    assert "accuracy" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"models": []}, "at least one model"),
        ({"instructions": []}, "at least one instruction"),
        ({"name": "\n"}, "needs a name"),
        ({"skip": [{"modell": "IT"}]}, "skip: There is no factor 'modell'; did you mean 'model'"),
        ({"only": [{"seed": 1}]}, "only: There is no factor 'seed'"),
        (
            {"report": [{"analysis": "cells", "only": [{"metod": "IT"}]}]},
            r"report\[1\].only.*method",
        ),
        ({"verdicts": [{"by": "rule", "only": [{"a": 1}]}]}, r"verdicts\[1\].only: .*'a'"),
        ({"models": [{"name": "a", "model": {"model": "x"}}] * 2}, "found a twice"),
        ({"verdicts": [{"by": "llm"}]}, "need a judge"),
        ({"scoring": {"runs": ["a"]}}, "can't set runs"),
        ({"conditions": [{"name": "c", "predict": {"run": "x"}}]}, "can't set run"),
        ({"examples": [{"source": "a-{language}"}]}, "give language"),
        ({"conditions": [{"name": "c", "predict": {"limt": 1}}]}, "limit"),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(more: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cells_of(experiment("f", **more))


def test_keys_that_any_part_names_are_known() -> None:
    endpoint = {"backend": "openai", "base_url": "http://x/v1", "model": "m"}
    config = experiment(
        "f",
        models=[{"name": "a", "model": {**endpoint, "key_env": "A_API_KEY"}}],
        conditions=[{"name": "c", "predict": {"model": {"key_env": "B_API_KEY"}}}],
        verdicts=[{"by": "llm", "judge": {"model": {**endpoint, "key_env": "C_API_KEY"}}}],
    )
    assert set(key_variables_of(config)) == {"A_API_KEY", "B_API_KEY", "C_API_KEY"}
