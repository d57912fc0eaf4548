"""Neural networks, one folder each, and what they share; generators use them, not vice versa."""
