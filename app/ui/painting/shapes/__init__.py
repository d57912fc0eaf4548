"""What tools paint over the photo: outlines, corners, the ring of a brush, a mask that is moved."""
