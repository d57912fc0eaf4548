"""The fields of the export dialog; which of them there are depends on photo and format."""

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
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from app.configuration.settings import SETTINGS
from app.configuration.text import t
from app.session.export import ENDINGS, ExportPlan, FormatName, is_original

if TYPE_CHECKING:
    from inpaint_core.photo.photo import Photo

_TITLES = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF", "webp": "WebP", "bmp": "BMP"}
_FORMATS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}


class ExportForm(QWidget):
    """Name and options. ``changed()`` when the file would become another one; ``browse_asked()``.

    ``allowed``: there is a name, and nothing in its way that has not been agreed to.
    """

    changed = Signal()
    browse_asked = Signal()

    def __init__(self, photo: Photo, plan: ExportPlan, path: Path, original: Path | None) -> None:
        super().__init__()
        self._photo = photo
        self._original = original
        self._folder = path.parent
        self.name = QLineEdit(path.name)
        browse = QPushButton(t("export.choose"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self.browse_asked)
        self._where = QLabel()
        self._where.setObjectName("muted")
        self._where.setTextFormat(Qt.TextFormat.PlainText)
        # A long path must not make the dialog as wide as itself.
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._warning = QLabel()
        self._warning.setObjectName("alert")
        self.replace = QCheckBox(t("export.warn.replace_original"))
        own = _TITLES[ExportPlan().kind(photo)]
        self.format = _choice("format", plan.format, {"format.same": {"name": own}})
        self.as_original = QCheckBox(t("export.as_original"))
        self.as_original.setToolTip(t("export.as_original.tip"))
        self.as_original.setChecked(plan.quality is None)
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.number = QSpinBox()
        for field in (self.quality, self.number):
            field.setRange(1, 100)
            field.setValue(95 if plan.quality is None else plan.quality)
        self._lossless = QLabel(t("export.quality.lossless"))
        self._lossless.setObjectName("muted")
        self.chroma = _choice("chroma", plan.chroma or "auto")
        self.bits = _choice(
            "depth", str(plan.depth or "same"), {"depth.same": {"bits": photo.bits}}
        )
        self.profile = _choice(
            "profile", plan.profile, {"profile.keep": {"name": _profile_name(photo)}}
        )
        self._intent = QLabel(t("export.intent"))
        self._intent.setObjectName("muted")
        self._intent.setWordWrap(True)
        self.metadata = _choice("metadata", plan.metadata)
        self.history = QCheckBox(t("export.history"))
        self.history.setToolTip(t("export.history.tip"))
        self.history.setChecked(plan.history)
        self._size = QLabel()
        self._rows = self._lay_out(browse)
        self.quality.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self.quality.setValue)
        self.name.textEdited.connect(self._named)
        self.format.currentIndexChanged.connect(self._reformatted)
        for box in (self.chroma, self.bits, self.profile, self.metadata):
            box.currentIndexChanged.connect(self._tell)
        self.number.valueChanged.connect(self._tell)
        self.as_original.toggled.connect(self._tell)
        self.replace.toggled.connect(self._tell)
        self.history.toggled.connect(self._tell)
        self._tell()

    def _lay_out(self, browse: QPushButton) -> QFormLayout:
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(10)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.name.setMinimumWidth(self.name.fontMetrics().averageCharWidth() * 44)
        rows.addRow(t("export.name"), _beside(self.name, browse))
        rows.addRow("", self._where)
        rows.addRow("", self._warning)
        rows.addRow("", self.replace)
        rows.addRow(t("export.format"), self.format)
        rows.addRow("", self.as_original)
        self._quality = _beside(self.quality, self.number, self._lossless)
        rows.addRow(t("export.quality"), self._quality)
        rows.addRow(t("export.chroma"), self.chroma)
        rows.addRow(t("export.depth"), self.bits)
        rows.addRow(t("export.profile"), self.profile)
        rows.addRow("", self._intent)
        rows.addRow(t("export.metadata"), self.metadata)
        rows.addRow("", self.history)
        rows.addRow(t("export.size"), self._size)
        return rows

    # -- what was chosen -----------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """Where to, with the ending of the format."""
        return self._folder / self.name.text().strip()

    @property
    def plan(self) -> ExportPlan:
        """How."""
        found = self.chosen()
        depth, chroma = str(found["export.depth"]), str(found["export.chroma"])
        own_tables = self._kind() == "jpeg" and self._photo.jpeg is not None
        as_original = own_tables and self.as_original.isChecked()
        return ExportPlan(
            format=cast(FormatName, self.format.currentData()),
            quality=None if as_original else self.number.value(),
            chroma="" if chroma == "auto" or as_original else chroma,
            depth=0 if depth == "same" else 8 if depth == "8" else 16,
            profile=self.profile.currentData(),
            metadata=self.metadata.currentData(),
            history=self.history.isChecked(),
        )

    @property
    def allowed(self) -> bool:
        """True where the file may be written once what exists there has been asked about."""
        if not self.name.text().strip() or not self._folder.is_dir():
            return False
        if not os.access(self._folder, os.W_OK):
            return False
        return not self._is_original() or self.replace.isChecked()

    def chosen(self) -> dict[str, object]:
        """The choices as settings; what is not shown keeps its value."""
        return {
            "export.format": self.format.currentData(),
            "export.as_original": self.as_original.isChecked(),
            "export.quality": self.number.value(),
            "export.chroma": self.chroma.currentData(),
            "export.depth": self.bits.currentData(),
            "export.profile": self.profile.currentData(),
            "export.metadata": self.metadata.currentData(),
            "export.history": self.history.isChecked(),
        }

    def set_path(self, path: Path) -> None:
        """Another place; its ending chooses the format."""
        self._folder = path.parent
        self.name.setText(path.name)
        self._named()

    def show_size(self, words: str) -> None:
        """Say how large the file will be."""
        self._size.setText(words)

    # -- keeping the fields in step ------------------------------------------------------------

    def _kind(self) -> str:
        chosen = cast(FormatName, self.format.currentData())
        return ExportPlan(format=chosen).kind(self._photo)

    def _is_original(self) -> bool:
        return is_original(self.path, self._original)

    def _named(self) -> None:
        """The name was typed: its ending chooses the format, if it stands for one."""
        kind = _FORMATS.get(Path(self.name.text().strip()).suffix.lower())
        if kind is not None and kind != self._kind():
            self.format.blockSignals(True)
            same = ExportPlan().kind(self._photo) == kind
            self.format.setCurrentIndex(self.format.findData("same" if same else kind))
            self.format.blockSignals(False)
        self._tell()

    def _reformatted(self) -> None:
        """The format was chosen: the name takes its ending."""
        path = Path(self.name.text().strip())
        known = path.suffix.lower() in (*_FORMATS, *ENDINGS.values())
        stem = path.stem if known else path.name
        if _FORMATS.get(path.suffix.lower()) != self._kind():
            self.name.setText(stem + ENDINGS[self._kind()])
        self._tell()

    def _tell(self) -> None:
        kind = self._kind()
        own_tables = kind == "jpeg" and self._photo.jpeg is not None
        own = own_tables and self.as_original.isChecked()
        self._rows.setRowVisible(self.as_original, own_tables)
        self._rows.setRowVisible(self._quality, kind in ("jpeg", "webp"))
        self._quality.setEnabled(not own)
        self._lossless.setVisible(kind == "webp" and self.number.value() == 100)
        self._rows.setRowVisible(self.chroma, kind == "jpeg")
        self.chroma.setEnabled(not own)
        self._rows.setRowVisible(self.bits, kind in ("png", "tiff"))
        self._rows.setRowVisible(self._intent, self.profile.currentData() != "keep")
        self._rows.setRowVisible(self.history, self.metadata.currentData() != "none")
        original = self._is_original()
        self._rows.setRowVisible(self.replace, original)
        warning = t("export.warn.original") if original else ""
        if not self.name.text().strip():
            warning = t("export.no_name")
        elif not self._folder.is_dir():
            warning = t("export.no_folder", folder=self._folder)
        elif not os.access(self._folder, os.W_OK):
            warning = t("export.read_only", folder=self._folder)
        self._warning.setText(warning)
        self._rows.setRowVisible(self._warning, bool(warning))
        self._where.setText(t("export.folder", folder=self._folder))
        self._where.setToolTip(str(self._folder))
        self.changed.emit()


def _choice(
    name: str, chosen: str, values: dict[str, dict[str, object]] | None = None
) -> QComboBox:
    """A list of what the setting “export.<name>” can be."""
    box = QComboBox()
    for choice in SETTINGS[f"export.{name}"].choices:
        key = f"{name}.{choice}"
        if name == "format" and choice in _TITLES:
            box.addItem(_TITLES[choice], choice)
        else:
            box.addItem(t(f"export.{key}", **(values or {}).get(key, {})), choice)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box


def _beside(*widgets: QWidget) -> QWidget:
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return group


def _profile_name(photo: Photo) -> str:
    if photo.icc is None:
        return t("export.profile.none")
    return QColorSpace.fromIccProfile(photo.icc).description() or t("export.profile.unnamed")
