"""Rasa's custom actions: each carries one question to the core and its answer back, nothing else."""
