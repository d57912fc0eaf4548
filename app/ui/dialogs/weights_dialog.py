"""The table of weights: where they come from, what they are, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.notice import Notice, describe_failure
from app.session.weights.weights_list import WeightsList, WeightsRow
from app.session.weights.weights_use import read_use
from app.ui.dialogs.questions import ask
from app.ui.dialogs.test_picture import TestPicture
from app.ui.dialogs.weights_card import format_size, name_engine, show_words
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label
from app.workers.jobs import Job
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.networks.store.manifest import WeightsEntry

_MEASURING = ("weights.measuring", "weights.measuring_details")
_COLUMNS = ("engine", "origin", "network", "size", "licence", "measured", "used")


_WITH_TIPS = ("import", "prefer", "measure", "folder", "remove")


class WeightsDialog(QDialog):
    """The table and its buttons. It may stay open while the editor is used.

    ``import_asked()``: weights are to be imported. ``list`` starts the jobs.
    ``is_filling`` says whether a fill is under way: removing waits for its end.
    """

    import_asked = Signal()

    def __init__(
        self,
        weights: WeightsList,
        settings: Settings,
        is_filling: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("weights_dialogs.list.title"))
        self.list, self._settings, self._is_filling = weights, settings, is_filling
        self._job: Job | None = None
        self._measuring: Job | None = None  # the job, if it is one that can be stopped
        self.rows: tuple[WeightsRow, ...] = ()
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(t("weights_dialogs.list.title"))
        self.table.setHeaderLabels([t(f"weights_dialogs.list.{name}") for name in _COLUMNS])
        self.table.setAllColumnsShowFocus(True)
        header, modes = self.table.header(), QHeaderView.ResizeMode
        header.setStretchLastSection(False)
        header.setSectionResizeMode(modes.ResizeToContents)
        self.table.currentItemChanged.connect(lambda *_: self._update_buttons())
        self._about = make_label(wraps=True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self.picture = TestPicture()
        self.problem, self._hint = make_label(name="alert", wraps=True), make_label(wraps=True)
        self._step, self._bar = ElidedLabel(), QProgressBar()
        self._step.setObjectName("muted")
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(6)
        self._bar.setTextVisible(False)
        self.bring = _make_button("import", self.import_asked.emit)
        self.prefer = _make_button("prefer", self._prefer)
        self.measure = _make_button("measure", self._measure)
        self.folder = _make_button("folder", self._open_folder)
        self.remove = _make_button("remove", self._remove)
        self.stop = _make_button("stop", self._stop)
        close = _make_button("close", self.reject)
        for widget in (self.problem, self._hint, self._step, self._bar, self.stop):
            widget.hide()
        mine = (self.prefer, self.measure, self.folder, self.remove)
        row = lay_out_row(None, self.bring, 12, *mine, None, self.stop, close, spacing=8)
        says = (self.picture, self._about, self.problem, self._hint, self._step, self._bar)
        lay_out_column(self, (self.table, 1), *says, row, margins=(18, 16, 18, 14), spacing=10)
        letter = self.fontMetrics().averageCharWidth()
        header.setMinimumSectionSize(letter * 9)
        self.resize(max(940, letter * 140), max(400, self.fontMetrics().height() * 24))
        self._update_buttons()
        self.refresh()

    def refresh(self) -> None:
        """Read the list anew."""
        self._watch(self.list.read())

    @property
    def chosen(self) -> WeightsRow | None:
        """The row that is selected."""
        item = self.table.currentItem()
        return None if item is None else self.rows[self.table.indexOfTopLevelItem(item)]

    def done(self, result: int) -> None:
        """Close, and stop measuring."""
        self._stop()
        super().done(result)

    # -- the buttons ---------------------------------------------------------------------------

    def _prefer(self) -> None:
        if self.chosen is not None:
            self._watch(self.list.prefer(self.chosen))

    def _measure(self) -> None:
        row = self.chosen
        if row is None:
            return
        role, name = QMessageBox.ButtonRole, "weights_dialogs.list.measure_on"
        scenes, photos = "weights_dialogs.list.on_scenes", "weights_dialogs.list.on_photos"
        cancel = "weights_dialogs.cancel"
        answers = {scenes: role.AcceptRole, photos: role.AcceptRole, cancel: role.RejectRole}
        text = t(name, name=name_engine(row.engine))
        answer = ask(self, text, t(f"{name}.hint"), answers, scenes)
        folder = QFileDialog.getExistingDirectory(self, t(photos)) if answer == photos else ""
        if answer == scenes or folder:
            self._watch(self.list.measure(row, Path(folder) if folder else None))
            self._measuring = self._job

    def _open_folder(self) -> None:
        if self.chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.chosen.entry.folder)))

    def _remove(self) -> None:
        row = self.chosen
        if row is None:
            return
        if self._is_filling():
            busy = "weights_dialogs.list.busy"
            self._show(Notice(t(busy), t(f"{busy}.hint")))
            return
        role = QMessageBox.ButtonRole
        remove, keep = "weights_dialogs.list.remove_now", "weights_dialogs.cancel"
        answers = {remove: role.DestructiveRole, keep: role.RejectRole}
        name, hint = name_engine(row.engine), t("weights_dialogs.list.sure.hint")
        if ask(self, t("weights_dialogs.list.sure", name=name), hint, answers, keep) == remove:
            self._watch(self.list.remove(row))

    def _stop(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()

    # -- jobs ----------------------------------------------------------------------------------

    def _watch(self, job: Job) -> None:
        self._job = job
        self._show(None)
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_rows)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_ended)
        self._update_buttons()

    def _on_progress(self, fraction: float, text: Message | None) -> None:
        self._bar.show()
        self.stop.show()
        self._bar.setValue(round(1000 * fraction))
        if text is not None and text.key in _MEASURING:  # not what engines say of each scene
            show_words(self._step, t.message(text))

    def _on_failed(self, error: Exception) -> None:
        self._show(describe_failure(error, "window.mistake"))
        self._on_ended()

    def _on_ended(self) -> None:
        self._job = self._measuring = None
        for widget in (self._bar, self._step, self.stop):
            widget.hide()
        self._update_buttons()

    def _on_rows(self, rows: tuple[WeightsRow, ...]) -> None:
        chosen = self.chosen
        self.table.clear()
        self.rows = rows
        for row in rows:
            item = QTreeWidgetItem(self.table, self._describe(row))
            item.setTextAlignment(3, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(1, f"{item.text(1)}\n{row.entry.folder}")
            item.setToolTip(4, row.entry.licence or item.text(4))
            if chosen is not None and row.entry.id == chosen.entry.id:
                self.table.setCurrentItem(item)
        first = self.table.topLevelItem(0)
        if self.chosen is None and first is not None:  # what the buttons act on is always marked
            self.table.setCurrentItem(first)
        self._make_room()
        self._on_ended()

    def _make_room(self) -> None:
        """Make the dialog as wide as the table needs, as far as the screen is; what is left over or
        missing then is the origin's and the licence's, whose whole texts are their tips.
        """
        header, modes = self.table.header(), QHeaderView.ResizeMode
        header.setSectionResizeMode(modes.ResizeToContents)
        frame = self.width() - self.table.viewport().width()
        wanted = min(header.length() + frame, self.screen().availableGeometry().width() * 9 // 10)
        if wanted > self.width():
            self.resize(wanted, self.height())
        for name in ("origin", "licence"):
            header.setSectionResizeMode(_COLUMNS.index(name), modes.Stretch)

    def _describe(self, row: WeightsRow) -> list[str]:
        """The words of a row, column by column."""
        entry = row.entry
        name = name_engine(row.engine)
        if row.is_shipped:
            origin = t("weights_dialogs.list.ships")
        else:
            day = _say_day(entry.imported)
            origin = t("weights_dialogs.list.imported", file=entry.source, day=day)
        licence, _, _ = entry.licence.partition(";")
        used = read_use(self._settings.store, entry.sha256)
        return [
            _add_state(row, name),
            origin,
            entry.network,
            format_size(row.size) if entry.is_present else t("weights_dialogs.list.missing"),
            licence or t("weights_dialogs.list.unknown"),
            t("weights_dialogs.list.yes" if entry.measured else "weights_dialogs.list.no"),
            t("weights_dialogs.list.never") if used is None else _say_day(used.isoformat()),
        ]

    def _update_buttons(self) -> None:
        row, is_idle = self.chosen, self._job is None
        ours = row is not None and row.is_ours
        shipped = {each.family for each in self.rows if each.is_shipped and each.is_default}
        others = row is not None and not row.is_default and row.family not in shipped
        others = others and row is not None and row.is_usable
        self.prefer.setEnabled(is_idle and others)
        self.measure.setEnabled(is_idle and ours and row is not None and row.is_usable)
        self.remove.setEnabled(is_idle and ours)
        self.folder.setEnabled(row is not None)
        show_words(self._about, "" if row is None else self._tell_more(row))
        self.picture.show_picture(None if row is None else row.picture)

    def _tell_more(self, row: WeightsRow) -> str:
        """What was measured, and how certain it is that these weights are what they seem."""
        if row.entry.missing:
            return t("weights_dialogs.list.without", files="; ".join(row.entry.missing))
        found = row.entry.validation
        if "exemplar_seconds" in found:
            locale = QLocale()
            values = {
                name: locale.toString(found[name], "f", 3 if "ssim" in name else 1)
                for name in ("ssim_hole", "exemplar_ssim_hole", "seconds", "exemplar_seconds")
            }
            return t("weights_dialogs.list.result", use=_tell_use(row.entry), **values)
        return "" if row.is_shipped else t("weights_dialogs.list.not_measured")

    def _show(self, notice: Notice | None) -> None:
        show_words(self.problem, "" if notice is None else notice.text)
        show_words(self._hint, "" if notice is None else notice.hint)


def _add_state(row: WeightsRow, name: str) -> str:
    """An engine's name, with what is particular about these weights."""
    if row.entry.missing:
        return t("weights_dialogs.list.incomplete", name=name)
    return t("weights_dialogs.list.default", name=name) if row.is_default else name


def _tell_use(entry: WeightsEntry) -> str:
    """Where “Automatic” uses measured weights."""
    if not entry.better_for:
        return t("weights_dialogs.list.unused")
    depths = entry.better_for.items()
    places = [t(f"weights_dialogs.list.where.{kind}", depth=round(deep)) for kind, deep in depths]
    return t("weights_dialogs.list.chosen", where="; ".join(places))


def _say_day(moment: str) -> str:
    """The day of an ISO 8601 date or time as this language writes it."""
    try:
        day = date.fromisoformat(moment[:10])
    except ValueError:
        return moment
    found = QDate(day.year, day.month, day.day)
    return QLocale().toString(found, QLocale.FormatType.ShortFormat)


def _make_button(name: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(t(f"weights_dialogs.list.{name}"))
    if name in _WITH_TIPS:
        button.setToolTip(t(f"weights_dialogs.list.{name}.tip"))
    button.setAutoDefault(False)
    button.clicked.connect(lambda: clicked())
    return button
