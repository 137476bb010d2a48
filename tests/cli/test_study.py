"""``sit study``: make, list, show, delete; mistakes are one sentence and change nothing."""

import json
from pathlib import Path

import pytest

from sit_core.cli import main
from sit_core.store import Store, open_store
from sit_core.store.studies import get_study, list_studies
from tests.factories import judge, make_run


@pytest.fixture(autouse=True)
def store(home_of_its_own) -> Store:
    """Two runs that share six examples."""
    opened = open_store()
    make_run(opened, "a", 6)
    make_run(opened, "b", 8)
    yield opened
    opened.close()


def run(capsys, *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["study", *args])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_a_study_is_made_as_asked(capsys, store: Store) -> None:
    code, out, err = run(
        capsys,
        "create",
        "pilot",
        "--runs",
        "a,b",
        "--sample",
        "4",
        "--seed",
        "7",
        "--steps",
        "repeat,summarise=S,answer",
        "--annotators",
        "2",
        "--blind",
        "--ask-order",
        "--claim-minutes",
        "5",
        "--json",
    )
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said["chain"] == "R+S+A"
    assert [s["key"] for s in said["steps"]] == ["repeat", "summarise", "answer"]
    assert said["progress"] == {"judged": 0, "slots": 16, "samples": 8, "people": 0}
    study = get_study(store, "pilot")
    assert study.runs == ("a", "b")
    assert (study.sample, study.seed, study.annotators, study.claim_minutes) == (4, 7, 2, 5.0)
    assert study.blind
    assert study.ask_order


def test_what_is_not_said_comes_from_the_examples(capsys, store: Store) -> None:
    code, out, _ = run(capsys, "create", "pilot", "--runs", "a", "--runs", "b")
    assert code == 0
    assert "12 samples (6 examples × 2 runs), steps R+A" in out
    study = get_study(store, "pilot")
    assert not study.blind
    assert "regardless of whether the answer is right" in study.guidelines
    assert "### Repeat (R)" in study.guidelines


def test_a_run_whose_name_has_a_comma_can_stand_alone(capsys, store: Store) -> None:
    make_run(store, "llama, 7b", 6)
    code, _, _ = run(capsys, "create", "x", "--runs", "llama, 7b", "--runs", "a,b")
    assert code == 0
    assert get_study(store, "x").runs == ("llama, 7b", "a", "b")
    code, _, _ = run(capsys, "create", "y", "--runs", '"llama, 7b",b')
    assert code == 0
    assert get_study(store, "y").runs == ("llama, 7b", "b")


def test_guidelines_come_from_a_file(capsys, store: Store, tmp_path: Path) -> None:
    (tmp_path / "g.md").write_text("# Règles ✓\n", encoding="utf-8")
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\xff")
    assert run(capsys, "create", "s", "--runs", "a", "--guidelines", str(tmp_path / "g.md"))[0] == 0
    assert get_study(store, "s").guidelines == "# Règles ✓\n"
    for name, word in (("bad.md", "UTF-8"), ("none.md", "can't be read"), ("", "can't be read")):
        code, _, err = run(
            capsys, "create", "t", "--runs", "a", "--guidelines", str(tmp_path / name)
        )
        assert code == 2
        assert word in err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--runs", "c"], ["no run 'c'"]),
        (["--runs", "a", "--sample", "7"], ["share 6 examples"]),
        (["--runs", "a", "--sample", "0", "--annotators", "0"], ["sample must", "Annotators"]),
        (["--runs", "a", "--steps", "repaet,answer"], ["did you mean 'repeat'"]),
        (["--runs", "a", "--sample", "x"], ["--sample"]),
        ([], ["--runs"]),
    ],
)
def test_mistakes_are_told_with_code_2_and_nothing_is_made(capsys, store, args, words) -> None:
    code, out, err = run(capsys, "create", "s", *args)
    assert (code, out) == (2, "")
    assert all(word in err for word in words)
    assert "Traceback" not in err
    assert list_studies(store) == []


def test_a_taken_name_is_code_1(capsys) -> None:
    run(capsys, "create", "s", "--runs", "a")
    code, _, err = run(capsys, "create", "s", "--runs", "a")
    assert code == 1
    assert "already" in err


def test_the_list_shows_progress(capsys, store: Store) -> None:
    assert "no studies yet" in run(capsys, "list")[1]
    assert json.loads(run(capsys, "list", "--json")[1]) == []
    run(capsys, "create", "one", "--runs", "a", "--annotators", "2")
    run(capsys, "create", "two \u202e", "--runs", "b", "--sample", "3")
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "\u202e" not in out
    assert "0/12" in out
    found = json.loads(run(capsys, "list", "--json")[1])
    assert [s["name"] for s in found] == ["two", "one"]
    assert found[1]["progress"]["slots"] == 12


def test_one_study_is_shown(capsys) -> None:
    run(capsys, "create", "one", "--runs", "a,b", "--sample", "2", "--seed", "9")
    code, out, _ = run(capsys, "show", "one")
    assert code == 0
    for piece in ("a, b", "repeat (R), answer (A)", "2, seed 9", "0 of 4", "regardless"):
        assert piece in out
    assert "guidelines" in json.loads(run(capsys, "show", "one", "--json")[1])
    code, _, err = run(capsys, "show", "oen")
    assert code == 1
    assert "did you mean 'one'" in err


def test_a_study_is_deleted_unless_somebody_judged_in_it(capsys, store: Store) -> None:
    run(capsys, "create", "one", "--runs", "a")
    run(capsys, "create", "two", "--runs", "a")
    assert run(capsys, "delete", "one")[0] == 0
    from sit_core.store.browse import Filter, page_of_hits

    judge(store, "two", page_of_hits(store, Filter())[0].id, "anna", {"repeat": "yes"})
    code, _, err = run(capsys, "delete", "two")
    assert code == 1
    assert "never thrown away" in err
    assert [s.name for s in list_studies(store)] == ["two"]


def test_practice_samples_are_drawn_given_demanded_and_taken_out(
    capsys, store: Store, tmp_path: Path
) -> None:
    run(capsys, "create", "s", "--runs", "a,b", "--sample", "4")
    file = tmp_path / "practice.jsonl"
    file.write_text('{"input": "q", "output": "o", "verdicts": {"answer": "no"}}\n', "utf-8")
    code, out, err = run(
        capsys, "practice", "s", "--draw", "2", "--worked", "--file", str(file), "--required",
        "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert (said["study"], said["required"], len(said["samples"])) == ("s", True, 8)
    assert said["samples"][0]["verdicts"] == {"answer": "no"}
    first = str(said["samples"][0]["id"])
    code, out, err = run(capsys, "practice", "s", "--remove", first, "--optional")
    assert (code, err) == (0, "")
    assert "7 practice samples; may be skipped" in out
    shown = json.loads(run(capsys, "show", "s", "--json")[1])
    assert shown["practice"] == {"samples": 7, "required": False}
    assert shown["guidelines_version"] == 1
    assert shown["progress"]["samples"] == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draw", "9"), "share 2 examples"),
        (("--remove", "77"), "has no practice sample 77"),
        (("--file", "not there"), "can't be read"),
        (("--draw", "0"), "at least 1"),
    ],
)
def test_mistakes_with_practice_are_one_sentence_and_change_nothing(
    capsys, store: Store, words: tuple[str, ...], said: str
) -> None:
    run(capsys, "create", "s", "--runs", "a,b", "--sample", "4")
    code, _, err = run(capsys, "practice", "s", *words)
    assert code == 2
    assert said in err
    assert json.loads(run(capsys, "practice", "s", "--json")[1])["samples"] == []
