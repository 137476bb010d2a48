"""The transformers backend: models of this machine."""
