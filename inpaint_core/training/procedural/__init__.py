"""Pictures drawn by rules, to train on beside photos: straight structure that never runs out."""
