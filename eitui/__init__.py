"""eitui: watch Edge Impulse EON Tuner runs in the terminal."""

__version__ = "0.1.0"
