"""Trends in a browser and for programs: shares over time, drawn and as tables."""
