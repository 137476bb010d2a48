"""``sit score``: scores are stored and printed; what has no value is counted with its reason."""

import json
import sys

import pytest
from sqlalchemy import update

from sit_core.cli import main
from sit_core.jobs import JobState, current_job, current_jobs
from sit_core.statistics import share_clusters
from sit_core.store import open_store
from sit_core.store.schema import scores
from sit_core.store.scores import score_table
from tests.factories import make_run
from tests.jobs.conftest import ended

Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea"
OUTPUTS = [f"{Q}\nAnswer: B", "B", ""]


@pytest.fixture(autouse=True)
def store():
    opened = open_store()
    inputs = [Q, Q + " ", Q + "  "]
    make_run(opened, "m1", OUTPUTS, inputs=inputs, expected=True)
    make_run(opened, "m2\x1b[31m", ["", "", Q], inputs=inputs, expected=True)
    yield opened
    opened.close()


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["score", *args])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_scores_as_json_are_what_the_store_holds(store, capsys) -> None:
    code, out, _ = run(capsys, "--run", "m1", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["runs"] == ["m1"]
    rows = {(r["metric"], r["step"]): r for r in found["rows"]}
    assert rows["following", "answer"]["mean"] == pytest.approx(2 / 3)
    assert rows["rouge-l", None]["scored"] == 1
    assert rows["rouge-l", None]["unparsed"] == 2
    assert rows["rouge-l", None]["reasons"] == {
        "the input is not repeated": 1,
        "the output is empty": 1,
    }
    assert len(score_table(store, ["m1"])) == len(found["rows"])


def test_scores_as_text_obey_no_control_characters(capsys) -> None:
    code, out, _ = run(capsys, "--run", "m1", "--run", "m2\x1b[31m")
    assert code == 0
    assert "\x1b" not in out
    lines = [" ".join(x.split()) for x in out.splitlines()]
    assert lines[0] == (
        "run metric settings step mean 95 % interval n with a value their mean left out not scored"
    )
    # The three questions differ by blanks at their ends: one prompt, asked three times.
    low, high = (f"{100 * end:.1f}" for end in share_clusters([2], [3]).ends)
    assert f"m1 following rules-4 answer 66.7 {low} – {high} 3 100.0 % 66.7 0 0" in lines
    assert any(line.startswith("95 % by wilson-open, prompts repeat: ") for line in lines)
    assert "the output is empty" in out
    assert "estimate" in out


def test_the_rules_verdicts_are_there_for_sit_results(capsys) -> None:
    run(capsys, "--run", "m1", "--metrics", "following")
    with pytest.raises(SystemExit):
        main(["results", "following", "--runs", "m1", "--by", "rule", "--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(r["letter"], r["followed"], r["n"]) for r in rows][:3] == [
        ("R", 1, 3),
        ("A", 2, 3),
        ("R+A", 1, 3),
    ]


def test_only_the_settings_asked_for_are_printed(capsys) -> None:
    run(capsys, "--run", "m1", "--metrics", "rouge-l")
    _, out, _ = run(
        capsys, "--run", "m1", "--metrics", "rouge-l", "--tokenizer", "rouge_score", "--json"
    )
    assert {r["how"] for r in json.loads(out)["rows"]} == {"rouge_score"}


def test_bertscore_scores_only_what_has_no_score_yet(capsys, monkeypatch) -> None:
    asked: list[int] = []

    def fake(pairs, *args, **kwargs):
        asked.append(len(pairs))
        return [0.5] * len(pairs)

    monkeypatch.setattr("sit_core.metrics.registry.bert_score", fake)
    args = ["--run", "m1", "--metrics", "bertscore", "--encoder", "e", "--layers", "3", "--json"]
    _, out, _ = run(capsys, *args)
    _, again, _ = run(capsys, *args)
    assert asked == [1]
    assert json.loads(out) == json.loads(again)
    assert json.loads(out)["rows"][0]["how"] == "e, layer 3"
    run(capsys, *args, "--again")
    assert asked == [1, 1]


def test_a_scoring_is_a_job_that_the_pages_see(store, capsys) -> None:
    run(capsys, "--run", "m1", "--run", "m1", "--metrics", "accuracy,following")
    (job,) = current_jobs(store)
    assert job.command == ("score", "--run=m1", "--metrics=accuracy,following")
    assert (job.state, job.done, job.total) == ("done", 6, 6)
    assert job.reason == "3 outputs scored by accuracy, following"
    assert job.run is None  # it does not write the run: its predictions' job stays its newest


def test_results_scores_shows_what_is_stored_and_scores_nothing(capsys) -> None:
    _, made, _ = run(capsys, "--run", "m1", "--json")

    def results(*args: str) -> str:
        with pytest.raises(SystemExit):
            main(["results", "scores", *args])
        return capsys.readouterr().out

    assert json.loads(results("--runs", "m1", "--json")) == json.loads(made)
    assert json.loads(results("--json"))["runs"] == ["m1"]
    rows = json.loads(results("--runs", "m1", "--metrics", "accuracy", "--json"))["rows"]
    assert [r["metric"] for r in rows] == ["accuracy"]
    assert rows[0]["method"] is None  # there is nothing to compare with
    bare = json.loads(results("--runs", "m2\x1b[31m", "--json"))
    assert (bare["rows"], bare["not scored"]) == ([], ["m2\x1b[31m"])


def test_a_detached_scoring_is_resumed_where_it_was(store, capsys) -> None:
    code, out, _ = run(capsys, "--run", "m1", "--metrics", "accuracy", "--detach")
    assert code == 0
    job = current_job(store, json.loads(out)["job"])
    done = ended(store, job)
    assert (done.state, done.done) == (JobState.DONE, 3)
    assert score_table(store, ["m1"])[0].unparsed == 3


def test_without_the_package_bertscore_says_so_in_one_line(capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "bert_score", None)
    code, out, err = run(capsys, "--run", "m1", "--metrics", "bertscore", "--json")
    assert code == 1
    assert out == ""
    assert err.startswith("sit: BERTScore needs the package")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--run", "m3"], 2, "did you mean 'm1'"),
        (["--run", "m1", "--metrics", "acuracy"], 2, "did you mean 'accuracy'"),
        (["--run", "m1", "--metrics", ","], 2, "names none"),
        ([], 2, "--run"),
    ],
)
def test_wrong_usage_is_said(capsys, args, code, says) -> None:
    found, _, err = run(capsys, *args)
    assert found == code
    assert says in err


def test_scores_of_an_earlier_version_are_told_where_they_are_shown(store, capsys) -> None:
    run(capsys, "--run", "m1", "--metrics", "accuracy,rouge-l")
    with store.write() as connection:
        connection.execute(update(scores).where(scores.c.metric == "rouge-l").values(version="1"))
    code, out, _ = run(capsys, "--run", "m1", "--metrics", "accuracy")
    assert (code, "earlier version" in out) == (0, False)
    with pytest.raises(SystemExit):
        main(["results", "scores", "--runs", "m1"])
    assert "by an earlier version of the metric: rouge-l of 3 outputs" in capsys.readouterr().out
