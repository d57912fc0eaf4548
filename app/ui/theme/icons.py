"""Icons of one family (Phosphor, regular weight) in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

from app.ui.theme import theme


class _ThemedIcon(QIconEngine):
    """Reads the theme's colour when it paints, so that icons follow a change of theme."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        # Loading the font takes 0.1 s; it is not needed to import the window's modules.
        import qtawesome

        colours = theme.current_theme()
        colour = self._colour if self._colour.startswith("#") else getattr(colours, self._colour)
        if mode == QIcon.Mode.Disabled:
            colour = colours.disabled
        # qtawesome caches the icons by their options.
        icon: QIcon = qtawesome.icon(self._name, color=colour, color_disabled=colours.disabled)
        icon.paint(painter, rect, Qt.AlignmentFlag.AlignCenter, mode, state)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def make_icon(name: str, colour: str = "text") -> QIcon:
    """The icon ``name`` ("ph.folder-open"), sharp at every size.

    ``colour`` is a field of `app.ui.theme.palette.Theme` ("text", "muted", "accent", "on_accent",
    "alert"), which follows the theme, or a fixed "#rrggbb".
    """
    return QIcon(_ThemedIcon(name, colour))
