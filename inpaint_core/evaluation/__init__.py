"""Measuring fills against the truth and against each other."""
