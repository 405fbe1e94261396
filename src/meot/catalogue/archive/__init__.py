"""A catalogue as one file: every row, photos and closets; the same file for every database."""
