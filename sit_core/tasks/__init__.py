"""The intermediate tasks of a chain: one file each, registered by name."""
