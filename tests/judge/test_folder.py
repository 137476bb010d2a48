"""A judge is its folder: read with all its faults, hashed by what matters, saved as one's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.judge.folder import Judge, JudgeSettings, judges, load_judge, own_folder, save_judge

PROMPT = "Asked: {instruction}\n\nSaid: {output}\n\nSay [[Yes, 5]]."


def test_the_judges_of_the_program() -> None:
    assert judges() == ["pairwise", "seqeval", "steps"]
    for name in judges():
        judge = load_judge(name)
        assert judge.shipped
        assert judge.settings.description
        assert [*judge.faults()] == []


def test_a_judge_of_ones_own_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    made = save_judge(Judge("mine", JudgeSettings("following-all", "Mine."), PROMPT))
    assert made.folder == own_folder() / "mine"
    assert "mine" in judges()
    assert load_judge("mine") == made
    elsewhere = tmp_path / "elsewhere" / "mine"
    elsewhere.parent.mkdir()
    made.folder.rename(elsewhere)
    assert load_judge(str(elsewhere)).sha256 == made.sha256
    with pytest.raises(SitError, match="There is no judge 'mine'"):
        load_judge("mine")


def test_what_verdicts_depend_on_is_in_the_hash_and_nothing_else_is() -> None:
    judge = load_judge("seqeval")
    described = replace(judge, settings=replace(judge.settings, description="Other words."))
    told = replace(judge, prompt=judge.prompt + " Please.")
    scaled = replace(judge, settings=replace(judge.settings, highest=10.0))
    assert described.sha256 == judge.sha256
    assert len({judge.sha256, told.sha256, scaled.sha256}) == 3


@pytest.mark.parametrize(
    ("yaml", "prompt", "says"),
    [
        ("kind: folowing-all", PROMPT, ["did you mean 'following-all'"]),
        ("kind: following-all", "Say yes. {outptu}", ["did you mean '{output}'", "must hold"]),
        ("kind: pairwise", "{instruction} {first}", ["must hold {second}"]),
        ("kind: following-all\nlowest: 5\nhighest: 1", PROMPT, ["lowest quality must be below"]),
        ("kind: following-all\ngeneration: {temperature: 9}", PROMPT, ["at most 5, but found 9"]),
        ("kind: following-all\nknid: 1", PROMPT, ["There is no setting 'knid'"]),
        ("kind: [", PROMPT, ["This is no YAML"]),
        ("kind: following-all", None, ["lacks its file prompt.txt"]),
    ],
)
def test_a_folder_that_will_not_do_says_why(
    tmp_path: Path, yaml: str, prompt: str | None, says: list[str]
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "judge.yaml").write_text(yaml)
    if prompt is not None:
        (folder / "prompt.txt").write_text(prompt)
    with pytest.raises(UsageError) as caught:
        load_judge(str(folder))
    for sentence in says:
        assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", ".hidden", "x" * 61])
def test_names_stay_inside_the_folder(name: str) -> None:
    with pytest.raises(UsageError, match="A judge's name"):
        save_judge(Judge(name, JudgeSettings("following-all"), PROMPT))
    assert not own_folder().exists()


def test_the_programs_own_can_not_be_replaced() -> None:
    with pytest.raises(UsageError, match="comes with the program"):
        save_judge(replace(load_judge("seqeval"), prompt=PROMPT))
    (own_folder() / "seqeval").mkdir(parents=True)
    (own_folder() / "seqeval" / "judge.yaml").write_text("kind: pairwise")
    assert load_judge("seqeval").settings.kind == "following-all"
    assert judges().count("seqeval") == 1


def test_a_judge_that_will_not_do_is_not_saved() -> None:
    with pytest.raises(UsageError, match=r"must hold \{instruction\}, \{output\}"):
        save_judge(Judge("mine", JudgeSettings("following-all"), "Yes?"))
    assert "mine" not in judges()


def test_a_judge_that_cant_be_replaced_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    made = save_judge(Judge("mine", JudgeSettings("following-all", "Mine."), PROMPT))

    def full(_stream: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sit_core.files.to_disk", full)
    with pytest.raises(SitError, match="No space left"):
        save_judge(replace(made, prompt=PROMPT + "\n\nBe brief."))
    assert load_judge("mine") == made
