"""The fake model of tests/predicting, for what starts runs."""

from tests.predicting.conftest import fake_in_jobs, folder

__all__ = ["fake_in_jobs", "folder"]
