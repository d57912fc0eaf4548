"""The main window, its bars and their wiring. No other part of the UI may import this."""
