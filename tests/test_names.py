"""One rule for names, and a folder for each: what was possible before stays where it is."""

import doctest
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sit_core import names
from sit_core.augment.config import MixtureConfig
from sit_core.augment.mixtures import lay_down, name_of, words_for
from sit_core.cli import main
from sit_core.errors import UsageError
from sit_core.names import MAX_NAME, clean_name, name_fault, slug
from sit_core.seq_instruct.folder import SetFolder
from sit_core.store import Store
from sit_core.store.judgments import annotator_name
from sit_core.store.runs import list_runs
from sit_core.store.studies import StudyPlan, create_study, get_study
from sit_core.train.folder import TrainingFolder
from tests.factories import make_run

ANY = st.text(max_size=300)
HOSTILE = (
    "Ann__B",
    "../../etc",
    "a/b\\c",
    "CON",
    "con.txt",
    "Größe 7 %",
    "名前",
    "a,b",
    "~",
    "x.",
    "-rf",
)


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(names).failed == 0


@given(ANY)
@example("u\u0308 \u00a0\x00\ud800\u202e x\r\ny")
def test_a_clean_name_is_one_line_of_composed_text_and_stays_so(name: str) -> None:
    clean = clean_name(name)
    assert clean_name(clean) == clean == clean.strip()
    assert clean == unicodedata.normalize("NFC", clean)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in clean)
    clean.encode()  # any database and any file takes it
    assert (name_fault(name, "run") == "") == (0 < len(clean) <= MAX_NAME)


@given(ANY.map(clean_name).filter(bool), ANY.map(clean_name).filter(bool))
def test_each_name_has_a_slug_of_its_own_that_any_system_takes(one: str, other: str) -> None:
    for name in (one, other):
        assert 0 < len(slug(name)) <= 100
        assert slug(name).isascii()
        assert not set(slug(name)) & set('/\\:*?"<>| \0')
        assert slug(name) not in (".", "..")
        assert not slug(name).endswith(".")
        assert slug(slug(name)) == slug(name) or "~" in slug(name)
    assert (slug(one) == slug(other)) == (one == other)


@pytest.mark.parametrize("name", ["sit", "sit-repeat+1", "v1.5", "_x", "A" * 80])
def test_names_that_were_possible_before_are_their_own_folder(name: str, tmp_path: Path) -> None:
    assert slug(name) == name
    assert TrainingFolder(name, tmp_path).path == tmp_path / "training" / name
    assert SetFolder.of(name, tmp_path).path == tmp_path / "seq_instruct" / name
    assert words_for(name, tmp_path)[2].endswith(f"/mixtures/{name}/{name}.jsonl")


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_has_a_folder_inside_and_is_found_again(name: str, tmp_path: Path) -> None:
    training, instructions = TrainingFolder(name, tmp_path), SetFolder.of(name, tmp_path)
    for folder in (training, instructions):
        folder.make()
        assert folder.path.parent.parent == tmp_path
        assert names.name_of(folder.path) == name
    lay_down(name, MixtureConfig(sources=("x.json",)), tmp_path)
    assert name_of(words_for(name, tmp_path), tmp_path) == name
    assert {p.parent.parent for p in tmp_path.glob("mixtures/*/*")} == {tmp_path / "mixtures"}


def test_a_folders_note_that_is_another_name_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / slug("a b")
    folder.mkdir()
    (folder / "name.txt").write_text("../evil\n")
    assert names.name_of(folder) == folder.name


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_goes_for_runs_and_studies(name: str, store: Store) -> None:
    make_run(store, name, 1)
    assert get_study(store, create_study(store, StudyPlan(f"  {name}\n", [name])).name).name == name


def test_a_study_without_a_visible_name_is_refused(store: Store) -> None:
    make_run(store, "a", 1)
    for name in ("", " \t", "\u200b\u202e"):
        with pytest.raises(UsageError, match="A study needs a name"):
            create_study(store, StudyPlan(name, ["a"]))
    with pytest.raises(UsageError, match="200 characters"):
        create_study(store, StudyPlan("x" * 201, ["a"]))


def test_a_run_from_before_the_rule_is_found_by_its_own_name(
    sqlite_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"instruction": "Say hi.", "output": "hi", "steps": "answer"}
    for raw in ("Gro\u0308\u00dfe", " a  b "):
        make_run(sqlite_store, raw, 1)
    for i, raw in enumerate(("Gro\u0308\u00dfe", " a  b ", "Nu\u0308sse  1")):
        file = tmp_path / f"{i}.jsonl"
        file.write_text(json.dumps({**row, "run": raw}) + "\n")
        with pytest.raises(SystemExit) as ended:
            main(["import", str(file), "--map", "run=run"])
        assert ended.value.code == 0, capsys.readouterr().err
    found = {run.name: run.outputs for run in list_runs(sqlite_store)}
    assert found == {"Gro\u0308\u00dfe": 2, " a  b ": 2, "N\u00fcsse 1": 1}


def test_an_annotator_from_before_the_rule_is_the_same_person() -> None:
    name = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    bare = name.replace("\u200c", "")
    assert annotator_name(name, []) == name
    assert annotator_name(name, [bare]) == bare
    assert annotator_name(name, [bare, name]) == name
