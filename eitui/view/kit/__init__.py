"""What every view is made of, whatever it is about."""
