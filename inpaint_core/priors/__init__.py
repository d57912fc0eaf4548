"""What is read off the known part of a photo and given to a network. One file per prior."""
