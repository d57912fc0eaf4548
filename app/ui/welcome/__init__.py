"""The page that is shown while no photo is open."""
