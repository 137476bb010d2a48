"""Stored mixtures: names, both formats of a file, and what is pushed to the hub."""

import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.augment import manifest as statistics
from sit_core.augment import push_to_hub as pushing
from sit_core.augment.config import MixtureConfig
from sit_core.augment.mixture import write_mixture
from sit_core.augment.mixtures import (
    StoredMixture,
    in_format,
    lay_down,
    mixtures,
    name_of,
    words_for,
)
from sit_core.augment.push_to_hub import hub_token, push_mixture
from sit_core.errors import SitError, UsageError
from sit_core.figures.tables import lengths_figure
from tests.augment.conftest import rows_of


def shelved(home: Path, source: Path, **settings: Any) -> StoredMixture:
    config = MixtureConfig(sources=(str(source),), chains=("R+A",), **settings)
    write_mixture(config, lay_down("mine", config, home).parent / "mine.jsonl")
    return next(mixture for mixture in mixtures(home) if mixture.name == "mine")


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(pushing).failed == 0
    assert doctest.testmod(statistics).failed == 0


def test_what_is_laid_down_and_made_is_found_again(data: Path, tmp_path: Path) -> None:
    mixture = shelved(tmp_path, data, held_out=1)
    assert mixture.train.is_file()
    assert mixture.held_out is not None
    assert mixture.made["sequential"] == 2
    words = words_for("mine", tmp_path)
    assert name_of(words, tmp_path) == "mine"
    assert name_of(["augment", "--source=x", "--out=y"], tmp_path) is None
    with pytest.raises(UsageError, match="There is a mixture 'mine' already"):
        lay_down("mine", mixture.config, tmp_path)


@pytest.mark.parametrize("name", ["", " \n", "a" * 201])
def test_what_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mixture"):
        lay_down(name, MixtureConfig(sources=("x",)), tmp_path)


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "a" * 81, "ä"])
def test_any_name_stays_in_its_folder(name: str, tmp_path: Path, data: Path) -> None:
    path = lay_down(name, MixtureConfig(sources=("x",)), tmp_path)
    assert path.parent.parent == tmp_path / "mixtures"
    assert name_of(words_for(name, tmp_path), tmp_path) == name
    write_mixture(MixtureConfig(sources=(str(data),), chains=("R+A",)), path.parent / "m.jsonl")
    assert [mixture.name for mixture in mixtures(tmp_path)] == [name]


def test_a_broken_manifest_is_left_out(data: Path, tmp_path: Path) -> None:
    shelved(tmp_path, data)
    other = tmp_path / "mixtures" / "other"
    other.mkdir()
    (other / "other.manifest.yaml").write_text("sources: [")
    assert [mixture.name for mixture in mixtures(tmp_path)] == ["mine"]


@pytest.mark.parametrize("written_in", ["alpaca", "messages"])
def test_a_file_in_both_formats(data: Path, tmp_path: Path, written_in: str) -> None:
    mixture = shelved(tmp_path, data, format=written_in)
    chat = [json.loads(line) for line in in_format(mixture.train, "messages")]
    rows = [json.loads(line) for line in in_format(mixture.train, "alpaca")]
    assert rows_of(mixture.train) == (rows if written_in == "alpaca" else chat)
    for row, turns in zip(rows, chat, strict=True):
        assert turns["messages"][1]["content"] == row["output"]
        assert row["instruction"] in turns["messages"][0]["content"]
        assert row["steps"] == turns["steps"]
    (tmp_path / "x.jsonl").write_text("{}\n")
    with pytest.raises(SitError, match=r"x.jsonl can't be read"):
        list(in_format(tmp_path / "x.jsonl", "messages"))


class FakeApi:
    """Keeps what it is given."""

    def __init__(self, token: str, fault: str = "") -> None:
        self.token, self.fault, self.repos, self.files = token, fault, [], {}

    def create_repo(self, repo: str, **how: Any) -> None:
        if self.fault:
            raise RuntimeError(self.fault)
        self.repos.append((repo, how))

    def upload_file(self, *, path_or_fileobj: Any, path_in_repo: str, **_: Any) -> None:
        data = path_or_fileobj
        self.files[path_in_repo] = data if isinstance(data, bytes) else Path(data).read_bytes()


def test_a_push_takes_the_files_and_no_path_of_this_machine(data: Path, tmp_path: Path) -> None:
    mixture = shelved(tmp_path, data, held_out=1)
    apis: list[FakeApi] = []

    def make(token: str) -> FakeApi:
        apis.append(FakeApi(token))
        return apis[-1]

    where = push_mixture(mixture, "me/set", "hf_secret", api=make)
    (api,) = apis
    assert where.endswith("/datasets/me/set")
    assert api.repos[0][0] == "me/set"
    assert api.repos[0][1]["private"] is True
    assert set(api.files) == {"train.jsonl", "heldout.jsonl", "manifest.yaml", "README.md"}
    assert api.files["train.jsonl"] == mixture.train.read_bytes()
    for content in (api.files["manifest.yaml"], api.files["README.md"]):
        assert str(tmp_path).encode() not in content
        assert b"hf_secret" not in content
    assert b"data.json" in api.files["manifest.yaml"]


def test_a_refused_push_is_one_sentence_without_the_token(data: Path, tmp_path: Path) -> None:
    mixture = shelved(tmp_path, data)
    with pytest.raises(SitError) as caught:
        push_mixture(
            mixture, "me/set", "hf_secret", api=lambda t: FakeApi(t, f"403\nfor {t} at me/set")
        )
    assert str(caught.value) == "The hub did not take me/set: 403 for (the token) at me/set"
    assert caught.value.__cause__ is None
    with pytest.raises(UsageError, match="owner/name"):
        push_mixture(mixture, "set", "hf_secret", api=FakeApi)


def test_the_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", " hf_x ")
    assert hub_token() == "hf_x"


def test_the_figure_of_lengths_counts_every_row(data: Path, tmp_path: Path) -> None:
    made = shelved(tmp_path, data).made
    figure = lengths_figure(made)
    assert [sum(bar.y) for bar in figure.data] == [4, 4]
    assert figure.data[0].x[0] == "empty"
    assert figure.data[0].y[0] == 1
