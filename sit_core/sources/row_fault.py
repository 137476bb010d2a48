"""What is wrong with one row, raised by whatever reads it and told with its line."""


class RowFault(Exception):
    """What is wrong with a row."""
