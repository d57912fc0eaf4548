"""The generators, one file each: declarations and calls, no algorithms of their own."""
