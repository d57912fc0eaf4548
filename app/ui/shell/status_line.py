"""The status line: zoom, the pixel under the cursor, facts about the photo, the running task."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPoint, QSize, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from app.configuration.text import t
from app.session.session import Session, TaskProgress
from app.ui.theme.icons import make_icon
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.layouts import make_row


class StatusLine(QStatusBar):
    """The status line. ``stop_asked()``: the user wants the running task to stop."""

    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._zoom, self._place, self._colour = (QLabel() for _ in range(3))
        self._facts, self._device = ElidedLabel(), QLabel()
        # Numbers that change with the cursor must not shift their neighbours.
        for label, widest in ((self._zoom, "1000 %"), (self._place, "x 00000  y 00000")):
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 16)
        for label in (self._zoom, self._place, self._colour):
            self.addWidget(label)
        self._job = self._job_bar()
        for widget in (self._job, self._facts, self._device):
            self.addPermanentWidget(widget)
        self._session: Session | None = None
        self.show_task(None)

    def _job_bar(self) -> QWidget:
        self._task, self._left = ElidedLabel(), QLabel()
        self._busy = QProgressBar()
        self._busy.setFixedSize(140, 6)
        self._busy.setRange(0, 1000)
        self._busy.setTextVisible(False)
        stop = QToolButton()
        stop.setIcon(make_icon("ph.x"))
        stop.setIconSize(QSize(14, 14))
        stop.setAutoRaise(True)
        stop.setToolTip(t("window.stop.tip"))
        stop.setAccessibleName(t("window.stop"))
        stop.clicked.connect(self.stop_asked)
        return make_row(self._task, self._left, self._busy, stop, spacing=4)

    def show_photo(self, session: Session | None) -> None:
        """Show the size, depth and profile of the photo; None = no photo."""
        self._session = session
        self._facts.setText("")
        self.show_pixel(None)
        if session is None:
            self._zoom.clear()
            return
        photo = session.document.photo
        height, width = photo.shape
        facts = (f"{width}×{height}", t("window.bits", n=photo.bits), session.opened_file.profile)
        self._facts.setText("   ".join(facts))

    def show_device(self, device: str) -> None:
        """Show the device that the last fill ran on, or that the first one will."""
        self._device.setText(device)
        self._device.setToolTip(t("window.device.tip"))

    @property
    def device(self) -> str:
        """The device that is shown."""
        return self._device.text()

    def show_zoom(self, zoom: float) -> None:
        """Show the zoom."""
        percent = zoom * 100
        digits = 0 if percent >= 10 else 1
        self._zoom.setText(f"{QLocale().toString(percent, 'f', digits)} %")

    def show_pixel(self, pixel: QPoint | None) -> None:
        """Show the position of the cursor and the photo's values there, at its own bit depth."""
        if pixel is None or self._session is None:
            self._place.clear()
            self._colour.clear()
            return
        red, green, blue = self._session.document.pixels[pixel.y(), pixel.x()]
        self._place.setText(f"x {pixel.x()}  y {pixel.y()}")
        self._colour.setText(f"RGB {red} {green} {blue}")

    def show_task(self, task: TaskProgress | None) -> None:
        """Show the running task, its progress and the time left; None = nothing is running."""
        self._job.setVisible(task is not None)
        self._facts.setVisible(task is None or self.width() > 900)
        if task is None:
            return
        self._task.setText(task.text)
        self._busy.setValue(round(task.fraction * 1000))
        self._left.setText(_time_left(task.seconds_left))
        self._left.setVisible(task.seconds_left is not None)


def _time_left(seconds: float | None) -> str:
    """The time left in words, no more exact than it is known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return t("window.left.moment")
    if seconds < 60:
        step = 1 if seconds < 10 else 5
        return t("window.left.seconds", n=round(seconds / step) * step)
    return t("window.left.minutes", n=round(seconds / 60))
