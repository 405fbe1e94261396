"""What the README claims, as commands that print tables: ``python -m bench.NAME --help``."""
