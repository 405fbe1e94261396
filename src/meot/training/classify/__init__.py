"""Classifiers of garments: photos to pictures, stages of training, figures, model files."""
