"""The colours of the screen that the photo is shown on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColorSpace, QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.system.monitor_profile import profile


class Display(QObject):
    """Follows the settings, and the screen that ``window`` is on once it is shown.

    ``changed()``: the photo has to be drawn in other colours. ``told(str, str)``: a sentence and a
    hint on a profile that was chosen and cannot be used.
    """

    changed = Signal()
    told = Signal(str, str)

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window
        self._space: QColorSpace | None = None
        self._watched = False
        self._looked = False
        settings.changed.connect(self._on_setting)

    @property
    def space(self) -> QColorSpace | None:
        """The screen's colour space; None for sRGB."""
        if not self._looked:
            self.look()
        return self._space

    def look(self) -> None:
        """Find out anew."""
        self._looked = True
        self._watch()
        choice = str(self._settings.get("look.display"))
        icc: bytes | None = None
        if choice == "system":
            icc = profile(QGuiApplication.platformName(), int(self._window.winId()))
        elif choice == "file":
            icc = self._chosen()
        found = None if icc is None else QColorSpace.fromIccProfile(icc)
        if found is not None and not _usable(found):
            if choice == "file":
                self._refuse()
            found = None
        if found != self._space:
            self._space = found
            self.changed.emit()

    def _chosen(self) -> bytes | None:
        place = str(self._settings.get("look.display_file"))
        if not place:
            return None
        try:
            return Path(place).read_bytes()
        except OSError:
            self._refuse()
            return None

    def _refuse(self) -> None:
        name = Path(str(self._settings.get("look.display_file"))).name
        self.told.emit(t("window.display", name=name), t("window.display.hint"))

    def _watch(self) -> None:
        """Look again when the window moves to another screen."""
        handle = self._window.windowHandle()
        if not self._watched and handle is not None:
            self._watched = True
            handle.screenChanged.connect(self._on_screen)

    def _on_screen(self, _screen: QScreen) -> None:
        self.look()

    def _on_setting(self, setting: str, value: object) -> None:
        if setting == "look.display_file" and value:
            self._settings.set("look.display", "file")  # whoever chooses one wants it
        if setting in ("look.display", "look.display_file") and self._looked:
            self.look()


def _usable(space: QColorSpace) -> bool:
    """True for a profile of a screen that Qt can convert to."""
    return (
        space.isValid()
        and space.colorModel() == QColorSpace.ColorModel.Rgb
        and space.isValidTarget()
    )
