"""A bar at the top of the photo that says what happened, without interrupting the work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget

from app.configuration.text import t
from app.session.notice import Notice
from app.ui.theme.icons import make_icon
from app.ui.widgets.layouts import lay_out_column, lay_out_row

FADING = 8_000
"""Milliseconds that a notice which goes by itself is shown; longer while the pointer is on it."""


class NoticeBar(QFrame):
    """Shows a notice until it is closed, answered or replaced, or one that something succeeded for
    some seconds. ``dismissed()``: it was closed.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.message: Notice | None = None
        self._standing: Notice | None = None
        self._below: QWidget | None = None
        self._icon = QLabel()
        self._message = QLabel()
        self._hint = QLabel()
        for label in (self._message, self._hint):
            label.setWordWrap(True)
            # File names may look like markup, and must be shown literally.
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(make_icon("ph.x"))
        close.setToolTip(t("window.dismiss"))
        close.setAccessibleName(t("window.dismiss"))
        close.setAutoRaise(True)
        close.clicked.connect(self.dismiss)
        words = lay_out_column(None, self._message, self._hint, spacing=2)
        self._choices = lay_out_row(None, spacing=8)
        items = (self._icon, (words, 1), self._choices, close)
        row = lay_out_row(self, *items, margins=(16, 10, 12, 10), spacing=12)
        row.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        row.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        self.fading = QTimer(self, singleShot=True, interval=FADING)
        self.fading.timeout.connect(self.clear)
        self.hide()

    def attach_to(self, page: QWidget, below: QWidget) -> None:
        """Float at the top of ``page``, or ``below`` a widget of it while that is visible. The page
        keeps its layout, so that the photo does not move.
        """
        self._below = below
        self.setParent(page)
        page.installEventFilter(self)
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the page."""
        if event.type() in (
            QEvent.Type.Resize,
            QEvent.Type.Move,
            QEvent.Type.Show,
            QEvent.Type.Hide,
            QEvent.Type.LayoutRequest,
        ):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        page = self.parentWidget()
        if page is None or self._below is None or self.isHidden():
            return
        top = 0
        if self._below.isVisible():
            top = self._below.mapTo(page, QPoint(0, self._below.height())).y()
        width = page.width()
        layout = self.layout()
        high = layout.totalHeightForWidth(width) if layout is not None else 0
        self.setGeometry(0, top, width, high)
        self.raise_()

    @property
    def text(self) -> str:
        """The text that is shown, "" if none."""
        if self.isHidden():
            return ""
        return f"{self._message.text()} {self._hint.text()}".strip()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons of the choices."""
        return tuple(self.findChildren(QPushButton))

    def tell(self, message: Notice) -> None:
        """Show a message."""
        self.message = message
        if self.property("quiet") != message.fades:
            self.setProperty("quiet", message.fades)
            for widget in (self, self._message, self._hint):  # style sheets do not see it change
                widget.style().unpolish(widget)
                widget.style().polish(widget)
        font = self._message.font()
        font.setBold(not message.fades)
        self._message.setFont(font)  # last, as polishing sets a font too
        self._message.setText(message.text)
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._drop_buttons()
        for words, handler in message.choices:
            button = QPushButton(words)
            button.clicked.connect(partial(self._answer, handler))
            self._choices.addWidget(button)
        self.setAccessibleName(f"{message.text} {message.hint}")
        self._draw()
        self.show()
        self._place()
        self.fading.stop()
        if message.fades:
            self.fading.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Who reads it, or goes to its button, has the time for that."""
        self.fading.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go on with what goes by itself."""
        if self.message is not None and self.message.fades:
            self.fading.start()
        super().leaveEvent(event)

    def stand(self, message: Notice) -> None:
        """Show a message, and again after every other one, until it is answered or closed."""
        self._standing = message
        self.tell(message)

    def _answer(self, handler: Callable[[], None], *_: object) -> None:
        self._close()
        handler()

    def _close(self) -> None:
        """Close the bar for good."""
        if self.message is self._standing:
            self._standing = None
        self.clear()

    def _drop_buttons(self) -> None:
        for button in self.buttons:
            button.hide()
            button.setParent(None)
            button.deleteLater()  # it may be the one being pressed

    def _draw(self) -> None:
        if self.message is not None:
            alert = ("ph.warning-circle", "alert")
            name, colour = ("ph.info", "accent") if self.message.is_calm else alert
            size = QSize(22, 22)
            self._icon.setPixmap(make_icon(name, colour).pixmap(size, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    @Slot()
    def dismiss(self) -> None:
        """Close the bar because the user has seen the message."""
        self._close()
        self.dismissed.emit()

    @Slot()
    def clear_calm(self) -> None:
        """Close the bar if its message only informs and asks nothing."""
        message = self.message
        if message is not None and message.is_calm and (message.fades or not message.choices):
            self.clear()

    def withdraw(self, message: Notice) -> None:
        """Close the bar if it shows ``message``."""
        if self.message is message:
            self.clear()

    @Slot()
    def clear(self) -> None:
        """Close the bar, or go back to the message that stands."""
        self.fading.stop()
        if self._standing is None:
            self.message = None
            self.hide()
        elif self.message is not self._standing:
            self.tell(self._standing)
