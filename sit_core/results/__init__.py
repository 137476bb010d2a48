"""Pure functions from judgments and scores to tables."""
