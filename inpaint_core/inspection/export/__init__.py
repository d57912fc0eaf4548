"""Writes recorded runs to files (pictures, arrays, reports); it computes nothing about a fill."""
