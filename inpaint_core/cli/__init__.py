"""The ``inpaint`` command: one file per sub-command."""
