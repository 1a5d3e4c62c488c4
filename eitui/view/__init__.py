"""What to show, without a terminal framework: columns, formats, charts, plain text."""
