"""The monitor in a browser: an HTTP server and, for each browser, a monitor in a pseudo-terminal of its own."""
