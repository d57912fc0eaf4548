"""Weights files of other programs, read without running anything in them; no torch."""
