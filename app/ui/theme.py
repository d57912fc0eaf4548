"""The look: neutral greys, so that nothing on the screen tints the eye but the photo."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

import resources

CANVAS = "#1c1c1c"
WINDOW = "#2a2a2a"
RAISED = "#363636"
LINE = "#454545"
TEXT = "#dcdcdc"
MUTED = "#a2a2a2"
ACCENT = "#5b9bd8"
ALERT = "#e0a04a"

_SHEET = f"""
QMenuBar, QToolBar, QStatusBar {{ background: {WINDOW}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {RAISED}; border-radius: 4px; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: 3px; }}
QMenu::item:selected {{ background: {ACCENT}; color: #101010; }}
QMenu::item:disabled {{ color: #777777; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 6px; }}
QToolBar {{ border: none; border-bottom: 1px solid #1a1a1a; padding: 4px 6px; spacing: 2px; }}
QToolBar::separator {{ width: 1px; background: {LINE}; margin: 4px 6px; }}
QToolButton {{ padding: 5px; border: 1px solid transparent; border-radius: 5px; }}
QToolButton:hover:enabled {{ background: {RAISED}; }}
QToolButton:pressed {{ background: #232323; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {ACCENT}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QStatusBar {{ border-top: 1px solid #1a1a1a; color: {MUTED}; }}
QStatusBar QLabel {{ color: {MUTED}; padding: 2px 6px; }}
QStatusBar::item {{ border: none; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px;
    padding: 8px 18px; }}
QPushButton:hover {{ background: #404040; }}
QPushButton:pressed {{ background: #303030; }}
QPushButton#primary {{ background: {ACCENT}; border-color: {ACCENT}; color: #101418; }}
QPushButton#primary:hover {{ background: #6faae2; }}
QPushButton#primary:focus {{ border: 1px solid #ffffff; }}
#welcome {{ background: {CANVAS}; }}
#dropzone {{ border: 2px dashed {LINE}; border-radius: 14px; background: #212121; }}
#dropzone[hot="true"] {{ border-color: {ACCENT}; background: #232a31; }}
#headline {{ font-size: 17pt; color: {TEXT}; }}
#muted {{ color: {MUTED}; }}
#notice {{ background: #3a3226; border-bottom: 1px solid #55452c; }}
#notice QLabel {{ color: #f0e4d0; }}
"""


def apply(application: QApplication) -> None:
    """Give the application its name, icon, palette and style sheet."""
    QCoreApplication.setOrganizationName("Lacuna")
    QCoreApplication.setApplicationName("Lacuna")
    application.setApplicationDisplayName("Lacuna")
    # Wayland finds the window's entry in the task bar by this name.
    application.setDesktopFileName("lacuna")
    application.setWindowIcon(QIcon(str(resources.path("icon.svg"))))
    application.setStyle("Fusion")
    palette = QPalette(QColor(RAISED), QColor(WINDOW))
    roles = {
        QPalette.ColorRole.Window: WINDOW,
        QPalette.ColorRole.Base: "#222222",
        QPalette.ColorRole.AlternateBase: WINDOW,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.PlaceholderText: MUTED,
        QPalette.ColorRole.Highlight: ACCENT,
        QPalette.ColorRole.HighlightedText: "#101010",
        QPalette.ColorRole.Link: ACCENT,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#777777"))
    application.setPalette(palette)
    application.setStyleSheet(_SHEET)
