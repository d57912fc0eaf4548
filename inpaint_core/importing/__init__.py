"""From a weights file of another program to an entry of the person's own weights."""
