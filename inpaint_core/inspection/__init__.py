"""Looking inside a fill: what the network saw, computed and took from where. Needs no Qt."""
