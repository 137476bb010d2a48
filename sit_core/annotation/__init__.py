"""What an annotator's desk says to the store, and what it gets back; no screen, no SQL."""
