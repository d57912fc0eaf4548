"""Files that open with Lacuna from the file manager."""
