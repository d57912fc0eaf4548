"""Photos that are not open: recent ones, those of a folder, and those of a batch."""
