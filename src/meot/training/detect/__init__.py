"""What the detector recipe is made of: batches of photos with boxes, figures, the model file."""
