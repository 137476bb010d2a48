"""The one exception that a user is meant to read: its message says what is wrong and what to do.

Pages show it as it is, the command line prints it and exits with 1; neither shows a traceback.
"""

import errno


class SitError(Exception):
    """Something the user can put right; ``str(error)`` is one sentence for them."""


class UsageError(SitError):
    """The request itself is off (a number out of range, a name missing); the exit code is 2."""


class OutOfReach(SitError):
    """The database can't be used just now; nothing was stored, trying again may do."""


FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Ways in which a system says that there is no room for what is being written."""


def no_room(error: BaseException | None) -> str | None:
    """The sentence for a full disk, if that is what an error means.

    >>> no_room(OSError(28, "No space left on device", "/tmp/x"))
    'There is no room on the disk for /tmp/x; make some, then try again.'
    >>> no_room(OSError(2, "No such file")) is None
    True
    """
    if not isinstance(error, OSError) or error.errno not in FULL:
        return None
    what = f" for {error.filename}" if error.filename else ""
    return f"There is no room on the disk{what}; make some, then try again."
