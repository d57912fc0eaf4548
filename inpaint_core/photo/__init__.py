"""Photo files: reading, colours, metadata, formats, writing, checking; no engines and no fills."""
