"""``python -m sit_core``: the same as ``sit``."""

from sit_core.cli import main

main()
