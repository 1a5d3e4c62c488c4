"""Changing thresholds: the journal of what was sent, and the one way in which it is sent."""
