"""One impulse, as lines: a module for each tab."""
