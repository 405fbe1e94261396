"""Training: from a table to a model file with its card.

``recipes`` has every recipe by name; ``loop`` trains by any ``plan``; ``nets`` are what is trained; ``export`` writes
model files and ``calibrate`` makes their scores true. What one recipe is made of has a folder named after its task.
"""
