"""What the program keeps for itself on this machine, out of others' reach; nothing of a photo."""
