"""A run: the panes of the monitor, the table, and what compares its trials."""
