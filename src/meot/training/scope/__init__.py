"""What the scope model learns from and by; its recipe is ``recipes.scope``."""
