"""The analyses that come with the program, one a file; see `sit_core.results.analyses`."""
