"""The canvas: the widget that shows a photo and passes gestures to a tool; it knows no session."""
