"""What a classifier is shown of a garment: masks, square pictures, and a net that takes their channels."""
