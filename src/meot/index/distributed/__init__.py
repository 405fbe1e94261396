"""The index on many machines: shards on the workers of a Dask cluster."""
