"""How close a photo comes to a wanted look, learned from a handful of photos."""
