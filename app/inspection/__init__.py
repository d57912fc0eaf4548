"""Inspection of fills and priors for the editor: jobs, comparisons and pictures, no widgets."""
