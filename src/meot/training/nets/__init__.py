"""The nets that recipes train, one module a kind, and the backbones and starting weights that they share."""
