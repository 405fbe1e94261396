"""The answers as pages."""
