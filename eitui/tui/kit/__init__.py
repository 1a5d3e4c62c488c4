"""What every screen is made of: a list, tabs."""
