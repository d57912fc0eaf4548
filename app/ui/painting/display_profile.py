"""The colour profile of the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColorSpace, QGuiApplication
from PySide6.QtWidgets import QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.notice import Notice
from app.system.monitor_profile import read_monitor_profile

if TYPE_CHECKING:
    from app.ui.painting.screen_colours import ProofSetting


class DisplayProfile(QObject):
    """Follows the settings and the screen that ``window`` is on, once it is shown.

    ``changed()``: the colour space is a different one. ``notice_posted(Notice)``: the chosen
    profile cannot be used.
    """

    changed = Signal()
    notice_posted = Signal(object)

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window
        self._space: QColorSpace | None = None
        self._watches_screen = False
        self._is_known = False
        settings.changed.connect(self._on_setting)

    @property
    def space(self) -> QColorSpace | None:
        """The colour space of the screen; None for sRGB."""
        if not self._is_known:
            self.refresh()
        return self._space

    def refresh(self) -> None:
        """Read the profile again."""
        self._is_known = True
        self._watch_screen()
        choice = str(self._settings.get("look.display"))
        icc: bytes | None = None
        if choice == "system":
            icc = read_monitor_profile(QGuiApplication.platformName(), int(self._window.winId()))
        elif choice == "file":
            icc = self._read_chosen_profile()
        space = None if icc is None else QColorSpace.fromIccProfile(icc)
        if space is not None and not _is_usable(space):
            if choice == "file":
                self._warn()
            space = None
        if space != self._space:
            self._space = space
            self.changed.emit()

    def _read_chosen_profile(self) -> bytes | None:
        path = str(self._settings.get("look.display_file"))
        if not path:
            return None
        try:
            return Path(path).read_bytes()
        except OSError:
            self._warn()
            return None

    @property
    def proof(self) -> ProofSetting | None:
        """What is proofed for; None: nothing."""
        if not self._settings.get("look.proof"):
            return None
        from app.ui.painting.screen_colours import ProofSetting

        try:
            device = Path(str(self._settings.get("look.proof_file"))).read_bytes()
        except OSError:
            device = b""
        intent = self._settings.get("look.proof_intent")
        return ProofSetting(device, intent, bool(self._settings.get("look.proof_gamut")))

    def refuse_proof(self) -> None:
        """Say that the chosen profile cannot be used, and switch proofing off."""
        path = str(self._settings.get("look.proof_file"))
        self._settings.set("look.proof", False)
        text = t("window.proof", name=Path(path).name) if path else t("window.proof.none")
        self.notice_posted.emit(Notice(text, t("window.proof.hint"), is_calm=not path))

    def _warn(self) -> None:
        name = Path(str(self._settings.get("look.display_file"))).name
        self.notice_posted.emit(Notice(t("window.display", name=name), t("window.display.hint")))

    def _watch_screen(self) -> None:
        """Refresh when the window moves to another screen."""
        handle = self._window.windowHandle()
        if not self._watches_screen and handle is not None:
            self._watches_screen = True
            handle.screenChanged.connect(lambda _screen: self.refresh())

    def _on_setting(self, setting: str, value: object) -> None:
        if setting == "look.display_file" and value:
            self._settings.set("look.display", "file")  # choosing a file means using it
        if setting.startswith("look.proof"):
            self.changed.emit()
        if setting in ("look.display", "look.display_file") and self._is_known:
            self.refresh()


def _is_usable(space: QColorSpace) -> bool:
    """True for the profile of a screen that Qt can convert to."""
    return (
        space.isValid()
        and space.colorModel() == QColorSpace.ColorModel.Rgb
        and space.isValidTarget()
    )
