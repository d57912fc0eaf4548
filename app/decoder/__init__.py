"""Files from outside are decoded in a process of its own: it may crash, hang or take too much."""
