"""Trends: what products show, as shares over time, with how far they could be off and which way they go."""
