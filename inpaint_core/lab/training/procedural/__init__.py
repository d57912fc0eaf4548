"""Draws training pictures with clear structure, from random numbers only: no files, no PyTorch."""
