"""Products, their photos and what was read from them, in SQL."""
