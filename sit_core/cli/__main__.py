"""``python -m sit_core.cli``: the same as ``sit``."""

from sit_core.cli import main

main()
