"""Recordings: what was recorded, the time line, the past."""
