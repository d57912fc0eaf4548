"""Exemplar texture synthesis: the stage that puts real texture into the hole."""
