"""What the editor needs of the operating system: log, diagnostics, monitor profile, file types."""
