"""A mixture from file to file: what changes, what stays, the split, determinism, memory, faults."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from sit_core.augment import config as config_module
from sit_core.augment.config import ChainConfig, MixtureConfig, read_mixture
from sit_core.augment.mixture import write_mixture
from sit_core.augment.plan import MixtureSpec, Table, make_plan
from sit_core.augment.preview import preview
from sit_core.augment.shuffle_buffer import ShuffleBuffer
from sit_core.config.parse import from_plain
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.sources import ExampleReading, collected, named_examples
from tests.augment.conftest import made, many, rows_of, written


def test_only_rows_with_an_input_change_and_all_are_there(data: Path, tmp_path: Path) -> None:
    done = made(tmp_path, sources=[str(data)], chains=["R+A"])
    rows = {row["instruction"].rpartition(" ")[2]: row for row in rows_of(done.train)}
    assert len(rows) == 4
    assert rows["colour."]["output"] == "a plum: ripe\nand round\nPurple."
    assert rows["colour."]["instruction"].endswith("then Name ITS colour.")
    assert rows["Count."]["output"] == "one, two\n2\nItems: 2"
    assert (rows["fruit."]["instruction"], rows["fruit."]["output"]) == ("Name a fruit.", "A fig.")
    assert rows["hello."]["input"] == "  "
    assert rows["hello."]["steps"] == ["answer"]
    assert done.made["chains"] == {"A": 2, "R+A": 2}
    assert done.made["unchanged"] == {"it has no input": 2}


def test_the_same_yaml_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(300))
    first = made(tmp_path, "a.jsonl", sources=[str(source)], chains=["R+A"], held_out=0.1, seed=4)
    again = write_mixture(read_mixture(first.manifest_path), tmp_path / "b.jsonl")
    assert first.train.read_bytes() == again.train.read_bytes()
    assert first.held_out is not None
    assert again.held_out is not None
    assert first.held_out.read_bytes() == again.held_out.read_bytes()
    assert again.differs == ()
    other = made(tmp_path, "c.jsonl", sources=[str(source)], chains=["R+A"], held_out=0.1, seed=5)
    assert other.train.read_bytes() != first.train.read_bytes()


def test_a_manifest_notices_that_its_source_has_changed(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(20))
    first = made(tmp_path, sources=[str(source)], chains=["R+A"])
    written(source, many(21))
    again = write_mixture(read_mixture(first.manifest_path), tmp_path / "b.jsonl")
    assert any("has changed" in said for said in again.differs)
    assert any("training file is not the same" in said for said in again.differs)


@pytest.mark.slow
def test_the_split_is_by_example_and_the_baseline_has_the_same(tmp_path: Path) -> None:
    rows = many(400) + many(400)
    for row in rows[400:]:  # the same questions in another case and spacing
        row["input"] = row["input"].upper().replace(" ", "  ")
    source = written(tmp_path / "d.jsonl", rows)

    def asked(path: Path | None) -> set[str]:
        return {" ".join(row["input"].split()).casefold() for row in rows_of(path)}

    sides = []
    for name, settings in {
        "sit": {"chains": ["R+A"], "originals": "keep"},
        "it": {},
    }.items():
        done = made(tmp_path, f"{name}.jsonl", sources=[str(source)], held_out=0.2, **settings)
        train, held = asked(done.train), asked(done.held_out)
        assert not train & held
        assert train | held == asked(source)
        sides.append(held)
    assert sides[0] == sides[1]
    assert 0.1 < len(sides[0]) / 400 < 0.3


def test_a_number_of_examples_is_held_out_exactly(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(50))
    done = made(tmp_path, sources=[str(source)], chains=["R+A"], originals="keep", held_out=7)
    held = rows_of(done.held_out)
    assert len({row["example"] for row in held}) == 7
    assert len(held) == 14
    with pytest.raises(UsageError, match="fewer than the 50 examples"):
        made(tmp_path, sources=[str(source)], held_out=50)


def test_held_out_rows_can_be_put_to_a_model_with_the_text_of_every_step(tmp_path: Path) -> None:
    done = made(tmp_path, sources=["microlab:answer:30"], chains=["R+P+A"], held_out=10)
    examples = collected(named_examples(str(done.held_out), ExampleReading()))
    assert len(examples) == 10
    for example in examples:
        assert [step.letter for step in example.steps] == ["R", "P", "A"]
        assert all(step.expected for step in example.steps)
        assert example.steps[-1].expected == example.reference


def test_parallel_rows_are_on_one_side_where_asked(tmp_path: Path) -> None:
    for language in ("de", "en"):
        rows = many(60, id=lambda i: f"q{i}")
        for row in rows:
            row["input"] += f" {language}"
        written(tmp_path / f"x.{language}.jsonl", rows)
    sources = [str(tmp_path / f"x.{language}.jsonl") for language in ("de", "en")]
    for by in ("id", "index"):
        done = made(tmp_path, sources=sources, held_out=0.3, split_by=by)
        held, train = (
            {row["output"] for row in rows_of(path)} for path in (done.held_out, done.train)
        )
        assert held
        assert not held & train


def test_shares_weights_and_caps(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(400))
    chains = [{"chain": "R+A", "weight": 3}, {"chain": "R+R+A"}, {"chain": "R+R+R+A", "cap": 10}]
    done = made(tmp_path, sources=[str(source)], chains=chains, share=0.5)
    assert done.made["chains"] == {"A": 200, "R+A": 142, "R+R+A": 48, "R+R+R+A": 10}
    assert done.made["unchanged"] == {"it was not in the share": 200}
    capped = made(tmp_path, sources=[str(source)], chains=[{"chain": "R+A", "cap": 4}], plain=30)
    assert capped.made["chains"] == {"A": 30, "R+A": 4}
    assert capped.made["unchanged"] == {"all its chains were full": 396}


def test_a_draw_from_each_source(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(100))
    other = written(tmp_path / "e.jsonl", [{**row, "language": "de"} for row in many(100)])
    done = made(tmp_path, sources=[{"source": str(source), "take": 20}, str(other)], chains=["R+A"])
    assert done.made["languages"] == {"de": 100, "not said": 20}


def test_adding_a_row_does_not_throw_the_other_dice_anew(tmp_path: Path) -> None:
    before = made(
        tmp_path,
        "a.jsonl",
        sources=[str(written(tmp_path / "d.jsonl", many(200)))],
        chains=["R+A"],
        held_out=0.2,
    )
    after = made(
        tmp_path,
        "b.jsonl",
        sources=[str(written(tmp_path / "e.jsonl", many(201)))],
        chains=["R+A"],
        held_out=0.2,
    )
    changed = {row["example"]: row for row in rows_of(after.train)}
    for row in rows_of(before.train):
        assert changed[row["example"]] == row


def test_an_evaluation_set_is_worded_as_training_never_is(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(200))
    train = made(tmp_path, "a.jsonl", sources=[str(source)], chains=["R+A"])
    unseen = made(tmp_path, "b.jsonl", sources=[str(source)], chains=["R+A"], use="unseen")
    openings = [
        {row["instruction"].partition("Do")[0] for row in rows_of(done.train)}
        for done in (train, unseen)
    ]
    assert not openings[0] & openings[1]
    assert all("expected" in row for row in rows_of(unseen.train))
    assert "For evaluation" in unseen.manifest


def test_the_order_of_the_file_without_shuffling(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(30))
    done = made(tmp_path, sources=[str(source)], chains=["R+A"], shuffle=False)
    assert [row["output"].split()[-1] for row in rows_of(done.train)] == list(map(str, range(30)))
    mixed = made(tmp_path, sources=[str(source)], chains=["R+A"])
    order = [int(row["output"].split()[-1]) for row in rows_of(mixed.train)]
    assert sorted(order) == list(range(30)) != order


def test_duplicates_do_not_stay_neighbours(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", [row for row in many(100) for _ in range(2)])
    rows = [row["example"] for row in rows_of(made(tmp_path, sources=[str(source)]).train)]
    assert sum(a == b for a, b in pairwise(rows)) < 20


def test_rows_come_back_in_any_order_however_small_the_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sit_core.augment.shuffle_buffer.CHUNK_BYTES", 64)
    buffer = ShuffleBuffer(tmp_path)
    for i in range(50):
        buffer.add((i, "x" * (i % 9), None, {"a": [i]}))
    order = [7, 3, 3, 49, 0, 7]
    assert [(place, row[0]) for place, row in buffer.in_order(order)] == list(enumerate(order))
    assert list(tmp_path.iterdir()) == []  # it has no name, so nothing is left of a killed run
    buffer.close()


def test_bad_rows_are_named_or_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    rows = [json.dumps(row) for row in many(3)]
    path.write_text("\n".join([rows[0], "{oops", rows[1], '{"input": "x"}', rows[2]]) + "\n")
    with pytest.raises(SitError) as caught:
        made(tmp_path, sources=[str(path)], chains=["R+A"])
    assert "d.jsonl:2: broken JSON" in str(caught.value)
    assert "d.jsonl:4: the instruction" in str(caught.value)
    assert not (tmp_path / "train.jsonl").exists()
    done = made(tmp_path, sources=[str(path)], chains=["R+A"], bad_rows="skip")
    assert (done.made["bad_rows"], done.made["train"]["rows"]) == (2, 3)


def test_rows_without_an_output_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*many(2), {"instruction": "a", "input": "x", "output": ""}]
    done = made(tmp_path, sources=[str(written(tmp_path / "d.jsonl", rows))], chains=["R+A"])
    assert done.made["left_out"] == {"it has no output": 1}
    assert done.made["train"]["rows"] == 2


def test_what_is_cut_short_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    old = made(tmp_path, sources=[str(data)], chains=["R+A"]).train.read_bytes()

    class Stop(Exception):
        pass

    def report(_done: int | None, _total: int | None = None, message: str = "") -> None:
        if message == "writing":
            raise Stop

    config = MixtureConfig(sources=(str(data),), chains=("R+A",), seed=9)
    with pytest.raises(Stop):
        write_mixture(config, tmp_path / "train.jsonl", report=report)
    assert (tmp_path / "train.jsonl").read_bytes() == old
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def test_an_earlier_held_out_file_does_not_outlive_its_mixture(tmp_path: Path) -> None:
    source = str(written(tmp_path / "d.jsonl", many(50)))
    assert made(tmp_path, sources=[source], held_out=5).held_out is not None
    assert made(tmp_path, sources=[source]).held_out is None
    assert not (tmp_path / "train.heldout.jsonl").exists()
    (tmp_path / "mine.heldout.jsonl").write_text("x")  # somebody else's stays
    made(tmp_path, "mine.jsonl", sources=[source])
    assert (tmp_path / "mine.heldout.jsonl").read_text() == "x"


def test_the_output_never_overwrites_a_source(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", many(3))
    with pytest.raises(UsageError, match="would overwrite the source"):
        made(tmp_path, "d.jsonl", sources=[str(source)])
    held = written(tmp_path / "t.heldout.jsonl", many(3))
    with pytest.raises(UsageError, match="would overwrite the source"):
        made(tmp_path, "t.jsonl", sources=[str(held)])


@pytest.mark.parametrize(
    ("out", "reason"), [("x.csv", "name it so: x.jsonl"), ("d.json/x.jsonl", "can be written")]
)
def test_a_place_that_can_not_be_written_is_one_sentence(
    data: Path, tmp_path: Path, out: str, reason: str
) -> None:
    (tmp_path / "d.json").write_text("[]")
    with pytest.raises(SitError, match=reason):
        made(tmp_path, out, sources=[str(data)])


def test_nothing_becomes_a_sequence_is_an_error_that_says_why(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SitError, match=r"None of the 4 examples .*no text for the step 'para"):
        made(tmp_path, sources=[str(data)], chains=["P+A"])


def test_all_that_is_wrong_with_a_configuration_is_said_at_once() -> None:
    text = """
sources: []
chains: [R+X, {chain: R+A, cap: -1, weigth: 2}]
share: 1.5
held_out: 1.0
seed: -1
translate_into: xx
texts: {paraphrase: {file: a, column: b}, repaet: {column: x}, caption: {model: {model: m}}}
wordings: {repeat: nowhere.txt}
plain: -2
"""
    with pytest.raises(UsageError) as caught:
        read_yaml(MixtureConfig, text, "m.yaml")
    said = str(caught.value)
    assert "did you mean 'weight'" in said
    assert "found file and column" in said or "found column and file" in said
    fixed = text.replace("weigth: 2", "weight: 2").replace("file: a, ", "").replace("cap: -1, ", "")
    with pytest.raises(UsageError) as caught:
        read_yaml(MixtureConfig, fixed, "m.yaml")
    said = str(caught.value)
    for part in (
        "sources: Expected at least one",
        "There is no task 'X'",
        "share: Expected at most 1, but found 1.5",
        "held_out: Expected a share from 0 to below 1",
        "seed: Expected at least 0",
        "translate_into: Expected one of",
        "did you mean 'repeat'",
        "texts.caption: Expected a column or a file",
        "'nowhere.txt' can't be read",
        "plain: Expected at least 0",
    ):
        assert part in said, part


def test_a_configuration_survives_its_yaml() -> None:
    config = MixtureConfig(
        sources=("a.json", config_module.SourceConfig("xquad:x.es.json", take=5, language="es")),
        chains=("R+A", ChainConfig("T+A", cap=3, weight=0.5)),
        texts={
            "translate": config_module.TextsConfig(file="xquad:x.en.json", match="id"),
            "paraphrase": config_module.TextsConfig(
                model=config_module.ModelTexts("m", temperature=0.7)
            ),
        },
        wordings={"joins": config_module.OwnWordings(("First {first}, {next}, {last}",))},
        held_out=200,
    )
    assert read_yaml(MixtureConfig, to_yaml(config)) == config
    assert read_yaml(MixtureConfig, to_yaml(config, defaults=True)) == config


def test_a_preview_shows_what_will_be_written(data: Path, tmp_path: Path) -> None:
    settings = {"sources": [str(data)], "chains": ["R+A"], "seed": 3}
    rows = {row["instruction"] for row in rows_of(made(tmp_path, **settings).train)}
    found = preview(from_plain(MixtureConfig, settings))
    changes = found.changes
    assert (len(changes), found.looked_at) == (2, 4)
    assert found.unchanged == {"it has no input": 2}
    assert {change.after.instruction for change in changes} <= rows
    first = changes[0]
    assert first.before.instruction == "Name ITS colour."
    assert first.instruction_segments()[-1] == ("Name ITS colour.", False)
    assert first.output_segments() == [("a plum: ripe\nand round\n", True), ("Purple.", False)]


def test_a_plan_of_nothing_is_empty() -> None:
    plan = make_plan(Table(), MixtureSpec(weights=[1.0], caps=[None], takes=[None]))
    assert len(plan.rows) == 0


def test_the_messages_format(data: Path, tmp_path: Path) -> None:
    done = made(tmp_path, sources=[str(data)], chains=["R+A"], format="messages")
    again = collected(named_examples(str(done.train), ExampleReading(gold=True)))
    assert len(again) == 4
    assert sum((e.reference or "").startswith("a plum: ripe\nand round\n") for e in again) == 1


def test_the_real_alpaca_file(real_data: Path, tmp_path: Path) -> None:
    source = str(real_data / "alpaca_en_demo_1000.json")
    done = made(tmp_path, sources=[source], chains=["R+A", "R+R+A"], held_out=100, seed=1)
    assert done.made["chains"] == {"A": 587, "R+A": 206, "R+R+A": 206}
    assert done.made["unchanged"] == {"it has no input": 587}
    before = {e.id: e for e in collected(named_examples(source, ExampleReading(gold=True)))}
    for row in rows_of(done.train):
        old = before[row["example"]]
        assert row["instruction"].endswith(old.instruction)
        assert row["output"].endswith(old.reference or "?")
        if len(row["steps"]) > 1:
            assert row["output"].startswith(old.input + "\n")
    # the same question in two rows with two answers is on one side
    held = {row["example"] for row in rows_of(done.held_out)}
    assert not held & {row["example"] for row in rows_of(done.train)}
