"""The batch dialog: one mask, one project or one search over many photos."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.configuration.text import t
from app.session.controller import Controller
from app.session.library.batch_work import (
    BatchOrder,
    BatchWork,
    RemovalKind,
    read_settings,
)
from app.session.library.folder_photos import list_folder_photos
from app.session.library.folder_walk import FolderWalk
from app.session.notice import Notice, describe_failure
from app.ui.dialogs import questions
from app.ui.theme.icons import make_icon
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label
from app.ui.widgets.setting_fields import follow_setting
from app.workers.engine_lane import EngineLane
from inpaint_core.contract.errors import BadRequest, InpaintError, NothingFound
from inpaint_core.contract.file_names import show_name

if TYPE_CHECKING:
    from inpaint_core.batch.batch_run import BatchOutcome

_KINDS = ("painted", "mask", "masks", "project", "spots", "wires", "text")
_WITH_FILE = ("mask", "masks", "project")
_ICONS = {
    "done": ("ph.check-circle", "accent"),
    "skipped": ("ph.check-circle", "muted"),
    "unchanged": ("ph.minus-circle", "muted"),
    "failed": ("ph.warning-circle", "alert"),
}
_RESULTS = "lacuna"  # the folder of results, beside the photos
_PATH = _STATE = Qt.ItemDataRole.UserRole


class BatchDialog(QDialog):
    """The photos with what became of each, and above them what to remove. It may stay open while
    the editor is used. The photos are at first those of ``walk``'s folder.
    """

    def __init__(
        self,
        controller: Controller,
        engine_lane: EngineLane,
        walk: FolderWalk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("batch.title"))
        self._controller = controller
        self.work = BatchWork(engine_lane)
        self._source: dict[str, Path] = {}
        self._out_dir: Path | None = None
        self._build_choices()
        self._build_table()
        self._build_foot()
        lay_out_column(
            self,
            self._choices,
            (self.table, 1),
            self._photo_buttons,
            self.problem,
            self._hint,
            self._bar,
            self._foot,
            margins=(18, 16, 18, 14),
            spacing=10,
        )
        self.work.begun.connect(self._on_begun)
        self.work.progressed.connect(self._on_progressed)
        self.work.finished.connect(self._on_finished)
        self.work.ended.connect(self._on_ended)
        self.work.failed.connect(self._on_failed)
        # However it is closed: with Esc there is no close event. What is finished stays.
        self.finished.connect(lambda _: self.work.stop())
        self._add([photo.path for photo in walk.photos])
        self.kind.setCurrentIndex(0 if self._has_mask else _KINDS.index("spots"))
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(720, letter * 108), max(520, self.fontMetrics().height() * 32))
        self._update()

    def _build_choices(self) -> None:
        self.kind = QComboBox()
        self.kind.setAccessibleName(t("batch.remove"))
        for name in _KINDS:
            self.kind.addItem(t(f"batch.remove.{name}"), name)
        self.kind.currentIndexChanged.connect(lambda _: self._update())
        self._file_label = ElidedLabel()
        self.choose = _make_button("batch.choose", self._choose_file)
        self.scale = QCheckBox(t("batch.scale"))
        self.scale.setToolTip(t("batch.scale.tip"))
        self.scale.setChecked(True)
        self._folder_label = ElidedLabel()
        self.choose_folder = _make_button("batch.choose", self._choose_folder)
        remove, results = make_label(t("batch.remove")), make_label(t("batch.results"))
        wide = max(label.sizeHint().width() for label in (remove, results))
        for label in (remove, results):
            label.setFixedWidth(wide)
        first = lay_out_row(None, remove, self.kind, (self._file_label, 1), self.choose, spacing=10)
        last = lay_out_row(None, results, (self._folder_label, 1), self.choose_folder, spacing=10)
        says = make_label(t("batch.settings"), wraps=True)
        self.resized = make_label(t("batch.resized"), name="alert", wraps=True)
        self._choices = QWidget()
        lay_out_column(self._choices, first, self.scale, last, says, self.resized, spacing=8)
        follow_setting(
            self.resized,
            "export.resize",
            self._controller.settings,
            lambda by: self.resized.setVisible(by != "none"),
        )

    def _build_table(self) -> None:
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.table.setAccessibleName(t("batch.photos"))
        self.table.setHeaderLabels([t("batch.photos"), t("batch.state")])
        header = self.table.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, self.fontMetrics().averageCharWidth() * 40)
        self.table.itemSelectionChanged.connect(self._update)
        self.table.itemActivated.connect(self._open_result)
        self.add_photos = _make_button("batch.add", self._ask_photos)
        self.add_folder = _make_button("batch.add_folder", self._ask_folder)
        self.remove = _make_button("batch.remove_photos", self._remove)
        self._count = make_label()
        self._photo_buttons = lay_out_row(
            None, self.add_photos, self.add_folder, self.remove, None, self._count, spacing=8
        )

    def _build_foot(self) -> None:
        self.problem, self._hint = make_label(name="alert", wraps=True), make_label(wraps=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(6)
        self._bar.setTextVisible(False)
        self.show_folder = _make_button("batch.show_folder", self._show_folder)
        self.stop = _make_button("batch.stop", self.work.stop)
        self.go = _make_button("batch.start", self._start)
        self.go.setObjectName("primary")
        self.go.setDefault(True)
        close = _make_button("batch.close", self.close)
        for widget in (self.problem, self._hint, self._bar, self.stop):
            widget.hide()
        self._foot = lay_out_row(None, self.show_folder, None, self.stop, self.go, close, spacing=8)

    # -- what to do ----------------------------------------------------------------------------

    @property
    def _has_mask(self) -> bool:
        session = self._controller.current
        return session is not None and session.has_mask

    @property
    def chosen_kind(self) -> str:
        """What is to be removed: one of the choices of the first row."""
        return str(self.kind.currentData())

    @property
    def photos(self) -> list[Path]:
        """The photos in the table."""
        return [self._row(index).data(0, _PATH) for index in range(self._rows)]

    def _row(self, index: int) -> QTreeWidgetItem:
        row = self.table.topLevelItem(index)
        assert row is not None
        return row

    @property
    def out_dir(self) -> Path | None:
        """The folder of the results: the chosen one, or “lacuna” beside the first photo."""
        photos = self.photos
        if self._out_dir is not None or not photos:
            return self._out_dir
        return photos[0].parent / _RESULTS

    @property
    def _rows(self) -> int:
        return self.table.topLevelItemCount()

    def _add(self, paths: list[Path]) -> None:
        known = set(self.photos)
        for path in paths:
            if path not in known:
                known.add(path)
                row = QTreeWidgetItem([show_name(path.name), ""])
                row.setData(0, _PATH, path)
                row.setToolTip(0, show_name(path))
                self.table.addTopLevelItem(row)
        self._update()

    def _remove(self) -> None:
        for row in self.table.selectedItems():
            self.table.takeTopLevelItem(self.table.indexOfTopLevelItem(row))
        self._update()

    def _ask_photos(self) -> None:
        self._add(questions.ask_photos(self, self._controller.settings))

    def _ask_folder(self) -> None:
        folder = questions.ask_folder(self, t("batch.add_folder.title"), self._controller.settings)
        if folder is None:
            return
        try:
            self._add([photo.path for photo in list_folder_photos(folder)])
        except InpaintError as error:
            self._tell(Notice.from_error(error))

    def _choose_file(self) -> None:
        kind = self.chosen_kind
        beside = self.photos[0] if self.photos else None
        if kind == "masks":
            title, begin = t("batch.remove.masks"), "" if beside is None else str(beside.parent)
            name = QFileDialog.getExistingDirectory(self, title, begin)
            chosen = Path(name) if name else None
        elif kind == "mask":
            chosen = questions.ask_mask_to_load(self, beside)
        else:
            chosen = questions.ask_project_to_replay(self, beside)
        if chosen is not None:
            self._source[kind] = chosen
        self._update()

    def _choose_folder(self) -> None:
        begin = self.out_dir
        title = t("batch.results")
        name = QFileDialog.getExistingDirectory(self, title, "" if begin is None else str(begin))
        if name:
            self._out_dir = Path(name)
        self._update()

    def _update(self) -> None:
        kind, running, rows = self.chosen_kind, self.work.is_running, self._rows
        source, out_dir = self._source.get(kind), self.out_dir
        has_file = kind in _WITH_FILE
        self._file_label.setVisible(has_file)
        self.choose.setVisible(has_file)
        self._file_label.setText("" if source is None else show_name(source))
        self.scale.setVisible(kind in ("painted", "mask", "masks"))
        self._folder_label.setText("" if out_dir is None else show_name(out_dir))
        self._count.setText(t("batch.count", count=rows))
        is_ready = (source is not None) if has_file else (kind != "painted" or self._has_mask)
        self.go.setEnabled(rows > 0 and is_ready and not running)
        self.remove.setEnabled(bool(self.table.selectedItems()) and not running)
        for widget in (self._choices, self.add_photos, self.add_folder):
            widget.setEnabled(not running)
        self.show_folder.setEnabled(out_dir is not None and out_dir.is_dir())
        self.stop.setVisible(running)
        self._bar.setVisible(running)
        if kind == "painted" and not self._has_mask:
            self._tell(Notice(t("batch.nothing_painted"), t("batch.nothing_painted.hint")))
        elif self.problem.text() == t("batch.nothing_painted"):
            self._tell(None)

    # -- doing it ------------------------------------------------------------------------------

    def _start(self) -> None:
        out_dir, kind = self.out_dir, self.chosen_kind
        if out_dir is None:
            return
        self._tell(None)
        try:
            source = self._source.get(kind)
            if kind == "painted":
                source, kind = self._write_painted(out_dir), "mask"
        except InpaintError as error:
            self._tell(Notice.from_error(error))
            return
        order = BatchOrder(
            tuple(self.photos),
            cast(RemovalKind, kind),
            source,
            out_dir,
            *read_settings(self._controller.settings),
            scale_mask=self.scale.isChecked(),
        )
        for row in range(self._rows):
            self._set_state(row, t("batch.waiting"))
        self.work.start(order.prepare)
        self._update()

    def _write_painted(self, out_dir: Path) -> Path:
        """The mask that is painted on the current photo, as a file among the results, so that the
        same batch can be run again. Raises `CannotWrite`.
        """
        from inpaint_core.batch.batch_items import PAINTED_MASK
        from inpaint_core.photo.photo import Photo, grey_pixels
        from inpaint_core.photo.read_photo import read_photo
        from inpaint_core.photo.write_photo import write_photo
        from inpaint_core.retouch.output_places import make_folder, same_file

        session = self._controller.current
        assert session is not None
        path = out_dir / PAINTED_MASK
        if any(same_file(path, photo) for photo in self.photos):
            raise BadRequest("retouch.output_is_input", path=path)
        pixels = grey_pixels(session.document.mask.copy())
        with suppress(InpaintError):
            # A file that is written anew is another one, and all photos would be filled again.
            if np.array_equal(read_photo(path).pixels, pixels):
                return path
        make_folder(out_dir)
        write_photo(path, Photo(pixels, is_grey=True), overwrite=True)
        return path

    def _on_begun(self, index: int) -> None:
        self._set_state(index, t("batch.working"))
        self.table.scrollToItem(self._row(index))

    def _on_progressed(self, index: int, fraction: float) -> None:
        self._bar.setValue(round(1000 * (index + fraction) / max(self._rows, 1)))

    def _on_finished(self, index: int, outcome: BatchOutcome) -> None:
        text, tip = t(f"batch.outcome.{outcome.state}"), ""
        if outcome.error is not None and not isinstance(outcome.error, NothingFound):
            said = describe_failure(outcome.error, "window.mistake")
            text, tip = said.text, said.hint
        self._set_state(index, text, outcome.state, tip)
        self._on_progressed(index + 1, 0.0)

    def _set_state(self, index: int, text: str, state: str = "", tip: str = "") -> None:
        row = self._row(index)
        row.setText(1, text)
        row.setData(1, _STATE, state)
        row.setToolTip(1, f"{text}\n{tip}" if tip else text)
        name, colour = _ICONS.get(state, ("", ""))
        row.setIcon(1, make_icon(name, colour) if name else make_icon("ph.circle-dashed", "muted"))

    def _on_ended(self) -> None:
        for row in range(self._rows):
            if self._row(row).data(1, _STATE) not in _ICONS:
                self._set_state(row, t("batch.left"))
        if self.work.outcomes:
            self._hint.setText(self._sum_up())
            self._hint.show()
        self._update()

    def _sum_up(self) -> str:
        states: list[str] = [outcome.state for outcome in self.work.outcomes]
        left = self._rows - len(states)
        counts = {name: states.count(name) for name in _ICONS} | {"left": left}
        return ", ".join(t(f"batch.sum.{n}", count=c) for n, c in counts.items() if c)

    def _on_failed(self, error: Exception) -> None:
        self._tell(describe_failure(error, "window.mistake"))

    def _tell(self, notice: Notice | None) -> None:
        for label, words in (
            (self.problem, "" if notice is None else notice.text),
            (self._hint, "" if notice is None else notice.hint),
        ):
            label.setText(words)
            label.setVisible(bool(words))

    # -- results -------------------------------------------------------------------------------

    def _open_result(self, item: QTreeWidgetItem) -> None:
        """Open a photo's result in the editor, or, without one, the photo."""
        path = item.data(0, _PATH)  # rows may have gone since
        done = (o for o in self.work.outcomes if o.state in ("done", "skipped"))
        self._controller.open([next((o.out for o in done if o.photo == path), path)])

    def _show_folder(self) -> None:
        if self.out_dir is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.out_dir)))


def _make_button(key: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(t(key))
    button.setAutoDefault(False)
    button.clicked.connect(lambda: clicked())
    return button
