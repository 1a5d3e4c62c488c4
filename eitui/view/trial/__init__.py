"""One trial in depth: a module for each tab, each with `lines(detail, trial, run, width)`."""
