"""Networks that compare pictures, run from the user's own weights files. They fill nothing."""
