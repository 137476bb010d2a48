"""``sit judge``: rates with n and interval, unusable counted; estimates; jobs; exit codes."""

import json
from collections.abc import Iterator

import pytest

from sit_core.cli import main
from sit_core.jobs import JobState, current_job, current_jobs
from sit_core.judge.folder import load_judge
from sit_core.store import Store, open_store
from tests.factories import make_run, make_study
from tests.jobs.conftest import ended
from tests.judge.conftest import JudgeServer

NAME = f"seqeval · m · {load_judge('seqeval').sha256[:6]}"


@pytest.fixture(autouse=True)
def store() -> Iterator[Store]:
    opened = open_store()
    make_run(opened, "a\x1b[31m", ["good", "good", "bad", "odd"], steps=())
    make_run(opened, "ref", ["x"] * 4, steps=())
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    made = JudgeServer()
    replies = {"good": "[[Yes, 5]]", "bad": "[[No, 2]]", "odd": "Hm \x1b[31m, yes."}
    made.says = lambda t: replies.get(t.get("output", ""), "[[1]]")
    yield made
    made.end()


def run(capsys, *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["judge", *args])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def by(server: JudgeServer, *more: str) -> list[str]:
    return ["--model", "m", "--backend", "openai", "--base-url", server.url, *more]


RUN = ["--run", "a\x1b[31m"]


def test_rates_with_n_interval_and_what_is_unusable(capsys, server: JudgeServer) -> None:
    code, out, _ = run(capsys, *RUN, *by(server, "--input-price", "1000"))
    assert code == 0
    assert "\x1b" not in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "4 outputs: 4 questions asked, 0 known before."
    assert "1 unusable: it holds no verdict of the form that was asked for" in lines
    assert any(line.startswith("Tokens: 400 in, 40 out") for line in lines)
    assert "Cost: 0.4; of known replies, paid before, 0." in lines
    assert f"Judge: {NAME}" in lines
    assert "a\\x1b[31m follow 2 3 66.7 % 11.8 – 98.3 % 4.00 1.18 – 5.00 3 1 0" in lines


def test_a_log_has_no_line_for_each_reply(
    capsys, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sit_core.judge.run.TOLD_SECONDS", 1e9)
    monkeypatch.setattr("sit_core.cli.progress.SECONDS_BETWEEN", 1e9)
    _, _, err = run(capsys, *RUN, *by(server, "--input-price", "1000", "--in-flight", "1"))
    assert [line.split(": ")[-1] for line in err.splitlines()] == [
        "reading the outputs",
        "loading the model",
        "judging",
        "4 outputs judged; 4 questions asked, 0 known, 1 without a usable verdict",
    ]


def test_json_is_the_same(capsys, server: JudgeServer) -> None:
    _, out, err = run(capsys, *RUN, *by(server, "--json"))
    found = json.loads(out)
    assert err == ""
    assert found["judge"] == NAME
    assert (found["asked"], found["unusable"], found["usage"]["calls"]) == (4, 1, 4)
    (row,) = found["rows"]
    assert (row["followed"], row["n"], row["unusable"], row["quality"]) == (2, 3, 1, 4.0)
    _, out, _ = run(capsys, *RUN, *by(server, "--json"))
    again = json.loads(out)
    assert (again["asked"], again["known"], again["rows"]) == (0, 4, found["rows"])


def test_comparing(capsys, server: JudgeServer) -> None:
    more = ("--judge", "pairwise", "--against", "ref")
    code, out, _ = run(capsys, *RUN, *by(server, *more))
    assert code == 0
    assert "preferred in both orders" in out
    found = json.loads(run(capsys, *RUN, *by(server, *more, "--json"))[1])
    (row,) = found["duels"]
    assert (row["tied"], row["inconsistent"], row["n"], row["win_rate"]) == (4, 4, 4, 0.5)


def test_where_nothing_can_be_asked_the_reason_is_said(capsys, server: JudgeServer) -> None:
    code, out, err = run(capsys, *RUN, *by(server, "--judge", "steps"))
    assert (code, server.requests) == (0, [])
    assert "4 not asked: the steps of its chain are not known" in out
    assert "There is no llm judge" not in err
    found = json.loads(run(capsys, *RUN, *by(server, "--judge", "steps", "--json"))[1])
    assert (found["asked"], found["rows"]) == (0, [])
    assert found["without"] == {"the steps of its chain are not known": 4}


def test_an_estimate_asks_nobody(capsys, server: JudgeServer) -> None:
    more = by(server, "--estimate", "--output-price", "1000")
    _, out, _ = run(capsys, *RUN, *more)
    assert "4 outputs, 4 questions, 0 of them known." in out
    assert "Cost: at most about 1.024." in out  # 256 tokens each
    assert json.loads(run(capsys, *RUN, *more, "--json")[1])["most_tokens"] == 1024
    assert server.requests == []


def test_it_is_a_job_that_the_pages_see(capsys, server: JudgeServer, store: Store) -> None:
    run(capsys, *RUN, *by(server))
    (job,) = current_jobs(store)
    assert (job.state, job.done, job.total) == (JobState.DONE, 4, 4)
    assert job.reason.startswith("4 outputs judged; 4 questions asked, 0 known, 1 without")
    assert job.command[0] == "judge"


@pytest.mark.slow
def test_detached_it_runs_by_itself(capsys, server: JudgeServer, store: Store) -> None:
    code, out, _ = run(capsys, *RUN, *by(server, "--detach"))
    assert code == 0
    job = ended(store, current_job(store, json.loads(out)["job"]))
    assert (job.state, job.done) == (JobState.DONE, 4)


def test_a_detached_one_reads_only_variables_that_hold_keys(
    capsys, server: JudgeServer, store: Store
) -> None:
    code, _, err = run(capsys, *RUN, *by(server, "--detach", "--key-env", "HOME"))
    assert code == 2
    assert "may not be used as a key here" in err
    assert current_jobs(store) == []


def test_a_budget_ends_it_with_a_sentence(capsys, server: JudgeServer, store: Store) -> None:
    more = ("--input-price", "1000", "--budget", "0.0001")
    code, _, err = run(capsys, *RUN, *by(server, *more))
    assert code == 1
    assert "sit: The budget of 0.0001 is used up" in err
    assert current_jobs(store)[0].state == JobState.FAILED
    assert server.requests == []


def test_a_budget_is_one_for_all_attempts(capsys, server: JudgeServer, store: Store) -> None:
    # Of its cost, as the server counts: 0.1 and 0.01 for each of three different outputs.
    prices = ("--input-price", "1000", "--output-price", "1000", "--in-flight", "1")
    server.says = lambda t: "[[Yes, 5]]"
    code, _, err = run(capsys, *RUN, *by(server, *prices, "--budget", "0.8"))
    spent = 0.11 * len(server.requests)
    assert (code, len(server.requests) > 0) == (1, True)
    for budget in ("0.8", "0.85"):
        code, _, err = run(capsys, *RUN, *by(server, *prices, "--budget", budget))
        assert code == 1
        assert f"({spent:.4g} spent" in err
    assert run(capsys, *RUN, *by(server, *prices, "--budget", "100"))[0] == 0
    # Done: what comes later has a budget of its own.
    before = len(server.requests)
    make_run(store, "b", ["other"], steps=())
    assert run(capsys, "--run", "b", *by(server, *prices, "--budget", "100"))[0] == 0
    assert len(server.requests) == before + 1


def test_a_study_has_its_samples_judged(capsys, server: JudgeServer, store: Store) -> None:
    from sit_core.tasks import steps_named

    make_study(store, "s", ["ref"], steps=tuple(steps_named(["follow"])))
    found = json.loads(run(capsys, "--study", "s", *by(server, "--json"))[1])
    assert [(row["run"], row["unusable"]) for row in found["rows"]] == [("ref", 4)]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--run", "ref"], "Say also --model"),
        (["--run", "reff", "--model", "m"], "did you mean 'ref'"),
        (["--run", "ref", "--model", "m", "--backend", "openai"], "needs its base_url"),
        (["--model", "m"], "Name a run"),
        (["--run", "ref", "--model", "m", "--judge", "x"], "There is no judge 'x'"),
        (["--run", "ref", "--imported"], "No output of ref came with a verdict"),
        (["--imported"], "Name a run"),
    ],
)
def test_wrong_usage_is_said(capsys, args: list[str], says: str) -> None:
    code, _, err = run(capsys, *args)
    assert code == 2
    assert says in err
    assert err.count("\n") <= 3


def test_a_fault_of_the_model_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["judge", "--run=a", "--model=m", "--key-env=K_API_KEY"])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("belong to the backend openai") == 1
