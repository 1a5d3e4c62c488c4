"""The verbs: pure functions over the domain. The clock is an argument."""
