"""Finds what a person may want to remove: photos in, marks out."""
