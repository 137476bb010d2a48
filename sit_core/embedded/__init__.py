"""The embedded models and their micro lab: what they are, where they lie, what they are asked."""
