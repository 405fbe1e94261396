"""Long work beside the answers: a worker takes jobs from the database and does what their kind says."""
