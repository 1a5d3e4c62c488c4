"""What holds for all tests."""

from hypothesis import settings

# A machine's bad second is no failure: speed is measured in tests/benchmarks.
settings.register_profile("eitui", deadline=None)
settings.load_profile("eitui")
