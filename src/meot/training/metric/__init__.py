"""Metric learning: vectors in which photos of one item lie together."""
