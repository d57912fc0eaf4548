"""The Features panel: what the network computed, and where the fill came from."""
