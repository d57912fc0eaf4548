"""Applies the dark or the light theme to the running application."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

import resources
from app.configuration.settings import Settings
from app.ui.theme.palette import DARK, LIGHT, Theme
from app.ui.theme.style_sheet import build_style_sheet

# Properties of the application object, so that all windows share one theme.
_IS_LIGHT, _POINTS = "lacuna.light", "lacuna.points"


def current_theme() -> Theme:
    """The theme in use. Call it when painting and do not keep the result: it can change."""
    application = QCoreApplication.instance()
    light = application is not None and application.property(_IS_LIGHT) is True
    return LIGHT if light else DARK


def apply_theme(application: QApplication, choice: str = "dark", scale: int = 100) -> None:
    """Set the application's name, icon, palette and style sheet.

    ``choice`` is "dark", "light" or "system" (what the desktop uses now); ``scale`` is the text
    size in per cent of the system's.
    """
    QCoreApplication.setOrganizationName("Lacuna")
    QCoreApplication.setApplicationName("Lacuna")
    application.setApplicationDisplayName("Lacuna")
    # Wayland finds the task bar entry of the window by this name.
    application.setDesktopFileName("lacuna")
    application.setWindowIcon(QIcon(str(resources.path("icon.svg"))))
    application.setStyle("Fusion")
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "setColorScheme"):  # Qt 6.8: the system's title bars follow
        schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
        hints.setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
    light = choice == "light" or (choice == "system" and system_is_light())
    application.setProperty(_IS_LIGHT, light)
    theme = current_theme()
    # Before the style sheet: fonts and palettes set after it have no effect.
    application.setPalette(build_palette(theme))
    points = _scale_font(application, scale)
    application.setStyleSheet(build_style_sheet(theme, points))


def system_is_light() -> bool:
    """True where the desktop has a light theme; False too where it states none."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light


def build_palette(theme: Theme) -> QPalette:
    """The theme as a Qt palette."""
    palette = QPalette(QColor(theme.raised), QColor(theme.window))
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
        palette.setColor(role, QColor(colour))
    text_roles = (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    )
    for role in text_roles:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    disabled = QPalette.ColorGroup.Disabled
    palette.setColor(disabled, QPalette.ColorRole.Highlight, QColor(theme.line))
    return palette


def _scale_font(application: QApplication, scale: int) -> float:
    """Set the text size; returns it in points."""
    font = application.font()
    system_points = application.property(_POINTS)
    if not isinstance(system_points, float):
        system_points = QFontInfo(font).pointSizeF()
        application.setProperty(_POINTS, system_points)
    points = system_points * scale / 100
    if abs(font.pointSizeF() - points) > 0.01:
        font.setPointSizeF(points)
        application.setFont(font)
    return points


class ThemeSwitcher(QObject):
    """Keeps the theme and the text size as the settings say, following the system if they say so.

    Applies them at once. A child of the application.
    """

    def __init__(self, application: QApplication, settings: Settings) -> None:
        super().__init__(application)
        self._application = application
        self._settings = settings
        self._apply()
        settings.changed.connect(self._on_setting)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme)

    @Slot(str, object)
    def _on_setting(self, setting: str, value: object) -> None:
        if setting in ("look.theme", "look.text_size"):
            self._apply()

    @Slot()
    def _on_system_theme(self) -> None:
        follows_system = self._settings.get("look.theme") == "system"
        if follows_system and system_is_light() == current_theme().dark:
            self._apply()

    def _apply(self) -> None:
        scale = int(self._settings.get("look.text_size"))
        apply_theme(self._application, str(self._settings.get("look.theme")), scale)
