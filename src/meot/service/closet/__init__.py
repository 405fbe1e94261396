"""The closet: a person's own clothes, and looks beside them."""
