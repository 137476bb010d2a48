"""A training is a job in a process of its own: killed or stopped, it ends as if it had not been."""

from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.jobs import cancel_job, current_job, resume_job, start_job
from sit_core.store import Store
from sit_core.train.config import TrainingConfig, as_yaml
from sit_core.train.curves import Curves
from sit_core.train.folder import COMPLETE, TrainingFolder, read_json
from sit_core.train.jobs import job_of, taken_up, trainings
from sit_core.train.run import train
from tests.jobs.conftest import ended, kill_nine, until
from tests.train.conftest import Config

pytestmark = pytest.mark.slow
LAUNCH_SECONDS = 240.0


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """The one database that matters here."""
    return sqlite_store


def command(config: TrainingConfig, folder: Path) -> list[str]:
    path = folder / f"{config.name}.yaml"
    path.write_text(as_yaml(config), encoding="utf-8")
    return ["train", f"--config={path}"]


def begun(name: str, step: int) -> Curves:
    """The curves, once that update is done."""
    curves = Curves(TrainingFolder.of(name).curves)

    def there() -> bool:
        curves.read()
        return curves.step >= step

    until(there, LAUNCH_SECONDS)
    return curves


def test_killed_it_loses_no_more_than_since_its_checkpoint_and_ends_the_same(
    config: Config, tmp_path: Path, store: Store
) -> None:
    changes = {"schedule__steps": 60, "schedule__checkpoint_every": 4}
    whole = train(config(name="whole", **changes), report=lambda *_: None)
    job = start_job(store, command(config(**changes), tmp_path), title="t")
    curves = begun("mine", 6)
    kill_nine(current_job(store, job.id))
    curves.read()
    reached, read = curves.step, curves.offset
    assert reached < 60, "it was killed too late for this test to tell anything"
    resume_job(store, job.id)
    until(lambda: not current_job(store, job.id).active, LAUNCH_SECONDS)
    done = current_job(store, job.id)
    assert (done.state, done.attempt) == ("done", 2), done.reason
    with curves.path.open("rb") as file:
        file.seek(read)
        went_on = next(line for line in file if b"begins_at" in line)
    begins_at = int(went_on.split(b":")[1].split(b",")[0])
    assert reached - 4 <= begins_at <= reached
    report = read_json(TrainingFolder.of("mine").report)
    assert report is not None
    assert report["held_out"] == pytest.approx(whole.held_out, abs=1e-3)
    assert report["train_loss"] == pytest.approx(whole.train_loss, abs=1e-3)
    curves.read()
    other = Curves(TrainingFolder.of("whole").curves)
    other.read()
    assert dict(curves.loss) == pytest.approx(dict(other.loss), abs=1e-3)
    assert dict(curves.held_out) == pytest.approx(dict(other.held_out), abs=1e-3)


def test_cancelled_it_keeps_a_checkpoint_of_where_it_was(
    config: Config, tmp_path: Path, store: Store
) -> None:
    changes = {"schedule__steps": 2000, "schedule__checkpoint_every": 1000}
    job = start_job(store, command(config(**changes), tmp_path), title="t")
    curves = begun("mine", 3)
    folder = TrainingFolder.of("mine")
    known = job_of(store, folder)
    assert known is not None
    assert known.id == job.id
    assert [one.folder.name for one in trainings(store)] == ["mine"]
    with (
        pytest.raises(SitError, match=f"job {job.id} is training mine already"),
        taken_up(store, config(**changes), _another(store)),
    ):
        pass
    cancel_job(store, job.id)
    done = ended(store, job)
    assert done.state == "cancelled"
    curves.read()
    checkpoint = folder.checkpoint()
    assert checkpoint is not None
    assert checkpoint.name == f"checkpoint-{curves.step}"
    assert (checkpoint / COMPLETE).exists()


def _another(store: Store):
    from sit_core.jobs.worker import joined

    return joined(store, ["train", "--config=x"], title="another")
