"""Words for the state of an impulse. Apart from what reads impulses: the first frame knows the words alone."""

IMPULSE_UNREADABLE, NOT_CONFIGURED, INCOMPLETE, STATE_UNKNOWN, STALE, COMPLETE = WORST_FIRST = (
    *("malformed", "not configured", "incomplete", "unknown", "stale", "complete"),
)
"""The worst first; an impulse may be stale besides."""
