"""The monitor: a Textual app."""
