"""The parts of the Inspect page: its address, its filters, its list of hits, one output."""
