"""SeqEval's prompts: read from files, built from a grown set, made of the micro world."""

import json
from collections import Counter
from pathlib import Path

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.seqeval.build import (
    SHARES,
    build_from,
    counts_of,
    sample_places,
    split_by_shares,
    write_set,
)
from sit_core.seqeval.microlab import CHAINS, microlab_rows
from sit_core.sources import ExampleReading, named_examples
from sit_core.sources.problem import Problem
from sit_core.sources.seqeval import SHIPPED
from sit_core.tasks import steps_named


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return f"seqeval:{path}"


def test_the_released_prompts_and_their_iterations(real_data: Path) -> None:
    files = sorted((real_data / "seqeval").glob("*.jsonl"))
    sets = []
    for path in files:
        found = list(named_examples(f"seqeval:{path}", ExampleReading()))
        assert not [one for one in found if isinstance(one, Problem)]
        assert Counter(e.meta["iteration"] for e in found) == {1: 81, 2: 161, 3: 242, 4: 321}
        assert {tuple(s.key for s in e.steps) for e in found} == {("follow",)}
        assert {tuple(e.meta) for e in found} == {("iteration",)}  # no output, no generator
        assert all(e.reference is None for e in found)
        sets.append([e.id for e in found])
    assert len(files) == 5
    assert all(ids == sets[0] for ids in sets)
    assert len(set(sets[0])) == 805


def test_a_row_without_iteration_is_a_problem_with_its_line(tmp_path: Path) -> None:
    source = lines(
        tmp_path / "x.jsonl",
        {"instruction": "a", "iteration": 2, "output": "not the question"},
        {"instruction": "b"},
        {"instruction": "c", "iteration": "often"},
        {"instruction": "d", "iteration": True},
        {"instruction": "e", "iteration": "3"},
        {"iteration": 1},
    )
    good, *bad, fifth, last = named_examples(source, ExampleReading())
    assert isinstance(good, Example)
    assert (good.instruction, good.meta, good.reference) == ("a", {"iteration": 2}, None)
    assert [str(one).partition(": ")[0] for one in bad] == [f"x.jsonl:{n}" for n in (2, 3, 4)]
    assert "whole number" in str(bad[0])
    assert isinstance(fifth, Example)
    assert fifth.meta == {"iteration": 3}
    assert isinstance(last, Problem)


def test_steps_of_the_file_are_taken_and_the_researchers_own_win(tmp_path: Path) -> None:
    row = {"instruction": "Do.", "input": "x", "iteration": 1, "steps": ["repeat", "answer"]}
    source = lines(tmp_path / "x.jsonl", row)
    (found,) = named_examples(source, ExampleReading())
    assert [s.key for s in found.steps] == ["repeat", "answer"]
    (found,) = named_examples(source, ExampleReading(steps=steps_named(["answer"])))
    assert [s.key for s in found.steps] == ["answer"]
    with pytest.raises(UsageError, match="mapping"):
        list(named_examples(source, ExampleReading(changes={"instruction": "x"})))


def test_the_set_that_ships_is_what_the_command_makes(tmp_path: Path) -> None:
    write_set(microlab_rows(), tmp_path / "made.jsonl", {})
    assert (tmp_path / "made.jsonl").read_bytes() == SHIPPED.read_bytes()
    other = list(microlab_rows(seed=1))
    assert [row["input"] for row in other] != [row["input"] for row in microlab_rows()]


def test_the_set_that_ships_has_chains_that_grow_with_the_iterations() -> None:
    found = list(named_examples("seqeval", ExampleReading()))
    assert not [one for one in found if isinstance(one, Problem)]
    assert Counter(e.meta["iteration"] for e in found) == {1: 8, 2: 16, 3: 24, 4: 32}
    assert len({e.id for e in found}) == 80
    for example in found:
        chain = "+".join(step.letter for step in example.steps)
        assert chain in CHAINS[example.meta["iteration"]]
        assert example.reference
        assert all(step.expected for step in example.steps)
        assert example.instruction.count("{") == 0


def test_shares_add_up() -> None:
    for prompts in (1, 7, 80, 100, 805):
        found = split_by_shares(prompts, SHARES)
        assert sum(found.values()) == prompts
        assert all(abs(n - prompts * SHARES[i] / 10) < 1 for i, n in found.items())
    assert counts_of(10, [1]) == {1: 10}


def test_a_seed_gives_one_prompt_at_most_and_the_same_seed_the_same() -> None:
    candidates = {1: list(range(50)), 2: list(range(0, 50, 2)), 3: list(range(0, 50, 5))}
    counts = {1: 20, 2: 15, 3: 8}
    found = sample_places(candidates, counts, seed=3)
    assert {i: len(places) for i, places in found.items()} == counts
    every = [p for places in found.values() for p in places]
    assert len(set(every)) == len(every)
    assert all(set(places) <= set(candidates[i]) for i, places in found.items())
    assert sample_places(candidates, counts, seed=3) == found
    assert sample_places(candidates, counts, seed=4) != found
    with pytest.raises(SitError, match=r"Iteration 3 has 10 prompts.*11 are asked for"):
        sample_places(candidates, {3: 11}, seed=0)


def grown_set(home: Path) -> None:
    """A set of 20 seeds as Seq-Instruct leaves it, two iterations."""
    from sit_core.config.yaml_file import to_yaml
    from sit_core.seq_instruct.config import SeqInstructConfig
    from sit_core.seq_instruct.folder import SetFolder
    from sit_core.seq_instruct.index import index_line
    from sit_core.seq_instruct.record import Record
    from sit_core.seq_instruct.stages import State

    folder = SetFolder.of("mine", home)
    folder.path.mkdir(parents=True)
    folder.config.write_text(to_yaml(SeqInstructConfig(sources=("x.json",), iterations=2)))
    for iteration in (0, 1, 2):
        rows = []
        for place in range(20):
            made = State.MADE if place % (iteration + 1) == 0 else State.HELD
            rows.append(
                Record(
                    place=place,
                    iteration=iteration,
                    state=State.SEED if iteration == 0 else made,
                    instruction=f"Task {place} grown {iteration} times",
                    option="B" if iteration else None,
                    seed=f"seed{place}",
                )
            )
        offset, index = 0, []
        texts = [json.dumps(row.to_json()) + "\n" for row in rows]
        for row, text in zip(rows, texts, strict=True):
            index.append(json.dumps(index_line(offset, row)) + "\n")
            offset += len(text)
        folder.records(iteration).write_text("".join(texts))
        folder.index(iteration).write_text("".join(index))


def test_a_set_from_what_seq_instruct_has_grown(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    grown_set(tmp_path / "home")
    out = tmp_path / "set" / "mine.jsonl"
    made = build_from("mine", out, counts={1: 5, 2: 3}, seed=1)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert (made.prompts, made.counts) == (8, {1: 5, 2: 3})
    # Changed in the first: every second; in the second every third, of which every sixth in both.
    assert made.candidates == {1: 10, 2: 4}
    for row in rows:
        place = int(row["grown_from"].removeprefix("seed"))
        assert place % (2 if row["iteration"] == 1 else 6) == 0
        assert row["instruction"] == f"Task {place} grown {row['iteration']} times"
    assert len({row["grown_from"] for row in rows}) == 8
    first = out.read_bytes()
    assert build_from("mine", out, counts={1: 5, 2: 3}, seed=1).sha256 == made.sha256
    assert out.read_bytes() == first
    about = json.loads(out.with_suffix(".about.json").read_text())
    assert (about["seq_instruct"], about["seed"], about["sha256"]) == ("mine", 1, made.sha256)
    read = list(named_examples(f"seqeval:{out}", ExampleReading()))
    assert Counter(e.meta["iteration"] for e in read) == {1: 5, 2: 3}
    with pytest.raises(SitError, match="ask for fewer"):
        build_from("mine", out, prompts=100)
    with pytest.raises(SitError, match="no set of instructions"):
        build_from("other", out)
    assert out.read_bytes() == first
