"""One file per page: read the widgets, call sit_core, draw."""
