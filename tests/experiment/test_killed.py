"""An experiment killed ten times at random: nothing that was kept is lost or asked for again.

Each attempt is a real process that ends itself by its own pid while it works; endpoint and judge
count what they were asked.
"""

import json
import os
import random
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from sit_core.config.yaml_file import read_yaml
from sit_core.experiment import ExperimentConfig
from sit_core.experiment.plan import plan
from sit_core.jobs import JobState, current_jobs
from sit_core.records import JudgeKind
from sit_core.store import Store
from sit_core.store.schema import judges, judgments, predictions, scores
from tests.experiment.conftest import questions
from tests.jobs.test_killed_commands import SITE, endpoint, judge, sit
from tests.judge.judge_process import JudgeEndpoint
from tests.predict.endpoint_process import Endpoint

__all__ = ["endpoint", "judge"]  # fixtures
KILLS = 10
QUESTIONS = 8


def kept(store: Store) -> tuple[dict[str, str], set[int], set[str]]:
    """Outputs by id, the numbers of scores, the outputs that the judge has judged."""
    with store.read() as connection:
        outputs = dict(connection.execute(select(predictions.c.id, predictions.c.output)).all())
        numbers = set(connection.scalars(select(scores.c.id)))
        judged = select(judgments.c.prediction_id).join(judges, judges.c.id == judgments.c.judge_id)
        return (
            outputs,
            numbers,
            set(connection.scalars(judged.where(judges.c.kind == JudgeKind.LLM))),
        )


@pytest.mark.slow
def test_killed_ten_times_at_random_it_loses_nothing_and_asks_nothing_twice(
    tmp_path: Path,
    sqlite_store: Store,
    endpoint: Endpoint,
    judge: JudgeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    asked = {"backend": "openai", "model": "m", "in_flight": 1}
    instructions = ["repeat-answer", "paraphrase-answer", "answer"]
    file = tmp_path / "mine.yaml"
    source = questions(tmp_path, *(f"which {i}?" for i in range(QUESTIONS)))
    text = json.dumps(  # JSON is YAML
        {
            "name": "mine",
            "models": [{"name": "m", "model": {**asked, "base_url": endpoint.url}}],
            "instructions": [{"name": one, "template": one} for one in instructions],
            "examples": [{"source": source}],
            "metrics": ["rouge-l", "following"],
            "verdicts": [{"by": "llm", "judge": {"model": {**asked, "base_url": judge.url}}}],
        }
    )
    file.write_text(text)
    config = read_yaml(ExperimentConfig, text)
    rng = random.Random(11)
    kills = attempts = 0
    while True:
        attempts += 1
        assert attempts <= 3 * KILLS
        before, prompts, verdicts = kept(sqlite_store), endpoint.answered(), judge.answered()
        more = {"DIE_AT": str(rng.randint(2, 14))} if kills < KILLS else {}
        done = sit(["experiment", "run", str(file), "--json"], site, **more)
        after = kept(sqlite_store)
        # What was kept is there as it was.
        assert before[0].items() <= after[0].items()
        assert before[1] <= after[1]
        assert before[2] <= after[2]
        # What was kept is asked for no more: an output is its prompt in capitals.
        now = endpoint.answered()[len(prompts) :]
        assert not {prompt.upper() for prompt in now} & set(before[0].values())
        assert len(now) == len(set(now))
        said = judge.answered()[len(verdicts) :]
        of_before = {before[0][one] for one in before[2]}
        assert not [one for one in said if any(f"\n{output}\n" in one for output in of_before)]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
    assert kills == KILLS
    whole = len(instructions) * QUESTIONS
    outputs, _, judged = kept(sqlite_store)
    assert (len(outputs), len(judged)) == (whole, whole)
    (report,) = json.loads(done.stdout)
    assert (report["complete"], report["failed"]) == (3, {})
    state = plan(sqlite_store, config)
    assert (state.calls, state.verdicts[0].left) == (0, 0)
    assert all(one.scored == one.outputs == whole for one in state.metrics)
    # At most the call that was under way is lost with a kill.
    assert len(endpoint.answered()) <= whole + KILLS
    assert len(judge.answered()) <= whole + KILLS
    assert [job.state for job in current_jobs(sqlite_store)].count(JobState.DEAD) == KILLS
    # And once more, nothing is asked at all.
    counts = len(endpoint.answered()), len(judge.answered())
    assert sit(["experiment", "run", str(file)], site).returncode == 0
    assert (len(endpoint.answered()), len(judge.answered())) == counts
    assert os.environ.get("DIE_AT") is None
