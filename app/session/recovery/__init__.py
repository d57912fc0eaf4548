"""Journals: what a crash leaves of an edited photo, and how it is restored."""
