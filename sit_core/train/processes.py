"""One training in several processes (``accelerate launch``): which one of them this is."""

import os


def rank() -> int:
    """0 for the one that talks to the user and writes files."""
    return int(os.environ.get("RANK") or 0)


def local_rank() -> int:
    """Which one of this machine's."""
    return int(os.environ.get("LOCAL_RANK") or 0)


def processes() -> int:
    """How many work on this training, on all machines."""
    return int(os.environ.get("WORLD_SIZE") or 1)
