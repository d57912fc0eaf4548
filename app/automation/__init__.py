"""Plays, records and measures the editor through its window, as a user would work with it."""
