"""A tuner that does not exist: everything it says is synthetic."""
