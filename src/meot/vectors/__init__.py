"""Crops of garments -> category logits and vectors, from one pass of the garment model."""
