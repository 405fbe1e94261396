"""What is wrong with a setup: the machine, the settings, the models, a catalogue; each with the next step."""
