"""Icons: one family (Phosphor, regular weight), in the theme's greys."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from app.ui import theme


def icon(name: str, colour: str = theme.TEXT) -> QIcon:
    """The icon ``name`` ("ph.folder-open"), sharp at every size."""
    # Loading the font takes 0.1 s; it is not needed to import the window's modules.
    import qtawesome

    found: QIcon = qtawesome.icon(name, color=colour, color_disabled="#666666")
    return found
