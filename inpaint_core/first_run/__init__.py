"""Compiling what fills run before the first one needs it. Nothing of a photo that was opened."""
