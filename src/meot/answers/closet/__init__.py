"""The closet: a wanted look minus what a person owns, and what follows from it."""
