"""What the recipes of parsers are made of: region maps, batches, figures."""
