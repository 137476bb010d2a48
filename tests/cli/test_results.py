"""``sit results``: the same figures as the functions, readable and as JSON."""

import json

import pytest

from sit_core.cli import main
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import open_store
from tests.factories import judge, make_run, make_study


@pytest.fixture(autouse=True)
def judged():
    """Two runs of four samples, judged by two annotators."""
    store = open_store()
    a, b = make_run(store, "m1", 4), make_run(store, "m2\x1b[31m", 4)
    make_study(store, "s", ["m1", "m2\x1b[31m"], annotators=2)
    for who in ("ann", "bob"):
        for prediction, verdict in zip(a, ("yes", "yes", "partly", "no"), strict=True):
            judge(store, "s", prediction, who, {"repeat": verdict, "answer": "yes"})
        for prediction in b[:3]:
            judge(store, "s", prediction, who, {"repeat": "no", "answer": "unsure"})
    yield store
    store.close()


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(args))
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_following_as_json_is_the_table(judged, capsys) -> None:
    code, out, _ = run(capsys, "results", "following", "--study", "s", "--json")
    assert code == 0
    table = following(judged, TableQuery("s")).to_dict()
    assert json.loads(out) == {**table, "prompt_sets": {}}  # of runs that a test put there itself
    _, out, _ = run(
        capsys,
        "results",
        "following",
        "--study",
        "s",
        "--runs",
        "m1",
        "--partly",
        "not-done",
        "--json",
    )
    assert [(r["letter"], r["followed"], r["n"]) for r in json.loads(out)["rows"]] == [
        ("R", 2, 4),
        ("A", 4, 4),
        ("R+A", 2, 4),
    ]


def test_following_as_text_is_readable_and_obeys_no_control_characters(capsys) -> None:
    code, out, _ = run(capsys, "results", "following", "--study", "s")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split()[:5] == ["run", "step", "followed", "n", "rate"]
    assert " ".join(lines[1].split()) == "m1 R 3 4 75.0 % 20.4 % – 98.7 % 0 0"
    assert "Judged by: ann (7), bob (7)" in out
    assert "\x1b" not in out
    assert "m2\\x1b[31m" in out


def test_compare_counts_pairs_and_lists_them(capsys) -> None:
    args = ["results", "compare", "--study", "s", "--runs", "m1,m2\x1b[31m"]
    code, out, _ = run(capsys, *args, "--json")
    found = json.loads(out)
    assert code == 0
    first = found["rows"][0]
    assert (first["letter"], first["only_first"], first["n"]) == ("R", 3, 3)
    assert found["rows"][0]["p_mcnemar"] == 0.25
    assert found["rows"][0]["p"] == pytest.approx(0.0935, abs=1e-3)
    assert found["rows"][0]["method"] == "bonett-price"
    assert found["level"] == 0.95
    assert len([d for d in found["differences"] if d["step"] == "repeat"]) == 3
    _, out, _ = run(capsys, *args, "--list", "repeat")
    assert out.splitlines()[5].split()[:6] == ["R", "0", "3", "0", "0", "3"]
    assert all(d["predictions"][0] in out for d in found["differences"])


def test_agreement_has_kappa(capsys) -> None:
    code, out, _ = run(capsys, "results", "agreement", "--study", "s")
    assert code == 0
    assert out.splitlines()[1].split() == [
        "R",
        "ann",
        "–",
        "bob",
        "7",
        "100.0",
        "%",
        *("1.00", "0.17", "–", "1.00"),  # κ with its interval, then α
        *("1.00", "0.18", "–", "1.00"),
    ]


def test_mistakes_are_one_sentence_with_a_suggestion(capsys) -> None:
    code, out, err = run(capsys, "results", "following", "--study", "S1")
    assert (code, out) == (1, "")
    assert "There is no study 'S1'; known: s." in err
    code, _, err = run(capsys, "results", "following")
    assert code == 2
    assert "Name a study (--study NAME)" in err
    code, _, err = run(capsys, "results", "compare", "--study", "s", "--runs", "m1")
    assert code == 2
    assert "exactly two runs" in err


def test_a_run_s_name_may_have_a_comma(judged, capsys) -> None:
    make_run(judged, "a, b", 1)
    code, out, _ = run(capsys, "results", "following", "--runs", '"a, b",m1', "--json")
    assert code == 0
    assert {row["run"] for row in json.loads(out)["rows"]} == {"a, b", "m1"}
