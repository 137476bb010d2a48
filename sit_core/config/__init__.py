"""Configurations of the long actions: read from YAML, with every fault in one message."""
