"""Managing a shop: its sources, index, models, lessons, people, and the long work that goes on."""
