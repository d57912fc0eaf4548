"""Clicks in, the object under them out: a small network of our own, refined at the photo's size."""
