"""Widgets and Qt actions that panels, dialogs and the window share; they know no session."""
