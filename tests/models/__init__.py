"""Tests of loading and asking models."""
