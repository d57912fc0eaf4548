"""The manual in a window beside the editor."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QKeySequence,
    QPixmap,
    QResizeEvent,
    QShortcut,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QListWidget, QTextBrowser, QWidget

import resources
from app.configuration.text import t
from app.ui.theme.theme import current_theme
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label

_FOLDER = "manual"
_TEXT_WIDTH = 110  # characters of average width
_MARGIN = 20  # pixels around the text
_SUFFIX = ".md"


class _Page(QTextBrowser):
    """Shows pictures as wide as the page, or at their own size if that is less. ``widened()``: it
    has another width, so that it must be shown anew.
    """

    widened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        # A bar that came with the text would narrow the page while its pictures are being scaled.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.document().setDocumentMargin(_MARGIN)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A picture at the width that there is for it; anything else as Qt has it."""
        if kind != int(QTextDocument.ResourceType.ImageResource):
            return super().loadResource(kind, name)
        picture = QPixmap(self.document().baseUrl().resolved(QUrl(name)).toLocalFile())
        ratio = self.devicePixelRatioF()
        wide = min(picture.width(), round((self.viewport().width() - 2 * _MARGIN) * ratio))
        scaled = picture.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        return scaled

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale the pictures anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.widened.emit()


class ManualDialog(QDialog):
    """The chapters at the left, and the one that is read. It may stay open while the editor is
    used. Links to other chapters and back work as in a browser.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.manual.title"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        names = json.loads(resources.path(f"{_FOLDER}/contents.json").read_text("utf-8"))
        self.chapters: list[str] = [str(name) for name in names]
        self.page = _Page()
        self.page.anchorClicked.connect(self._follow)
        self.page.widened.connect(self._on_widened)
        self.page.setAccessibleName(t("help.manual.title"))
        self.list = QListWidget()
        self.list.setObjectName("sections")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        for name in self.chapters:
            self.list.addItem(_read(name).partition("\n")[0].lstrip("# "))
        self.list.setFixedWidth(self.list.sizeHintForColumn(0) + 36)
        self.list.currentRowChanged.connect(lambda row: self._show(self.chapters[row]))
        self.search = QLineEdit()
        self.search.setPlaceholderText(t("help.manual.search"))
        self.search.setAccessibleName(t("help.manual.search"))
        self.search.setClearButtonEnabled(True)
        self.search.textEdited.connect(self._find_typed)
        self.search.returnPressed.connect(self._find_next)
        self._no_match = make_label(t("help.manual.none"))
        self._no_match.hide()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)
        side = lay_out_column(
            None, self.search, self._no_match, (self.list, 1), margins=(10, 10, 0, 10), spacing=8
        )
        lay_out_row(self, side, (self.page, 1), spacing=8)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(
            self.list.width() + letter * _TEXT_WIDTH, max(620, self.fontMetrics().height() * 44)
        )
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def _show(self, chapter: str, anchor: str = "") -> None:
        document = self.page.document()
        folder = resources.path(f"{_FOLDER}/{chapter}{_SUFFIX}").parent
        document.setBaseUrl(QUrl.fromLocalFile(f"{folder}/"))
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        document.setDefaultStyleSheet(f"a {{ color: {current_theme().accent}; }}")
        document.setMarkdown(_read(chapter), features)
        # The cursor is behind the text: it would be scrolled to, and searched from.
        self.page.moveCursor(QTextCursor.MoveOperation.Start)
        self.page.verticalScrollBar().setValue(0)
        if anchor and self.page.find(anchor.replace("-", " ")):
            self._scroll_to_match()

    def _on_widened(self) -> None:
        if self.list.currentRow() >= 0:
            bar = self.page.verticalScrollBar()
            at = bar.value()
            self._show(self.chapters[self.list.currentRow()])
            bar.setValue(at)

    def _follow(self, url: QUrl) -> None:
        name = url.fileName()
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif name.removesuffix(_SUFFIX) in self.chapters:
            chapter = name.removesuffix(_SUFFIX)
            self.list.blockSignals(True)
            self.list.setCurrentRow(self.chapters.index(chapter))
            self.list.blockSignals(False)
            self._show(chapter, url.fragment())

    def _find_typed(self) -> None:
        """Find the words that are being typed, from what was found of them so far."""
        cursor = self.page.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self.page.setTextCursor(cursor)
        self._find_next()

    def _find_next(self) -> None:
        """Find the words in what follows of this chapter, or else in the next ones."""
        words = self.search.text().strip()
        if not words:
            self._no_match.setVisible(False)
            return
        if self.page.find(words):
            self._no_match.setVisible(False)
            self._scroll_to_match()
            return
        row, count = self.list.currentRow(), len(self.chapters)
        for step in range(1, count + 1):
            other = (row + step) % count
            if words.casefold() in _read(self.chapters[other]).casefold():
                self.list.setCurrentRow(other)
                self._show(self.chapters[other])
                if self.page.find(words):
                    self._no_match.setVisible(False)
                    self._scroll_to_match()
                    return
        self._no_match.setVisible(True)

    def _scroll_to_match(self) -> None:
        """Show what was found with what it belongs to: in the upper third of the page."""
        bar, page = self.page.verticalScrollBar(), self.page.viewport()
        bar.setValue(bar.value() + self.page.cursorRect().top() - page.height() // 3)


def _read(chapter: str) -> str:
    return resources.path(f"{_FOLDER}/{chapter}{_SUFFIX}").read_text("utf-8")
