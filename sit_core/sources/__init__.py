"""Readers that turn files into examples and predictions."""
