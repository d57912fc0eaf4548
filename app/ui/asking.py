"""Questions to the person: which file, and what to do with what was not saved."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.settings import Settings
from app.text import t
from app.ui.opening import ENDINGS

Answer = Literal["save", "discard", "cancel"]


def photos(parent: QWidget, settings: Settings) -> list[Path]:
    """Which photos to open, none when the person thought better of it."""
    patterns = " ".join(f"*.{ending}" for ending in ENDINGS)
    held = settings.store.value("open/folder")
    names, _ = QFileDialog.getOpenFileNames(
        parent,
        t("window.open.title"),
        held if isinstance(held, str) else "",
        t("window.open.filter", patterns=patterns),
    )
    if names:
        settings.store.setValue("open/folder", str(Path(names[0]).parent))
    return [Path(name) for name in names]


def mask_to_load(parent: QWidget, photo: Path | None) -> Path | None:
    """Which picture to use as the mask."""
    patterns = " ".join(f"*.{ending}" for ending in ENDINGS)
    name, _ = QFileDialog.getOpenFileName(
        parent,
        t("window.mask.load"),
        "" if photo is None else str(photo.parent),
        t("window.open.filter", patterns=patterns),
    )
    return Path(name) if name else None


def mask_to_save(parent: QWidget, photo: Path | None) -> Path | None:
    """Where to write the mask."""
    name = "mask.png" if photo is None else str(photo.with_name(f"{photo.stem}-mask.png"))
    chosen, _ = QFileDialog.getSaveFileName(
        parent, t("window.mask.save"), name, "PNG, TIFF (*.png *.tif *.tiff)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(".png")


def unsaved(parent: QWidget, name: str) -> Answer:
    """What to do with a photo that is to be closed and was changed."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(t("window.unsaved.title"))
    box.setText(t("window.unsaved", name=name))
    box.setInformativeText(t("window.unsaved.hint"))
    save = box.addButton(t("window.unsaved.save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(t("window.unsaved.discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(t("window.unsaved.cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"
