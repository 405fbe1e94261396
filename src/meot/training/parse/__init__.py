"""What the parsing recipe is made of: region maps, batches, figures."""
