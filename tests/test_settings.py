"""What the environment may say of this installation."""

import pytest

from sit_core.errors import UsageError
from sit_core.settings import settings


@pytest.mark.parametrize(
    ("allowed", "name", "may"),
    [
        (None, "OPENAI_API_KEY", True),
        (None, "MY_OWN_API_KEY", True),
        (None, None, True),
        (None, "AWS_SECRET_ACCESS_KEY", False),
        (None, "HOME", False),
        (None, "OPENAI_API_KEY_FILE", False),
        (None, "openai_api_key", False),
        ("OPENAI_API_KEY, TEAM_*", "TEAM_TOKEN", True),
        ("OPENAI_API_KEY, TEAM_*", "MY_API_KEY", False),
        ("", "OPENAI_API_KEY", False),
    ],
)
def test_only_keys_may_be_named_as_keys(allowed: str | None, name: str | None, may: bool) -> None:
    where = settings({} if allowed is None else {"SIT_KEY_VARIABLES": allowed})
    if may:
        where.check_key_variable(name)
        return
    with pytest.raises(UsageError, match=f"{name}.*may not be used as a key.*SIT_KEY_VARIABLES"):
        where.check_key_variable(name)
