"""The parts of the Reproduction page."""
