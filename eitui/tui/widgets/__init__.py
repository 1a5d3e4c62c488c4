"""What the monitor is made of: every widget draws lines and sends only those that changed."""
