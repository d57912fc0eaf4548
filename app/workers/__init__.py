"""Background threads and processes: job lanes, the engine lane, the decoder. No widgets."""
