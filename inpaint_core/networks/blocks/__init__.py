"""Building blocks that several networks share; nothing that knows a whole network."""
