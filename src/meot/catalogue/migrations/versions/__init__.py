"""One step a version."""
