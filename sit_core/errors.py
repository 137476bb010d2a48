"""The one exception that a user is meant to read: its message says what is wrong and what to do.

Pages show it as it is, the command line prints it and exits with 1; neither shows a traceback.
"""


class SitError(Exception):
    """Something the user can put right; ``str(error)`` is one sentence for them."""


class UsageError(SitError):
    """The request itself is off (a number out of range, a name missing); the exit code is 2."""


class OutOfReach(SitError):
    """The database does not answer just now; nothing was stored, trying again may do."""
