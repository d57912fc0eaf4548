"""How a network's fill reaches the photo's own resolution, told by a network that is right."""
