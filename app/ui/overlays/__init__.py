"""What lies over the photo: maps, plans and priors, and what computes them; no panels."""
