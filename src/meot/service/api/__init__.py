"""The answers as JSON."""
