"""Reading and changing the thresholds of one project: the journal of changes, and the one way to send them."""
