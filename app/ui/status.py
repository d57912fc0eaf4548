"""The line at the foot of the window: zoom, the pixel under the cursor, what the photo is."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from app.ui.opening import Opened


class Status(QStatusBar):
    """Shows what it is told about the photo, and what is going on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._zoom, self._place, self._colour, self._facts = (QLabel() for _ in range(4))
        self._task = QLabel()
        self._busy = QProgressBar()
        self._busy.setRange(0, 100)
        self._busy.setFixedSize(120, 6)
        self._busy.setTextVisible(False)
        # Numbers that change under the cursor must not push their neighbours about.
        for label, widest in ((self._zoom, "1000 %"), (self._place, "x 00000  y 00000")):
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 16)
        for label in (self._zoom, self._place, self._colour):
            self.addWidget(label)
        for widget in (self._task, self._busy, self._facts):
            self.addPermanentWidget(widget)
        self._opened: Opened | None = None
        self.idle()

    def show_photo(self, opened: Opened | None) -> None:
        """Say what the photo is; None = there is none."""
        self._opened = opened
        self._facts.setText("")
        self.show_pixel(None)
        if opened is None:
            self._zoom.clear()
            return
        height, width = opened.photo.shape
        facts = (f"{width}×{height}", f"{opened.photo.bits}-bit", opened.profile)
        self._facts.setText("   ".join(facts))

    def show_zoom(self, zoom: float) -> None:
        """Say how large the photo is shown."""
        percent = zoom * 100
        self._zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")

    def show_pixel(self, pixel: QPoint | None) -> None:
        """Say where the cursor is and the photo's own numbers there, at its own depth."""
        if pixel is None or self._opened is None:
            self._place.clear()
            self._colour.clear()
            return
        red, green, blue = self._opened.photo.pixels[pixel.y(), pixel.x()]
        self._place.setText(f"x {pixel.x()}  y {pixel.y()}")
        self._colour.setText(f"RGB {red} {green} {blue}")

    def working(self, fraction: float, text: str) -> None:
        """Show that something is going on, and how far it is."""
        self._task.setText(text)
        self._busy.setValue(round(fraction * 100))
        self._task.show()
        self._busy.show()

    def idle(self) -> None:
        """Nothing is going on any more."""
        self._task.hide()
        self._busy.hide()
