"""What fills the terminal: the monitor, and what opens over it."""
