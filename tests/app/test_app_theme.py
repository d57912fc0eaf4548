from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.configuration.settings import Settings
from app.ui.panels.history_panel import HistoryPanel
from app.ui.shell.options_bar import OptionsBar
from app.ui.theme import theme
from app.ui.theme.icons import make_icon
from app.ui.theme.palette import DARK, LIGHT, Theme
from app.ui.widgets.layouts import lay_out_column
from app.ui.widgets.thumbnails import ThumbnailList

# What is written with, and what it is written on.
_WRITTEN = [
    *itertools.product(("text",), ("window", "raised", "hover", "pressed", "base", "page", "zone")),
    *itertools.product(("muted",), ("window", "raised", "base", "page", "zone")),
    *itertools.product(("accent", "alert"), ("window",)),
    *itertools.product(("on_accent",), ("accent", "accent_hover")),
    ("on_canvas", "canvas"),
    ("text", "chosen"),
    ("text", "zone_hot"),
    ("muted", "zone_hot"),
    ("notice_text", "notice"),
    ("alert", "notice"),
]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), light, strict=True))


@pytest.fixture
def look(qapp: QApplication, tmp_path: Path) -> Iterator[Settings]:
    """Settings that the application's look follows."""
    settings = Settings(QSettings(str(tmp_path / "look.ini"), QSettings.Format.IniFormat))
    font, before = qapp.font(), theme.ThemeSwitcher(qapp, settings)
    yield settings
    settings.reset()
    before.setParent(None)  # type: ignore[call-overload]
    before.deleteLater()
    qapp.setStyleSheet("")
    qapp.setFont(font)


def test_the_ratio_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("pair", _WRITTEN, ids=" on ".join)
def test_everything_written_can_be_read(palette: Theme, pair: tuple[str, str]) -> None:
    assert contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) >= 4.5


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_focus_rings_stand_out(palette: Theme) -> None:
    for ground in (palette.window, palette.raised, palette.base, palette.page):
        assert contrast(palette.accent, ground) >= 3


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_greys_are_neutral_and_the_surround_is_no_brighter_than_a_photo(palette: Theme) -> None:
    for name in ("canvas", "page", "window", "raised", "base", "line", "text", "muted"):
        colour = QColor(getattr(palette, name))
        assert colour.red() == colour.green() == colour.blue(), name
    assert QColor(palette.canvas).lightness() < 128


def test_the_look_follows_the_setting_at_once(qapp: QApplication, look: Settings) -> None:
    assert theme.current_theme() is DARK
    look.set("look.theme", "light")
    assert theme.current_theme() is LIGHT
    assert qapp.palette().window().color() == QColor(LIGHT.window)


def test_the_look_follows_the_system_when_asked(
    qapp: QApplication, look: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a screen there is no desktop whose look could change: its answer is put in its mouth.
    changed = qapp.styleHints().colorSchemeChanged
    look.set("look.theme", "system")
    assert theme.current_theme() is DARK
    monkeypatch.setattr(theme, "system_is_light", lambda: True)
    changed.emit(Qt.ColorScheme.Light)
    assert theme.current_theme() is LIGHT
    monkeypatch.setattr(theme, "system_is_light", lambda: False)
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current_theme() is DARK
    look.set("look.theme", "light")
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current_theme() is LIGHT


def test_text_grows_by_the_setting(qtbot: QtBot, qapp: QApplication, look: Settings) -> None:
    label, headline = QLabel("text"), QLabel("text")
    headline.setObjectName("headline")
    for widget in (label, headline):
        qtbot.addWidget(widget)
        widget.show()
    small = [w.fontMetrics().height() for w in (label, headline)]
    look.set("look.text_size", 200)
    large = [w.fontMetrics().height() for w in (label, headline)]
    assert all(b > 1.7 * a for a, b in zip(small, large, strict=True))
    look.set("look.text_size", 100)
    assert [w.fontMetrics().height() for w in (label, headline)] == small


def test_the_titles_of_docks_grow_too(qtbot: QtBot, look: Settings) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("Words", window)
    dock.setWidget(QWidget())
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.resize(400, 200)
    window.show()

    def width() -> int:
        image = dock.grab().toImage()
        lit = [
            x
            for x in range(image.width() // 2)  # the other half has buttons
            for y in range(dock.widget().y())
            if image.pixelColor(x, y).value() > 150
        ]
        return max(lit) - min(lit)

    small = width()
    look.set("look.text_size", 200)
    qtbot.waitUntil(lambda: width() > 1.7 * small)


def strongest(image: QImage) -> QColor:
    """The colour of the pixel with the most alpha."""
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(colours, key=QColor.alpha)


def test_icons_take_the_colour_of_the_theme(look: Settings) -> None:
    plain, primary = make_icon("ph.folder-open"), make_icon("ph.folder-open", "on_accent")
    fixed = make_icon("ph.folder-open", "#ff0000")
    for choice, palette in (("dark", DARK), ("light", LIGHT)):
        look.set("look.theme", choice)
        drawn = [strongest(i.pixmap(QSize(24, 24)).toImage()) for i in (plain, primary, fixed)]
        wanted = [palette.text, palette.on_accent, "#ff0000"]
        for found, colour in zip(drawn, wanted, strict=True):
            want = QColor(colour)
            assert abs(found.red() - want.red()) <= 8
            assert abs(found.blue() - want.blue()) <= 8


def test_a_check_mark_shows(qtbot: QtBot, look: Settings) -> None:
    box = QCheckBox("switch")
    qtbot.addWidget(box)
    box.show()
    for choice, palette in (("dark", DARK), ("light", LIGHT)):
        look.set("look.theme", choice)
        box.setChecked(False)
        off = box.grab().toImage()
        box.setChecked(True)
        on = box.grab().toImage()
        assert off != on
        colours = {on.pixelColor(x, y).name() for x in range(20) for y in range(on.height())}
        assert palette.on_accent in colours


def test_what_opens_the_rest_of_a_narrow_bar_shows(qtbot: QtBot, look: Settings) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = OptionsBar(look, defaultdict(QAction))
    window.addToolBar(bar)
    for choice, palette in (("dark", DARK), ("light", LIGHT)):
        look.set("look.theme", choice)
        window.resize(window.minimumSizeHint())
        window.show()
        more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
        assert more is not None
        assert more.isVisible()
        image = more.grab().toImage()
        ground = QColor(palette.window).lightness()
        drawn = itertools.product(range(image.width()), range(image.height()))
        assert max(abs(image.pixelColor(x, y).lightness() - ground) for x, y in drawn) > 100


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_list_of_a_panel_shows_that_it_has_the_focus(
    look: Settings, qtbot: QtBot, name: str
) -> None:
    look.set("look.theme", name)
    window = QWidget()
    shown = ThumbnailList("variations", "Variations", QSize(40, 30), (4, 4))
    other = QToolButton(focusPolicy=Qt.FocusPolicy.StrongFocus)
    history = HistoryPanel(look, QMenu("Snapshots", window))
    lay_out_column(window, shown, history, other)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for each in (shown, history.list):
        other.setFocus()
        assert each.grab().toImage().pixelColor(0, 9).name() == theme.current_theme().base
        each.setFocus()
        assert each.grab().toImage().pixelColor(0, 9).name() == theme.current_theme().accent
