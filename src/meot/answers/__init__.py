"""Answers from what was read and what the catalogue knows."""
