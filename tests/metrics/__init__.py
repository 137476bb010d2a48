"""Tests of the pure scores."""
