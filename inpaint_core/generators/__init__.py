"""One file per generator; see `inpaint_core.contract.specs`."""
