"""Where a run's examples come from: files without outputs, runs, the hub; and what is refused."""

import json
import socket
import sys
import types
from pathlib import Path

import pytest

from sit_core.config.arguments import from_words
from sit_core.config.parse import from_plain
from sit_core.errors import SitError, UsageError
from sit_core.predict import PredictConfig
from sit_core.predict.action import ACTION
from sit_core.predict.examples import ExampleOptions, examples_of
from sit_core.sources import get_template, own_template, templates
from sit_core.store import Store
from tests.predict.conftest import examples_file, predict_config


def write(tmp_path: Path, rows: object, name: str = "x.json") -> str:
    path = tmp_path / name
    path.write_text(json.dumps(rows))
    return str(path)


def test_a_file_needs_no_output_and_its_output_is_never_taken_for_the_gold(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = write(tmp_path, [{"instruction": "Do it.", "input": "1", "output": "A"}])
    (found,) = examples_of(path, ExampleOptions(sqlite_store))
    assert (found.instruction, found.input, found.reference) == ("Do it.", "1", None)
    (found,) = examples_of(path, ExampleOptions(sqlite_store, changes={"reference": "output"}))
    assert found.reference == "A"


def test_a_template_goes_in_place_of_or_around_the_instruction(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = write(tmp_path, [{"instruction": "Name {a} Fruit.", "input": "x", "steps": "caption"}])
    (found,) = examples_of(path, ExampleOptions(sqlite_store, get_template("repeat-answer")))
    assert found.instruction == "First repeat the input, then answer the question."
    (found,) = examples_of(path, ExampleOptions(sqlite_store, get_template("repeat-then")))
    assert found.instruction == "First repeat the input, then Name {a} Fruit."
    assert [(s.letter, s.expected) for s in found.steps] == [("R", "x"), ("A", None)]
    (found,) = examples_of(path, ExampleOptions(sqlite_store))
    assert [s.letter for s in found.steps] == ["C"]


def test_a_file_of_inputs_alone_will_do_where_the_instruction_is_given(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = write(tmp_path, [{"input": "x"}])
    (found,) = examples_of(path, ExampleOptions(sqlite_store, own_template("Repeat the input.")))
    assert [s.letter for s in found.steps] == ["R"]
    with pytest.raises(SitError, match=r"x.json.*--map instruction=COLUMN.*'input'"):
        examples_of(path, ExampleOptions(sqlite_store))


def test_bad_rows_are_named_by_line_and_nothing_is_asked(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rows = [{"instruction": "a"}, {"input": "x"}, {"instruction": "b"}, {"instruction": None}]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(SitError) as caught:
        examples_of(str(path), ExampleOptions(sqlite_store))
    assert "x.jsonl:2: the instruction" in str(caught.value)
    assert "x.jsonl:4: the instruction" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nowhere.jsonl", "there is no such file"),
        ("file:", "Name the file"),
        ("run:none", "There is no run 'none'"),
        ("hub:", "hub:ID"),
        ("microlab:nothing", "micro lab"),
    ],
)
def test_what_is_not_there_is_one_sentence(sqlite_store: Store, source: str, reason: str) -> None:
    with pytest.raises(SitError, match=reason):
        examples_of(source, ExampleOptions(sqlite_store))


def test_the_hub_without_its_package_or_network_says_how_to_name_a_file(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(SitError, match=r"pip install datasets.*--examples FILE"):
        examples_of("hub:tau/commonsense_qa", ExampleOptions(sqlite_store))
    module = types.ModuleType("datasets")

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("Couldn't reach\nthe hub")

    module.load_dataset = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    with pytest.raises(SitError, match=r"Couldn't reach the hub.*--examples FILE"):
        examples_of("tau/commonsense_qa", ExampleOptions(sqlite_store))


def test_a_hub_data_set_is_read_like_a_file(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Rows(list):
        column_names = ("instruction", "input", "target")

    asked = []

    def load(name: str, config: str | None, split: str) -> Rows:
        asked.append((name, config, split))
        return Rows({"instruction": "Do.", "input": str(i), "target": "g"} for i in range(9))

    module = types.ModuleType("datasets")
    module.load_dataset = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    found = examples_of("hub:a/b:test:es", ExampleOptions(sqlite_store, limit=2))
    assert asked == [("a/b", "es", "test")]
    assert [(e.input, e.reference) for e in found] == [("0", "g"), ("1", "g")]


def test_every_wording_that_ships_tells_its_steps() -> None:
    chains = {name: "".join(s.letter for s in t.steps()) for name, t in templates().items()}
    assert chains["answer"] == "A"
    assert chains["repeat-answer"] == chains["repeat-answer-2"] == chains["repeat-then"] == "RA"
    assert chains["paraphrase-repeat-paraphrase-answer"] == "PRPA"
    assert all(chains.values())


def test_an_empty_instruction_is_refused() -> None:
    with pytest.raises(UsageError, match="empty"):
        own_template("  ")


def test_the_command_asks_for_exactly_the_same(tmp_path: Path) -> None:
    wanted = predict_config(
        model="-m",
        run="a run",
        examples=examples_file(tmp_path, "a"),
        instruction="--help\nthen answer",
        temperature=0.5,
        stop=("a", "-b"),
        map=("input=x",),
        base_url="http://localhost/v1",
        backend="openai",
        key_env="KEY",
        limit=3,
    )
    words = ACTION.words(wanted)
    assert words[0] == "predict"
    assert from_plain(PredictConfig, from_words(PredictConfig, words[1:])) == wanted


def test_a_file_with_a_hub_like_name_is_a_file(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "set").write_text('{"instruction": "Do."}\n')
    assert len(examples_of("data/set", ExampleOptions(sqlite_store))) == 1


@pytest.fixture
def hub_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The real package, with a cache of the test's own."""
    package = pytest.importorskip("datasets")
    monkeypatch.setattr(package.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return package


@pytest.mark.slow
def test_the_real_package_reads_a_folder_offline(
    sqlite_store: Store, tmp_path: Path, hub_data: types.ModuleType
) -> None:
    folder = tmp_path / "questions"
    folder.mkdir()
    rows = [{"instruction": "Do.", "input": f"q{i}", "target": "g"} for i in range(5)]
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    found = examples_of(f"hub:{folder}:train", ExampleOptions(sqlite_store, limit=3))
    assert [(e.input, e.reference) for e in found] == [("q0", "g"), ("q1", "g"), ("q2", "g")]
    with pytest.raises(SitError, match=r"Unknown split.*--examples FILE"):
        examples_of(f"hub:{folder}:testing", ExampleOptions(sqlite_store))


@pytest.mark.slow
@pytest.mark.long
def test_the_real_package_without_a_network_is_one_sentence(
    sqlite_store: Store, hub_data: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        monkeypatch.setattr(hub.constants, "ENDPOINT", address)
        monkeypatch.setattr(hub_data.config, "HF_ENDPOINT", address)
        with pytest.raises(SitError, match=r"'nobody/nothing' can't be had .*--examples FILE"):
            examples_of("hub:nobody/nothing", ExampleOptions(sqlite_store))


def test_a_system_message_or_earlier_turns_that_are_not_sent_are_told(
    sqlite_store: Store, tmp_path: Path
) -> None:
    row = {"instruction": "Do it.", "input": "1", "system": "s", "history": [["q", "a"]]}
    how = ExampleOptions(sqlite_store)
    assert len(examples_of(write(tmp_path, [row, {**row, "system": "", "history": []}]), how)) == 2
    turns = [{"role": r, "content": r} for r in ("system", "user", "assistant")]
    chat = ExampleOptions(sqlite_store)
    examples_of("messages:" + write(tmp_path, [{"messages": turns}], "m.json"), chat)
    assert how.summary.remarks() == [
        "system messages of examples, which are not sent: 1",
        "earlier turns of examples, which are not sent: 1",
    ]
    assert chat.summary.remarks() == ["system messages of examples, which are not sent: 1"]
