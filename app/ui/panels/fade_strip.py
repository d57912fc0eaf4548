"""The strip that fades a fill or a stroke: which one, and how much of it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QSpinBox, QWidget

from app.configuration.text import t
from app.session.session import Session
from app.ui.widgets.commands import LIST_KEYS, KeyGuard
from app.ui.widgets.layouts import lay_out_column, lay_out_row
from inpaint_core.contract.errors import InpaintError

if TYPE_CHECKING:
    from app.document.open_edit import OpenEdit
    from app.document.retouching.fading import FadableStep, Fade

_MOST_STEPS = 50
_SETTLED = 400  # ms after which a run of keys or of the wheel is one step of the history
_ICON = QSize(32, 22)


class FadeStrip(QWidget):
    """Fades the chosen step of a photo's history while its slider is dragged; what is seen when it
    is let go is one step. ``failed(InpaintError)``: the history could not be read back.
    ``covered()``: nothing of the step is seen any more.
    """

    failed = Signal(object)
    covered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self._steps: list[FadableStep] = []
        self._fading: tuple[Fade, OpenEdit] | None = None  # what the photo shows only for now
        self.choice = QComboBox()
        self.choice.setIconSize(_ICON)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.currentIndexChanged.connect(self._show_percent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.field = QSpinBox()
        self.field.setRange(0, 100)
        self.field.setSuffix(" %")
        self.field.setKeyboardTracking(False)
        self.field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.label = QLabel(t("history.fade.title"))
        self.label.setBuddy(self.slider)
        for part in (self.choice, self.slider, self.field):
            part.setAccessibleName(t("history.fade.title"))
            part.setToolTip(t("actions.edit.fade.tip"))
            part.installEventFilter(self)
        KeyGuard(self.field)
        KeyGuard(self.slider, *LIST_KEYS, Qt.Key.Key_Left, Qt.Key.Key_Right)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLED)
        self._settle.timeout.connect(self.finish)
        self.slider.valueChanged.connect(self._on_value)
        self.slider.sliderReleased.connect(self.finish)
        self.field.valueChanged.connect(self.slider.setValue)
        above = lay_out_row(None, self.label, (self.choice, 1), spacing=8)
        below = lay_out_row(None, (self.slider, 1), self.field, spacing=8)
        lay_out_column(self, above, below, margins=(10, 6, 10, 8), spacing=6)
        self.show_steps(None, lambda _: QIcon())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what is shown when the focus goes or a command is about to come, and discard it on
        Esc.
        """
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide) or _is_command(event):
            self.finish()
        elif (
            isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._fading is not None
        ):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # Esc stops no fill then
            elif event.type() == QEvent.Type.KeyPress:
                self._discard()
                self._show_percent()
            return True
        return super().eventFilter(watched, event)

    def show_steps(self, session: Session | None, draw: Callable[[int], QIcon]) -> None:
        """Offer the steps of a photo, with the picture ``draw(index)`` of each; the one that was
        chosen stays so while it is done.
        """
        if session is not None and session.document.is_editing:
            return
        at = self.choice.currentIndex()
        chosen = self._steps[at].entry if session is self._session and at > 0 else None
        self._session, self._steps = session, []
        if session is not None and session.document.history.can_undo:
            from app.document.retouching.fading import list_fadable

            self._steps = list_fadable(session.document)[:_MOST_STEPS]
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for step in self._steps:
                self.choice.addItem(draw(step.index), t(step.entry.name_key, **step.entry.values))
                if step.entry is chosen:
                    self.choice.setCurrentIndex(self.choice.count() - 1)
        self.setVisible(bool(self._steps))
        self._show_percent()

    def finish(self) -> None:
        """Make what is shown one step of the history."""
        percent = self.slider.value()
        faded = self._discard()
        if faded is not None and self._session is not None:
            from app.document.retouching.fading import FADED

            with self._session.document.edit(FADED, faded.describe(percent)) as editing:
                faded.apply(editing, percent)

    def _discard(self) -> Fade | None:
        """Show the photo as it was; returns what has faded it."""
        self._settle.stop()
        if self._fading is None:
            return None
        (fade, editing), self._fading = self._fading, None
        editing.rollback()
        return fade

    def _show_percent(self) -> None:
        at = self.choice.currentIndex()
        percent = self._steps[at].percent if at >= 0 else 100
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(percent)
            self.field.setValue(percent)

    def _on_value(self, percent: int) -> None:
        with QSignalBlocker(self.field):
            self.field.setValue(percent)
        if self._fading is None and not self._begin():
            self._show_percent()
            return
        assert self._fading is not None
        fade, editing = self._fading
        fade.apply(editing, percent)
        if not self.slider.isSliderDown():
            self._settle.start()

    def _begin(self) -> bool:
        from app.document.retouching.fading import FADED, Fade

        at = self.choice.currentIndex()
        if self._session is None or at < 0 or self._session.document.is_editing:
            return False
        try:
            fade = Fade(self._session.document, self._steps[at])
        except InpaintError as error:
            self.failed.emit(error)
            return False
        if fade.is_covered:
            self.covered.emit()
            return False
        self._fading = fade, self._session.document.begin(FADED)
        return True


def _is_command(event: QEvent) -> bool:
    """Whether a key with Ctrl is pressed, which may be a shortcut such as Undo."""
    return (
        isinstance(event, QKeyEvent)
        and event.type() == QEvent.Type.ShortcutOverride
        and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    )
