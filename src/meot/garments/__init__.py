"""Where the garments are: a region map of the photo, then the garments in it."""
