"""The nouns: frozen values that describe a tuner run. No I/O, no framework, no clock."""
