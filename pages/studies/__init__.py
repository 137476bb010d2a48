"""The parts of the Studies page: the list, one study, the form for a new one."""
