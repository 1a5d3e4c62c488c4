"""The only room that knows HTTP and JSON: models, client, errors."""
