"""The look of the running application: dark, light, or as the system has it, changed at once."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

import resources
from app.configuration.settings import Settings
from app.ui.theme.palette import DARK, LIGHT, Theme
from app.ui.theme.style_sheet import sheet

# What the application itself remembers, so that there is one look for all of its windows.
_LOOK, _POINTS = "lacuna.light", "lacuna.points"


def current() -> Theme:
    """The theme now in use. Ask while painting rather than once: it may change at any time."""
    application = QCoreApplication.instance()
    light = application is not None and application.property(_LOOK) is True
    return LIGHT if light else DARK


def __getattr__(name: str) -> str:
    """``theme.CANVAS`` is ``theme.current().canvas``, and so on for every colour."""
    if not name.isupper():
        raise AttributeError(name)
    return str(getattr(current(), name.lower()))


def apply(application: QApplication, choice: str = "dark", scale: int = 100) -> None:
    """Give the application its name, icon, palette and style sheet.

    ``choice`` is "dark", "light" or "system" (as the desktop is now); ``scale`` is the size of
    text in per cent of the system's.
    """
    QCoreApplication.setOrganizationName("Lacuna")
    QCoreApplication.setApplicationName("Lacuna")
    application.setApplicationDisplayName("Lacuna")
    # Wayland finds the window's entry in the task bar by this name.
    application.setDesktopFileName("lacuna")
    application.setWindowIcon(QIcon(str(resources.path("icon.svg"))))
    application.setStyle("Fusion")
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "setColorScheme"):  # Qt 6.8: the system's own title bars follow
        schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
        hints.setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
    light = choice == "light" or (choice == "system" and system_is_light())
    application.setProperty(_LOOK, light)
    theme = current()
    # The style sheet first: fonts and palettes set under another one are not taken over.
    application.setPalette(palette(theme))
    points = _scaled(application, scale)
    application.setStyleSheet(sheet(theme, points))


def system_is_light() -> bool:
    """True where the desktop has a light look; where it has none, ours is dark."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's roles."""
    found = QPalette(QColor(theme.raised), QColor(theme.window))
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.Base: theme.base,
        QPalette.ColorRole.AlternateBase: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.LinkVisited: theme.accent,
    }
    for role, colour in roles.items():
        found.setColor(role, QColor(colour))
    written = (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    )
    for role in written:
        found.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    disabled = QPalette.ColorGroup.Disabled
    found.setColor(disabled, QPalette.ColorRole.Highlight, QColor(theme.line))
    return found


def _scaled(application: QApplication, scale: int) -> float:
    """Set the size of text; returns it in points."""
    font = application.font()
    own = application.property(_POINTS)
    if not isinstance(own, float):
        own = QFontInfo(font).pointSizeF()
        application.setProperty(_POINTS, own)
    points = own * scale / 100
    if abs(font.pointSizeF() - points) > 0.01:
        font.setPointSizeF(points)
        application.setFont(font)
    return points


class Look(QObject):
    """Keeps the application's look as the settings say, and as the system does where they say so.

    Applies it at once. Lives as long as the application, whose child it is.
    """

    def __init__(self, application: QApplication, settings: Settings) -> None:
        super().__init__(application)
        self._application = application
        self._settings = settings
        self._apply()
        settings.changed.connect(self._set)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    @Slot(str, object)
    def _set(self, setting: str, value: object) -> None:
        if setting in ("look.theme", "look.text_size"):
            self._apply()

    @Slot()
    def _follow(self) -> None:
        system = self._settings.get("look.theme") == "system"
        if system and system_is_light() == current().dark:
            self._apply()

    def _apply(self) -> None:
        scale = int(self._settings.get("look.text_size"))
        apply(self._application, str(self._settings.get("look.theme")), scale)
