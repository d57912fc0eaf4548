"""Priors: maps computed from the known part of a photo for networks. One file per prior."""
