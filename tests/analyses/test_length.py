"""Length: an example counted by hand, samples, units, cut outputs, the control, hostile names."""

from itertools import count
from math import log2

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from sit_core.analyses.length import LengthConfig, length, length_figure, strata_of
from sit_core.errors import SitError, UsageError
from sit_core.metrics.registry import Score
from sit_core.records import Step, chain
from sit_core.results.analyses import ANALYSES
from sit_core.results.text_lengths import counter
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.statistics import logistic_trend, spearman
from sit_core.store import Store
from sit_core.store.schema import predictions
from sit_core.store.scores import save_scores
from tests.factories import judge, make_run

NUMBERS = count()
EVIL = '<img src=x onerror="alert(1)"> $x$ `rm`'


def scored(store: Store, run: str, values: list[float], inputs: list[str], **more) -> list[str]:
    """A run whose outputs have these values of accuracy."""
    ids = make_run(store, run, len(values), inputs=inputs, **more)
    made = [Score(one, "accuracy", value) for one, value in zip(ids, values, strict=True)]
    save_scores(store, made, {"accuracy": ""}, "rules-1")
    return ids


def words(*lengths: int) -> list[str]:
    """Inputs of so many words; each is another question."""
    return [" ".join([f"w{place}"] * many) for place, many in enumerate(lengths)]


def asked(**more) -> LengthConfig:
    return LengthConfig(metric=("accuracy",), **more)


def test_counted_by_hand(sqlite_store: Store) -> None:
    # By length: 1 → 1, 2 → 1, 4 → 0, 8 → 1, 16 → 0, 32 → 0
    ids = scored(sqlite_store, "m", [0, 1, 1, 0, 1, 0], words(32, 1, 2, 4, 8, 16))
    table = length(sqlite_store, asked(smooth=3))
    assert [(p["length"], p["from"], p["to"]) for p in table.points] == [
        (7 / 3, 1, 4), (14 / 3, 2, 8), (28 / 3, 4, 16), (56 / 3, 8, 32),
    ]  # fmt: skip
    assert [p["mean"].value for p in table.points] == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert table.point_samples[0] == [ids[1], ids[2], ids[3]]
    assert table.point_samples[3] == [ids[4], ids[5], ids[0]]
    (row,) = table.rows
    assert row["length"] == "6 (1–32)"
    assert row["mean"].value == 0.5
    # Ranks 1 … 6 of the lengths, 5 5 2 5 2 2 of the values. Sums of products of their distances
    # from 3.5: -2.5 · 1.5 - 1.5 · 1.5 + 0.5 · 1.5 - (-0.5 + 1.5 + 2.5) · 1.5 = -10.5
    assert row["spearman ρ"].value == pytest.approx(-10.5 / (17.5 * 13.5) ** 0.5)
    trend = logistic_trend([0, 1, 2, 3, 4, 5], [1, 1, 0, 1, 0, 0])
    assert row["slope per doubling"].value == pytest.approx(trend.slope)
    assert trend.slope < 0
    assert row["cut"] == "not known"
    assert set(table.samples_of(0, "mean")) == set(ids)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_windows_hold_neighbours_and_no_output_is_lost(
    sqlite_store: Store, values: list[tuple[int, bool]], smooth: int
) -> None:
    run = f"m{next(NUMBERS)}"
    ids = scored(sqlite_store, run, [float(v) for _, v in values], words(*(n for n, _ in values)))
    table = length(sqlite_store, asked(smooth=smooth, runs=(run,)))
    long = dict(zip(ids, (n for n, _ in values), strict=True))
    right = dict(zip(ids, (v for _, v in values), strict=True))
    assert len(table.points) == max(len(values) - smooth + 1, 0)
    covered = set()
    for point, window in zip(table.points, table.point_samples, strict=True):
        assert len(window) == smooth
        sizes = [long[one] for one in window]
        assert sizes == sorted(sizes)
        assert (point["from"], point["to"]) == (sizes[0], sizes[-1])
        assert point["mean"].value == pytest.approx(sum(right[one] for one in window) / smooth)
        assert point["mean"].low <= point["mean"].high
        covered |= set(window)
    if table.points:
        assert covered == set(ids)
    assert table.rows[0]["mean"].n == len(ids)


def test_the_same_seed_gives_the_same_figures_and_another_sample_another(
    sqlite_store: Store,
) -> None:
    values = [float(i % 3 == 0) for i in range(60)]
    scored(sqlite_store, "m", values, words(*range(1, 61)))
    scored(sqlite_store, "o", values[:40], words(*range(1, 41)))
    tables = [length(sqlite_store, asked(sample=20, seed=seed)) for seed in (1, 1, 2)]
    assert tables[0].to_dict(samples=True) == tables[1].to_dict(samples=True)
    assert tables[0].point_samples != tables[2].point_samples
    assert [row["mean"].n for row in tables[0].rows] == [20, 20]
    assert tables[0].left_out == {"not in the sample": 60}
    assert "20 of the 40 questions that all runs have, seed 1" in tables[0].note
    assert length(sqlite_store, asked(sample=500)).rows[0]["mean"].n == 40


def test_without_a_width_a_window_is_a_tenth_but_at_least_ten(sqlite_store: Store) -> None:
    scored(sqlite_store, "m", [1.0, 0.0] * 100, words(*range(1, 201)))
    table = length(sqlite_store, asked())
    assert {p["mean"].n for p in table.points} == {20}
    assert len(table.points) == 100
    assert "mean of 20 outputs" in table.note
    assert table.points[-1]["to"] == 200
    short = length(sqlite_store, asked(sample=30))
    assert {p["mean"].n for p in short.points} == {10}


def test_words_of_scripts_without_blanks_are_characters() -> None:
    measured = counter("words")
    assert measured("第一个问题是什么？") == 8
    assert measured("नमस्ते दुनिया") == 2
    assert measured("don't  stop\n") == 3
    assert counter("characters")("東京 é") == 4


def test_tokens_are_of_one_named_tokenizer(sqlite_store: Store) -> None:
    pytest.importorskip("transformers")
    (fault,) = asked(unit="tokens").faults()
    assert "--tokenizer" in fault
    with pytest.raises(SitError, match="--tokenizer"):
        length(sqlite_store, asked(unit="tokens"))
    scored(sqlite_store, "m", [1.0, 0.0], ["the bank", "the bank and the bank"])
    table = length(sqlite_store, asked(unit="tokens", tokenizer="microlab", smooth=1))
    measured = counter("tokens", "microlab")
    assert [p["length"] for p in table.points] == [
        measured("the bank"), measured("the bank and the bank"),
    ]  # fmt: skip
    assert "tokens of microlab" in table.note
    with pytest.raises(SitError, match="no tokenizer org/none on this machine"):
        counter("tokens", "org/none")


def test_what_has_no_length_or_value_is_counted(sqlite_store: Store) -> None:
    ids = make_run(sqlite_store, "m", 4, inputs=["", "a b", "a b c", "a"])
    save_scores(
        sqlite_store, [Score(i, "accuracy", 1.0) for i in ids[:3]], {"accuracy": ""}, "rules-1"
    )
    table = length(sqlite_store, asked())
    assert table.left_out == {
        "accuracy: it has no input": 1,
        "accuracy: not scored yet (sit score --metrics accuracy)": 1,
    }
    assert table.rows[0]["mean"].n == 2
    assert "fewer than" in table.rows[0]["slope per doubling"].why
    of_output = length(sqlite_store, asked(x="output"))
    assert of_output.rows[0]["mean"].n == 3


def test_an_empty_output_is_in_the_curve_and_not_in_the_trend(sqlite_store: Store) -> None:
    outputs = ["", *("w " * n for n in (1, 2, 3, 4, 5, 6))]
    ids = make_run(sqlite_store, "m", outputs)
    made = [Score(one, "accuracy", float(i % 2)) for i, one in enumerate(ids)]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    table = length(sqlite_store, asked(x="output", smooth=2))
    assert table.points[0]["from"] == 0
    assert table.rows[0]["slope per doubling"].n == 6
    assert table.left_out == {"accuracy: of the trend only, because the length is 0": 1}


def test_cut_outputs_stand_apart(sqlite_store: Store) -> None:
    values = [1, 0, 1, 0, 1, 0, 0, 0]
    ids = scored(sqlite_store, "m", [float(v) for v in values], words(*range(1, 9)))
    with sqlite_store.write() as connection:
        for place, outcome in enumerate(["complete"] * 5 + ["cut", "cut"]):
            change = update(predictions).where(predictions.c.id == ids[place])
            connection.execute(change.values(outcome=outcome))
    table = length(sqlite_store, asked())
    assert table.rows[0]["cut"] == "2, of 1 not known"
    assert set(table.samples_of(0, "cut")) == {ids[5], ids[6]}
    (apart,) = table.further
    (row,) = apart.rows
    assert (row["cut"].value, row["cut"].n) == (0.0, 2)
    assert (row["the others"].value, row["the others"].n) == (0.5, 6)
    assert row["slope without cut ones"].n == 6
    assert set(apart.samples_of(0, "cut")) == {ids[5], ids[6]}


def test_within_equal_intermediate_length_the_inputs_length_may_say_nothing(
    sqlite_store: Store,
) -> None:
    """Right where the repeated text is short, whatever the input's length: a fall that vanishes."""
    inputs, outputs, values = [], [], []
    for i in range(80):
        short = i % 2 == 0
        many = (3 if short else 12) + i % 7
        text = " ".join(f"q{i}x{j}" for j in range(many)) + "?"
        inputs.append(text)
        outputs.append(f"{text}\nThe answer is z{i}.")
        values.append(float((i // 2) % 5 != 0 if short else (i // 2) % 5 == 0))
    ids = make_run(sqlite_store, "m", outputs, inputs=inputs)
    made = [Score(one, "accuracy", value) for one, value in zip(ids, values, strict=True)]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    table = length(sqlite_store, asked(within=True, strata=2))
    (within,) = table.further
    assert within.title == "Within equal intermediate length"
    *groups, pooled, as_they_are = within.rows
    assert [row["mean"].value for row in groups] == pytest.approx([0.8, 0.2])
    assert as_they_are["slope per doubling"].high < 0
    slope = pooled["slope per doubling"]
    assert slope.low < 0 < slope.high
    assert sum(row["mean"].n for row in groups) == pooled["mean"].n == 80


def test_outputs_without_an_intermediate_text_are_counted(sqlite_store: Store) -> None:
    made = scored(sqlite_store, "m", [1.0, 0.0], ["Where do bees sleep at night?", "Why do they?"])
    assert made
    table = length(sqlite_store, asked(x="intermediate"))
    assert table.left_out == {
        "accuracy: no intermediate text: the input is not repeated": 2,
    }
    one = make_run(sqlite_store, "single", 1, steps=chain([Step("answer", "A")]))
    save_scores(sqlite_store, [Score(one[0], "accuracy", 1.0)], {"accuracy": ""}, "rules-1")
    (reason,) = length(sqlite_store, asked(x="intermediate", runs=("single",))).left_out
    assert reason.endswith("what was asked is one step")


def test_verdicts_are_of_those_chosen(sqlite_store: Store) -> None:
    ids = make_run(sqlite_store, "m", 6, inputs=words(*range(1, 7)))
    for place, one in enumerate(ids):
        said = {"repeat": "yes", "answer": "yes" if place < 3 else "no"}
        judge(sqlite_store, None, one, "rules-3", said, kind="rule")
    people = length(sqlite_store, LengthConfig())
    assert people.left_out == {"following: not judged": 6}
    assert people.rows[0]["mean"].value is None
    rules = length(sqlite_store, LengthConfig(verdicts=VerdictSettings(by="rule")))
    assert rules.rows[0]["mean"].value == 0.5
    assert "rules" in rules.note


def test_names_of_runs_are_text_in_the_figure(sqlite_store: Store) -> None:
    scored(sqlite_store, "first", [1.0] * 12, words(*range(1, 13)))
    scored(sqlite_store, EVIL, [1.0, 0.0] * 6, words(*range(1, 13)))
    table = ANALYSES.get("length").table(sqlite_store, asked(runs=(EVIL,)))
    figure = length_figure(table)
    drawn = figure.to_json()
    assert "<img" not in drawn
    line = figure.data[-1]
    assert line.line.color == "#000002"  # the second run of the store, though it stands alone
    assert line.line.dash == "dash"
    assert line.marker.symbol == "square"
    assert [tuple(place) for place in line.customdata] == [(-1, i) for i in range(3)]


def test_a_panel_per_measure_and_a_line_per_run(sqlite_store: Store) -> None:
    for run in ("a", "b"):
        ids = scored(sqlite_store, run, [1.0, 0.0] * 6, words(*range(1, 13)))
        made = [Score(one, "f1", 0.25) for one in ids]
        save_scores(sqlite_store, made, {"f1": ""}, "rules-1")
    table = ANALYSES.get("length").table(sqlite_store, LengthConfig(metric=("accuracy", "f1")))
    figure = length_figure(table)
    lines = [trace for trace in figure.data if trace.customdata is not None]
    assert [(line.name, line.xaxis) for line in lines] == [
        ("a", "x"), ("b", "x"), ("a", "x2"), ("b", "x2"),
    ]  # fmt: skip
    assert [line.showlegend for line in lines] == [True, True, False, False]


def test_unknown_names_are_sentences(sqlite_store: Store) -> None:
    scored(sqlite_store, "m", [1.0], words(1))
    with pytest.raises(UsageError, match="acuracy"):
        length(sqlite_store, LengthConfig(metric=("acuracy",)))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(2, 8))
def test_groups_keep_equal_lengths_together_and_are_in_order(lengths: list[int], many: int) -> None:
    found = strata_of(lengths, many)
    assert all(0 <= one < many for one in found)
    for a, x in zip(lengths, found, strict=True):
        for b, y in zip(lengths, found, strict=True):
            assert x <= y if a < b else x == y if a == b else x >= y


def test_the_paper_s_sample_on_real_outputs(real_data, sqlite_store: Store) -> None:
    """Both models' outputs on XQuAD in Spanish: figures are there for 100 and for all."""
    import json

    path = real_data / "xquad_outputs" / "llama-7b-seq-it.es.jsonl"
    rows = {
        row["input"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())
    }  # five questions stand there twice
    inputs, outputs = list(rows), [row["output"] for row in rows.values()]
    ids = make_run(sqlite_store, "m", outputs, inputs=inputs)
    made = [
        Score(one, "accuracy", float(len(text) % 2)) for one, text in zip(ids, outputs, strict=True)
    ]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    table = length(sqlite_store, asked(sample=100, seed=3, smooth=10))
    assert table.rows[0]["mean"].n == 100
    assert len(table.points) == 91
    whole = length(sqlite_store, asked())
    assert whole.rows[0]["mean"].n == len(rows)
    lengths = [log2(len(text)) for text in inputs]
    assert spearman(lengths, [s.value for s in made]).rho is not None
