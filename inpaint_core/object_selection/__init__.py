"""Clicks or a rough mask in, the object under them out: a small network, refined at full size."""
