"""Widgets, canvas, tools, panels and dialogs."""
