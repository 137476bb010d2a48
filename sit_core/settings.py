"""The places and limits of this installation, read from the environment.

``SIT_HOME`` (default ``.sit``) is the folder of the embedded store; ``SIT_DATABASE_URL`` names a
PostgreSQL database instead, for teams.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from sit_core.errors import UsageError

KEY_VARIABLES = "*_API_KEY"


def user_path(text: str | Path) -> Path:
    """A path as somebody typed it, ``~`` for the home folder; of nobody's home it stays as it is.

    >>> user_path("~nobody-of-this-name/x").name, user_path("a/b").parts
    ('x', ('a', 'b'))
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def app_folder(above: Path = Path(__file__).parents[1]) -> Path:
    """The folder with ``app.py``, ``pages`` and ``data``.

    An installed package has them in a package of their own, ``sit_app`` (see setup.py), so that
    nothing called ``pages`` or ``data`` lies among other packages; a checkout has no ``sit_app``.

    Args:
        above: the folder that ``sit_core`` lies in.
    """
    installed = above / "sit_app"
    return installed if installed.is_dir() else above


DATA = app_folder() / "data"
"""What comes with the program: prompts, judges, configurations, the embedded models."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and how much is allowed."""

    home: Path
    """Folder of the embedded store, of logs and exports."""
    database_url: str
    """SQLAlchemy URL of the store. May hold a password: never shown, see `shown_database`."""
    max_field_bytes: int = 4 * 1024 * 1024
    """The largest text (UTF-8 bytes) that an imported field may have."""
    max_upload_mb: int = 1024
    """The largest file that the Import page accepts."""
    starter: bool = True
    """Whether an empty store gets the starter study to try things with (``SIT_STARTER=0``: no)."""
    warm: bool = True
    """Whether the app makes the embedded model ready, in the background, once its first page is
    drawn (``SIT_WARM=0``: only when somebody opens the Live page)."""
    key_variables: tuple[str, ...] = (KEY_VARIABLES,)
    """Which environment variables the app may send to an endpoint as its key; ``*`` stands for any
    characters (``SIT_KEY_VARIABLES``, separated by commas). Whoever can open the app can name an
    address of their own, so nothing else of the environment may be named."""

    copy_first: bool = True
    """Whether the database is copied to ``SIT_HOME/backups`` before its schema changes
    (``SIT_BACKUP=0``: no, for whoever has a backup of their own)."""
    lm_eval: str = ""
    """The Python of an environment that has lm-eval (``SIT_LM_EVAL``); empty: this one."""

    def check_key_variable(self, name: str | None) -> None:
        """See that the app, or a job that it starts, may use this variable as a key.

        Raises:
            UsageError: it may not.
        """
        if name and not any(fnmatchcase(name, allowed) for allowed in self.key_variables):
            allowed = ", ".join(self.key_variables) or "none"
            raise UsageError(
                f"The variable {name[:80]!r} may not be used as a key here; allowed: {allowed} "
                "(whoever runs the app can set SIT_KEY_VARIABLES)."
            )

    @property
    def shown_database(self) -> str:
        """The database in words that may be shown and logged: no user, no password."""
        if self.database_url.startswith("sqlite"):
            return f"SQLite in {self.home}"
        tail = self.database_url.rsplit("@", 1)[-1].split("?", 1)[0]
        return f"PostgreSQL at {tail.split('://')[-1]}"


def settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; cheap, so that tests and commands can change the environment."""
    home = Path(environ.get("SIT_HOME") or ".sit").expanduser().absolute()
    url = environ.get("SIT_DATABASE_URL") or f"sqlite:///{home / 'sit.db'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    keys = environ.get("SIT_KEY_VARIABLES", KEY_VARIABLES).split(",")
    return Settings(
        home=home,
        database_url=url,
        starter=environ.get("SIT_STARTER") != "0",
        warm=environ.get("SIT_WARM") != "0",
        key_variables=tuple(name.strip() for name in keys if name.strip()),
        copy_first=environ.get("SIT_BACKUP") != "0",
        lm_eval=environ.get("SIT_LM_EVAL", ""),
    )
