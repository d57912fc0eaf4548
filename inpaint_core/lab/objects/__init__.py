"""Trains and measures the network that selects what was clicked on."""
