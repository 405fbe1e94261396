"""What a garment is: category and colour, each with a score that means what it says."""
