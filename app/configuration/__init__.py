"""The tables of the editor: actions, settings, shortcuts, texts. Nothing that acts on a photo."""
