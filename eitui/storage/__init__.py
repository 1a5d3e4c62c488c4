"""Files that are kept on this machine, opened as if they came from anywhere: recordings and the journal of changes."""
