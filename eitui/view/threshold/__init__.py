"""Thresholds: the editor, the journal, the lists."""
