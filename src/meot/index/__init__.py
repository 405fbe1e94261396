"""Vector indexes: which garments are nearest to a vector."""
