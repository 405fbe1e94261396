"""Bringing files from the web: photos and feeds that a source names by their addresses."""
