"""Pure functions from outputs to scores and spans."""
