"""Tests of the prompt formats."""
