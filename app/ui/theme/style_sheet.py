"""The application's style sheet. Lengths that should grow with the text are in ex and em."""

from __future__ import annotations

import resources
from app.ui.theme.palette import Theme


def build_style_sheet(theme: Theme, points: float) -> str:
    """The style sheet of a theme; ``points`` is the size of ordinary text."""
    c = theme
    check = resources.path(f"check-{'dark' if theme.dark else 'light'}.svg").as_posix()
    # As long as a dock's font equals the application's, Qt draws its title in the font of the time
    # when the dock was made, even after the text size has changed.
    dock_points = points + 0.01
    return f"""
QMenuBar, QToolBar, QStatusBar, #strip {{ background: {c.window}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {c.raised}; border-radius: 4px; }}
QMenu {{ background: {c.raised}; border: 1px solid {c.line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: 3px; }}
QMenu::item:selected {{ background: {c.chosen}; }}
QMenu::icon:checked {{ background: {c.chosen}; border: 1px solid {c.accent}; border-radius: 3px; }}
QMenu::item:disabled {{ color: {c.disabled}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 6px; }}
QToolBar {{ border: none; border-bottom: 1px solid {c.edge}; padding: 4px 6px; spacing: 2px; }}
QToolBar::separator {{ width: 1px; background: {c.line}; margin: 4px 6px; }}
QToolButton {{ padding: 5px; border: 1px solid transparent; border-radius: 5px; }}
QToolButton:hover:enabled {{ background: {c.raised}; }}
QToolButton:pressed {{ background: {c.pressed}; }}
QToolButton:checked {{ background: {c.chosen}; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {c.accent}; }}
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
#qt_toolbar_ext_button {{ padding: 0; }}
QToolButton#segment {{ padding: 4px 6px; background: {c.window}; border: 1px solid {c.line};
    border-radius: 4px; }}
QToolButton#segment:hover:enabled {{ background: {c.raised}; }}
QToolButton#segment:checked {{ background: {c.chosen}; border-color: {c.accent}; }}
QToolButton#flat {{ background: {c.raised}; border: 1px solid {c.line}; padding: 4px 10px; }}
QToolButton#flat:hover:enabled {{ background: {c.hover}; }}
QToolButton#flat:checked {{ background: {c.chosen}; border-color: {c.accent}; }}
QToolButton#flat:disabled, QToolButton#segment:disabled {{ color: {c.disabled}; }}
QToolButton#segment:focus, QToolButton#flat:focus {{ border: 1px solid {c.accent}; }}
QToolButton#flat::menu-indicator, QToolButton#menu::menu-indicator {{ image: none; }}
#pages QTabBar::tab {{ background: transparent; color: {c.muted}; padding: 5px 8px;
    border: none; border-bottom: 2px solid transparent; }}
#pages QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
#pages QTabBar::tab:hover:!selected {{ color: {c.text}; }}
QStatusBar {{ border-top: 1px solid {c.edge}; color: {c.muted}; }}
QStatusBar QLabel {{ color: {c.muted}; padding: 2px 6px; }}
QStatusBar::item {{ border: none; }}
QPushButton {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 6px;
    padding: 0.45em 1.1em; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.pressed}; }}
QPushButton:disabled {{ color: {c.disabled}; }}
QPushButton#primary {{ background: {c.accent}; border-color: {c.accent}; color: {c.on_accent}; }}
QPushButton#primary:hover {{ background: {c.accent_hover}; }}
QPushButton#primary:focus {{ border: 1px solid {c.text}; }}
QPushButton#primary:disabled {{ background: {c.raised}; border-color: {c.line};
    color: {c.disabled}; }}
QCheckBox {{ spacing: 0.5em; }}
QCheckBox::indicator, #unsaved::indicator {{ width: 1em; height: 1em;
    border: 1px solid {c.muted}; border-radius: 3px; background: {c.base}; }}
QCheckBox::indicator:checked, #unsaved::indicator:checked {{ background: {c.accent};
    border-color: {c.accent}; image: url({check}); }}
QCheckBox::indicator:disabled {{ border-color: {c.line}; background: {c.window}; }}
QCheckBox::indicator:focus {{ border: 2px solid {c.text}; }}
QLineEdit, QPlainTextEdit, QTreeView {{ border: 1px solid {c.line}; border-radius: 4px;
    background: {c.base}; }}
QLineEdit {{ padding: 0.25em 0.4em; }}
QLineEdit:focus, QPlainTextEdit:focus, QTreeView:focus {{ border-color: {c.accent}; }}
QTreeView::item {{ padding: 2px 0; }}
QHeaderView::section {{ background: {c.raised}; border: none; padding: 4px 6px; }}
#welcome {{ background: {c.page}; }}
#dropzone {{ border: 2px dashed {c.line}; border-radius: 14px; background: {c.zone}; }}
#dropzone[hot="true"] {{ border-color: {c.accent}; background: {c.zone_hot}; }}
#recent {{ background: {c.page}; border: none; }}
#recent::item {{ border: 1px solid transparent; border-radius: 6px; padding: 4px;
    color: {c.muted}; }}
#recent::item:hover {{ background: {c.raised}; color: {c.text}; }}
#recent::item:selected {{ border-color: {c.accent}; color: {c.text}; background: {c.raised}; }}
#recent::item:disabled {{ color: {c.disabled}; }}
#history, #variations, #filmstrip {{ background: {c.base}; border: 1px solid {c.base};
    outline: 0; }}
#unsaved::item {{ padding: 0.4em 0.2em; color: {c.text}; }}
#unsaved::item:focus {{ background: {c.raised}; border-radius: 4px; }}
#history:focus, #variations:focus, #filmstrip:focus {{ border-color: {c.accent}; }}
#history::item {{ padding: 3px 4px; border: 1px solid transparent; border-radius: 4px; }}
#history::item:hover {{ background: {c.raised}; }}
#history::item:selected {{ background: {c.chosen}; border-color: {c.accent}; color: {c.text}; }}
#variations::item, #filmstrip::item {{ border: 2px solid transparent; border-radius: 6px;
    padding: 3px; }}
#variations::item:hover, #filmstrip::item:hover {{ background: {c.raised}; }}
#variations::item:selected, #filmstrip::item:selected {{ background: {c.chosen};
    border-color: {c.accent}; color: {c.text}; }}
#dropframe {{ border: 3px solid {c.accent}; border-radius: 8px; background: transparent; }}
#dropwords {{ color: {c.notice_text}; background: {c.notice}; border: 1px solid {c.accent};
    border-radius: 8px; padding: 6px 14px; }}
#hint {{ color: {c.on_canvas}; background: {c.canvas}; padding: 5px 12px 7px 12px; }}
QDockWidget {{ font-size: {dock_points:.2f}pt; }}
QDockWidget::title {{ background: {c.window}; padding: 6px 8px; }}
QTabBar#tabs::tab {{ background: {c.window}; color: {c.muted}; padding: 6px 6px 6px 12px;
    border: none; border-right: 1px solid {c.edge}; }}
QTabBar#tabs::tab:selected {{ background: {c.canvas}; color: {c.on_canvas}; }}
QTabBar#tabs::tab:hover:!selected {{ background: {c.raised}; }}
#card {{ background: {c.base}; border: 1px solid {c.line}; border-radius: 8px; }}
#sections {{ background: {c.base}; padding: 8px 0; outline: 0; }}
#sections::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
#sections::item {{ padding: 0.5em 1em; }}
#headline {{ font-size: {points * 1.7:.1f}pt; color: {c.text}; }}
#heading {{ font-size: {points * 1.15:.1f}pt; font-weight: 600; color: {c.text}; }}
#muted {{ color: {c.muted}; }}
#alert {{ color: {c.alert}; }}
#notice {{ background: {c.notice}; border-bottom: 1px solid {c.notice_line}; }}
#notice QLabel {{ color: {c.notice_text}; }}
#notice[quiet="true"] {{ background: {c.window}; border-bottom: 1px solid {c.edge}; }}
#notice[quiet="true"] QLabel {{ color: {c.text}; }}
"""
