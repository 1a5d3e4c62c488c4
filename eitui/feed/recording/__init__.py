"""What was seen of a run, kept on disk: one SQLite file a run, holding the service's own bytes."""
