"""The configuration: one YAML, all faults at once."""

from pathlib import Path

import pytest

from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import UsageError
from sit_core.models.usage import Prices
from sit_core.seq_instruct.config import SeqInstructConfig, WriterModel, read_config
from sit_core.seq_instruct.folder import SetFolder, differences

WRITER = WriterModel("m", backend="openai", base_url="http://localhost:1/v1")


def test_a_model_samples_as_the_paper_did_unless_it_is_said() -> None:
    text = "sources: [a]\nwriter: {model: m}\nrefine: {model: n, temperature: 0}"
    config = read_yaml(SeqInstructConfig, text)
    writer = config.writer_of("classify")
    assert isinstance(writer, WriterModel)
    how = writer.generation()
    assert (how.temperature, how.top_p, how.top_k, how.max_new_tokens) == (1.0, 0.9, 50, 2048)
    other = config.writer_of("refine")
    assert isinstance(other, WriterModel)
    assert (other.model, other.temperature) == ("n", 0)


def test_it_comes_back_from_its_yaml() -> None:
    config = SeqInstructConfig(("a",), writer=WRITER, respond="rules", prices=Prices(1, 2, 3))
    assert read_yaml(SeqInstructConfig, to_yaml(config)) == config
    assert read_yaml(SeqInstructConfig, to_yaml(config, defaults=True)) == config


def test_all_faults_are_said_at_once() -> None:
    text = """
sources: []
iterations: 0
attempts: 99
limit: 0
gates: [unchangd]
duplicate_similarity: 2
prompts: /no/such/folder
wrtier: rules
generate: {model: m, temperature: 9, prices: {input: 1, budget: 3}}
prices: {budget: 5}
"""
    with pytest.raises(UsageError) as caught:
        read_yaml(SeqInstructConfig, text)
    said = str(caught.value)
    for part in (
        "sources: Expected at least one",
        "iterations: Expected at least 1",
        "attempts: Expected at most 20",
        "limit: Expected at least 1",
        "did you mean 'unchanged'",
        "duplicate_similarity: Expected",
        "prompts: There is no folder",
        "did you mean 'writer'",
        "generate.temperature: Expected at most 5",
        "generate: prices: The budget is one for all",
        "prices: A budget needs prices",
    ):
        assert part in said


def test_what_changes_no_result_may_change_on_the_way() -> None:
    one = SeqInstructConfig(("a",), writer=WRITER)
    moved = WriterModel("m", backend="openai", base_url="http://elsewhere:2/v1", in_flight=3)
    same = SeqInstructConfig(
        ("a",), writer=moved, prices=Prices(1, 1, 9), iterations=4, wave=7, format="messages"
    )
    assert differences(one, same) == []
    other = SeqInstructConfig(("a",), writer=WriterModel("n"), seed=1, attempts=2)
    assert differences(one, other) == ["seed", "writer", "attempts"]


@pytest.mark.parametrize("name", [".hidden", "a/b", "../a", "/a", "..", "x" * 200, "é", "CON"])
def test_a_name_may_be_any_text_and_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    folder = SetFolder.of(name, tmp_path)
    assert folder.name == name
    assert folder.path.parent == tmp_path / "seq_instruct"
    assert not folder.path.name.startswith(".")
    assert folder.path.resolve() == folder.path
    assert folder.path != SetFolder.of("other", tmp_path).path


@pytest.mark.parametrize("name", ["", " \n", "\u200b", "x" * 201])
def test_no_name_and_one_that_is_too_long_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"needs a name|at most"):
        SetFolder.of(name)


def test_a_file_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_config(tmp_path / "no.yaml")
