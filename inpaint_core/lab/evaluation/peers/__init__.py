"""Other programs that fill holes, one file each, run as they are for comparison; none is needed."""
