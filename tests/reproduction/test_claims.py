"""The plan, the seeds' files and the report on them; counted again by other means."""

import json
from pathlib import Path

import pytest

from sit_core.embedded.quiz_tests import TESTS, quiz_questions
from sit_core.embedded.world import World
from sit_core.errors import SitError
from sit_core.reproduction import claims as module
from sit_core.reproduction.claims import (
    KEPT,
    SEEDS,
    claims_report,
    keep_claims,
    kept_claims,
    read_plan,
    seeds_there,
)
from sit_core.reproduction.seed_files import (
    FOLLOWS_GIVEN,
    QUESTIONS_FILE,
    read_lines,
    values_of,
    write_lines,
)
from sit_core.reproduction.seed_samples import samples_of
from sit_core.results.claims import NOT_TESTABLE, Quantity

COUNT = 12


def write_seed(folder: Path, seed: int) -> None:
    """Outputs that are known: SIT(+R) does all, IT answers alone, the base writes nothing."""
    asked = quiz_questions(World(seed), COUNT)
    place = folder / str(seed)
    place.mkdir(parents=True)
    write_lines(place / QUESTIONS_FILE, [one.to_dict() for one in asked])

    def rows(write) -> list[dict]:
        return [
            {"test": test, "place": i, "output": write(test, one)}
            for test in TESTS
            for i, one in enumerate(asked)
        ]

    def whole(test, one) -> str:
        texts = {"R": one.input, "P": one.paraphrase, "A": one.reference}
        return "\n".join(texts[letter] for letter in test.split("+"))

    write_lines(place / "base.jsonl.gz", rows(lambda test, one: ""))
    write_lines(place / "it.jsonl.gz", rows(lambda test, one: one.reference))
    forced = [
        {
            "test": "R+A",
            "place": i,
            "output": (one.corrupted_answers or [one.reference])[0],
            "condition": "corrupted",
            "where": "output",
        }
        for i, one in enumerate(asked)
        if one.corrupted
    ]
    write_lines(place / "sit-repeat.jsonl.gz", rows(whole) + forced)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in (1, 2):
        write_seed(tmp_path, seed)
    return tmp_path


def test_the_plan_names_every_table_and_analysis_and_says_why_not() -> None:
    plan = read_plan()
    sources = {claim.source for claim in plan.claims}
    assert {"Table 1", "Table 2", "Table 5", "Table 6", "Figure 3", "adversarial"} <= sources
    assert len(plan.judged) == 5
    assert plan.chosen_on not in plan.judged
    for claim in plan.claims:
        assert bool(claim.not_testable) == (claim.value is None)
        assert claim.criterion
        if claim.source.startswith("Table"):
            assert claim.paper, claim.id


def test_the_values_are_what_the_outputs_say(folder: Path) -> None:
    values = values_of(folder / "1")
    for model, test, metric, step, wanted in (
        ("sit-repeat", "R+A", "following", "", 1),
        ("sit-repeat", "P+R+P+A", "following", "", 1),
        ("sit-repeat", "R+P+A", "rouge-l", "", 1),
        ("it", "A", "accuracy", "", 1),
        ("it", "R+A", "following", "", 0),
        ("it", "R+A", "following", "answer", 1),
        ("it", "R+A", "following", "repeat", 0),
        ("base", "A", "following", "", 0),
        ("base", "A", "accuracy", "", 0),
        ("base", "R+A", "rouge-l", "repeat", 0),
    ):
        assert set(values[Quantity(model, test, metric, step)]) == {wanted}, (model, test, metric)
    given = values[Quantity("sit-repeat", "R+A", FOLLOWS_GIVEN, "corrupted", "corrupted", "output")]
    asked = list(read_lines(folder / "1" / QUESTIONS_FILE))
    assert given == [1.0 if one["corrupted"] else None for one in asked]
    own = values[Quantity("sit-repeat", "R+A", FOLLOWS_GIVEN, "corrupted")]
    assert set(own) <= {0.0, None}


def test_claims_without_outputs_are_never_reproduced(folder: Path) -> None:
    found = {r.claim.id: r for r in claims_report(folder).results}
    assert found["t1-sit-follows"].verdict == "reproduced"
    assert found["t1-it-over-prompt"].verdict == "not reproduced"
    assert found["t2-paraphrase"].verdict == NOT_TESTABLE, "SIT(+P) has no outputs here"
    assert found["t1-bertscore"].verdict == NOT_TESTABLE
    assert claims_report(folder).seeds == (1, 2)


def test_nothing_there_judges_nothing(tmp_path: Path) -> None:
    assert {r.verdict for r in claims_report(tmp_path).results} == {NOT_TESTABLE}


def test_kept_verdicts_are_read_and_made_anew_when_an_output_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = claims_report(folder)
    keep_claims(first, folder)
    with monkeypatch.context() as patch:
        patch.setattr(module, "values_of", lambda place: pytest.fail("scored though kept"))
        assert kept_claims(folder).results == first.results
    rows = list(read_lines(folder / "1" / "it.jsonl.gz"))
    rows[0]["output"] += " "
    write_lines(folder / "1" / "it.jsonl.gz", rows)
    with monkeypatch.context() as patch:
        patch.setattr(module, "values_of", lambda place: (_ for _ in ()).throw(LookupError))
        with pytest.raises(LookupError):
            kept_claims(folder)
    (folder / KEPT).write_text("{", encoding="utf-8")
    assert kept_claims(folder).seeds == (1, 2)


def test_a_wrong_plan_lists_all_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "about: x\nseeds: {chosen_on: 0, judged: [1]}\nquestions: 3\nmodels: {it: IT}\nclaims:\n"
        "- {id: a, source: s, text: t, value: {model: gone, test: A, metric: accuracy}, above: 0}\n"
        "- {id: a, source: s, text: t}\n"
        "- {id: b, source: s, text: t, value: {model: it, test: A, metric: a, condition: true}}\n"
        "- {id: c, source: s, text: t, not_testable: w, colour: red}\n",
        encoding="utf-8",
    )
    with pytest.raises(SitError) as error:
        read_plan(path)
    for part in ("no model 'gone'", "a: needs either a value", "a: stands there twice"):
        assert part in str(error.value)
    for part in ("b: needs either above or below", "b: condition is no text", "c: unknown colour"):
        assert part in str(error.value)


def test_a_damaged_file_is_one_sentence(folder: Path) -> None:
    (folder / "2" / "it.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(SitError, match=r"2/it\.jsonl\.gz can't be read"):
        claims_report(folder)


def test_the_samples_of_a_claim_add_up_to_its_figure(folder: Path) -> None:
    plan = read_plan()
    claim = next(c for c in plan.claims if c.id == "t1-sit-follows")
    rows = samples_of(claim, 1, plan.models, folder)
    assert len(rows) == COUNT
    assert {row["following by SIT(+R) on R+A"] for row in rows} == {"1"}
    assert {row["following by IT on R+A"] for row in rows} == {"0"}
    assert all(row["output: following by IT on R+A"] == row["right answer"] for row in rows)


@pytest.mark.skipif(not seeds_there(read_plan()), reason="no seeds ship yet")
def test_what_ships_was_judged_by_this_plan_and_these_rules() -> None:
    kept = json.loads((SEEDS / KEPT).read_text(encoding="utf-8"))
    assert kept["of"] == module._state(SEEDS, read_plan())


@pytest.mark.skipif(not seeds_there(read_plan()), reason="no seeds ship yet")
def test_shipped_questions_are_those_of_their_seed_and_held_out() -> None:
    plan = read_plan()
    for seed in seeds_there(plan):
        rows = [
            json.loads(json.dumps(one.to_dict()))
            for one in quiz_questions(World(seed), plan.questions)
        ]
        assert list(read_lines(SEEDS / str(seed) / QUESTIONS_FILE)) == rows
        said = json.loads((SEEDS / str(seed) / module.OVERLAP).read_text(encoding="utf-8"))
        for of in said.values():
            assert (of["exact"], of["normalised"], of["inputs"]) == (0, 0, 0)
