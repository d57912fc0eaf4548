"""The fields of the export dialog; which are visible depends on photo and format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColorSpace
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.session.export import ExportPlan, is_original
from app.ui.widgets.layouts import make_label, make_row
from app.ui.widgets.resize_fields import ResizeFields
from inpaint_core.contract.choices import FormatName
from inpaint_core.contract.file_names import restore_name, show_name
from inpaint_core.photo.formats.registry import formats, writable_formats

if TYPE_CHECKING:
    from inpaint_core.photo.formats.format import WritableFormat
    from inpaint_core.photo.photo import Photo


class ExportForm(QWidget):
    """Name and options. ``changed()``: the file would be a different one. ``browse_asked()``: the
    user wants to choose the folder.
    """

    changed = Signal()
    browse_asked = Signal()

    def __init__(self, photo: Photo, settings: Settings, path: Path, original: Path | None) -> None:
        super().__init__()
        plan = ExportPlan.of(settings)
        self._photo = photo
        self._original = original
        self._folder, self._true_name = path.parent, path.name
        self.name = QLineEdit(show_name(path.name))
        browse = QPushButton(t("export.choose"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self.browse_asked)
        self._where = make_label()
        self._where.setTextFormat(Qt.TextFormat.PlainText)
        # A long path must not widen the dialog.
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.warning = make_label(name="alert")
        self.replace = QCheckBox(t("export.warn.replace_original"))
        own = ExportPlan().file_format(photo).title
        self.format = _choice("format", plan.format, {"format.same": {"name": own}})
        self.as_original = QCheckBox(t("export.as_original"))
        self.as_original.setToolTip(t("export.as_original.tip"))
        self.as_original.setChecked(plan.quality is None)
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.number = QSpinBox()
        for field in (self.quality, self.number):
            field.setRange(1, 100)
            field.setValue(95 if plan.quality is None else plan.quality)
        self._lossless = make_label(t("export.quality.lossless"))
        self.chroma = _choice("chroma", plan.chroma or "auto")
        self.bits = _choice(
            "depth", str(plan.depth or "same"), {"depth.same": {"bits": photo.bits}}
        )
        self.profile = _choice(
            "profile", plan.profile, {"profile.keep": {"name": _profile_name(photo)}}
        )
        self.intent = make_label(t("export.intent"), wraps=True)
        self.metadata = _choice("metadata", plan.metadata)
        self.history = QCheckBox(t("export.history"))
        self.history.setToolTip(t("export.history.tip"))
        self.history.setChecked(plan.note_in_xmp)
        self.layers = QCheckBox(t("export.layers"))
        self.layers.setToolTip(t("export.layers.tip"))
        self.layers.setChecked(plan.layers)
        self.layered = make_label(t("export.layered"), wraps=True)
        self.resize_fields = ResizeFields((photo.shape[1], photo.shape[0]), settings.get)
        self.size_label = QLabel()
        self._rows = self._lay_out(browse)
        self.quality.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self.quality.setValue)
        self.name.textEdited.connect(self._on_name_edited)
        self.format.currentIndexChanged.connect(self._on_format_chosen)
        for box in (self.chroma, self.bits, self.profile, self.metadata):
            box.currentIndexChanged.connect(self._update_rows)
        self.number.valueChanged.connect(self._update_rows)
        self.resize_fields.changed.connect(self._update_rows)
        for check in (self.as_original, self.replace, self.history, self.layers):
            check.toggled.connect(self._update_rows)
        self._update_rows()

    def _lay_out(self, browse: QPushButton) -> QFormLayout:
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(10)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.name.setMinimumWidth(self.name.fontMetrics().averageCharWidth() * 44)
        rows.addRow(t("export.name"), make_row(self.name, browse, spacing=8))
        rows.addRow("", self._where)
        rows.addRow("", self.warning)
        rows.addRow("", self.replace)
        rows.addRow(t("export.format"), self.format)
        rows.addRow("", self.as_original)
        self._quality = make_row(self.quality, self.number, self._lossless, spacing=8)
        rows.addRow(t("export.quality"), self._quality)
        rows.addRow(t("export.chroma"), self.chroma)
        rows.addRow(t("export.depth"), self.bits)
        rows.addRow(t("export.profile"), self.profile)
        rows.addRow("", self.intent)
        rows.addRow(t("export.resize"), self.resize_fields)
        rows.addRow(t("export.metadata"), self.metadata)
        rows.addRow("", self.history)
        rows.addRow("", self.layers)
        rows.addRow("", self.layered)
        rows.addRow(t("export.size"), self.size_label)
        return rows

    # -- the choices ---------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """Where to export, with the suffix of the format."""
        return self._folder / restore_name(self.name.text().strip(), self._true_name)

    @property
    def plan(self) -> ExportPlan:
        """How to export."""
        settings = self.settings()
        depth, chroma = str(settings["export.depth"]), self.chroma.currentData()
        as_original = self._offers_own_tables() and self.as_original.isChecked()
        return ExportPlan(
            format=cast(FormatName, self.format.currentData()),
            quality=None if as_original else self.number.value(),
            chroma="" if chroma == "auto" or as_original else chroma,
            depth=0 if depth == "same" else 8 if depth == "8" else 16,
            profile=self.profile.currentData(),
            metadata=self.metadata.currentData(),
            note_in_xmp=self.history.isChecked(),
            layers=self.layers.isChecked(),
            resize=self.resize_fields.wanted,
        )

    @property
    def is_allowed(self) -> bool:
        """Whether the file can be written, apart from the question to replace an existing one."""
        return not self._find_obstacle() and (not self._is_original() or self.replace.isChecked())

    def settings(self) -> dict[str, object]:
        """The choices by setting id; hidden fields keep their value."""
        return {
            "export.format": self.format.currentData(),
            "export.as_original": self.as_original.isChecked(),
            "export.quality": self.number.value(),
            "export.chroma": self.chroma.currentData(),
            "export.depth": self.bits.currentData(),
            "export.profile": self.profile.currentData(),
            "export.metadata": self.metadata.currentData(),
            "export.history": self.history.isChecked(),
            "export.layers": self.layers.isChecked(),
            **self.resize_fields.settings(),
        }

    def set_path(self, path: Path) -> None:
        """Set the path; its suffix chooses the format."""
        self._folder, self._true_name = path.parent, path.name
        self.name.setText(show_name(path.name))
        self._on_name_edited()

    # -- keeping the fields consistent ---------------------------------------------------------

    def _file_format(self) -> WritableFormat:
        chosen = cast(FormatName, self.format.currentData())
        return ExportPlan(format=chosen).file_format(self._photo)

    def _is_original(self) -> bool:
        return is_original(self.path, self._original)

    def _offers_own_tables(self) -> bool:
        """Whether the file may be written with the photo's own JPEG tables."""
        return self._file_format().keeps_jpeg_blocks and self._photo.jpeg is not None

    def _find_obstacle(self) -> str:
        """Why no file can be written there, "" if one can."""
        if not self.name.text().strip():
            return t("export.no_name")
        if not self._folder.is_dir():
            return t("export.no_folder", folder=self._folder)
        if self._is_original() and self.resize_fields.changes_size:
            return t("export.resize.original")
        writable = os.access(self._folder, os.W_OK)
        return "" if writable else t("export.read_only", folder=self._folder)

    def _on_name_edited(self) -> None:
        """Choose the format after the suffix of the name, if it is a known one."""
        known = writable_formats().get(Path(self.name.text().strip()).suffix.lower())
        if known is not None and known != self._file_format():
            is_own = ExportPlan().file_format(self._photo) == known
            index = self.format.findData("same" if is_own else known.id.lower())
            self.format.blockSignals(True)
            if index >= 0:
                self.format.setCurrentIndex(index)
            self.format.blockSignals(False)
        self._update_rows()

    def _on_format_chosen(self) -> None:
        """Give the name the suffix of the chosen format."""
        path = Path(self.name.text().strip())
        named = writable_formats().get(path.suffix.lower())
        chosen = self._file_format()
        if named != chosen:
            stem = path.name if named is None else path.stem
            self.name.setText(stem + chosen.extensions[0])
        self._update_rows()

    def _update_rows(self) -> None:
        known = self._file_format()
        own = self._offers_own_tables() and self.as_original.isChecked()
        self._rows.setRowVisible(self.as_original, self._offers_own_tables())
        self._rows.setRowVisible(self._quality, known.has_quality)
        self._quality.setEnabled(not own)
        self._lossless.setVisible(known.has_quality and known.is_lossless(self.number.value()))
        self._rows.setRowVisible(self.chroma, known.has_chroma)
        self.chroma.setEnabled(not own)
        self._rows.setRowVisible(self.bits, known.depth > 8)
        self._rows.setRowVisible(self.intent, self.profile.currentData() != "keep")
        self._rows.setRowVisible(self.history, self.metadata.currentData() != "none")
        self._rows.setRowVisible(self.layers, known.layers == "on demand")
        self._rows.setRowVisible(self.layered, known.layers == "always")
        original = self._is_original()
        self._rows.setRowVisible(self.replace, original)
        warning = self._find_obstacle() or (t("export.warn.original") if original else "")
        self.warning.setText(warning)
        self._rows.setRowVisible(self.warning, bool(warning))
        self._where.setText(t("export.folder", folder=self._folder.absolute()))
        self._where.setToolTip(show_name(self._folder.absolute()))
        self.changed.emit()


def _choice(
    name: str, chosen: str, values: dict[str, dict[str, object]] | None = None
) -> QComboBox:
    """A combo box with the choices of the setting “export.<name>”."""
    box = QComboBox()
    for choice in SETTINGS[f"export.{name}"].choices:
        key = f"{name}.{choice}"
        known = formats().get(str(choice).upper()) if name == "format" else None
        if known is not None:
            box.addItem(known.title, choice)
        else:
            box.addItem(t(f"export.{key}", **(values or {}).get(key, {})), choice)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box


def _profile_name(photo: Photo) -> str:
    if photo.icc is None:
        return t("export.profile.none")
    return QColorSpace.fromIccProfile(photo.icc).description() or t("export.profile.unnamed")
