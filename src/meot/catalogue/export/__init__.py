"""Products written in the formats of shops; each module writes what its namesake in ``sources`` reads."""
