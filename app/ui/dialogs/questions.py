"""Questions to the person: which file, and what to do with what was not saved."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.controller import PROJECT
from app.ui.painting.opened_photo import ENDINGS

Answer = Literal["save", "project", "discard", "cancel"]
"""Export the photo, save its project, lose what was done, or think again."""


def photos(parent: QWidget, settings: Settings) -> list[Path]:
    """Which photos and projects to open, none when the person thought better of it."""
    patterns = " ".join(f"*.{ending}" for ending in (*ENDINGS, PROJECT.lstrip(".")))
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


def project_to_save(parent: QWidget, proposed: Path) -> Path | None:
    """Where to save a project."""
    chosen, _ = QFileDialog.getSaveFileName(
        parent, t("project.save"), str(proposed), t("project.filter", patterns=f"*{PROJECT}")
    )
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == PROJECT else path.with_name(path.name + PROJECT)


def project_to_replay(parent: QWidget, photo: Path | None) -> Path | None:
    """Which project to make again."""
    chosen, _ = QFileDialog.getOpenFileName(
        parent,
        t("project.replay"),
        "" if photo is None else str(photo.parent),
        t("project.filter", patterns=f"*{PROJECT}"),
    )
    return Path(chosen) if chosen else None


def photo_of_project(parent: QWidget, project: Path, name: str) -> Path | None:
    """Where the photo called ``name`` is, which a project belongs to."""
    patterns = " ".join(f"*.{ending}" for ending in ENDINGS)
    chosen, _ = QFileDialog.getOpenFileName(
        parent,
        t("project.where", name=name),
        str(project.parent),
        t("window.open.filter", patterns=patterns),
    )
    return Path(chosen) if chosen else None


def unsaved(parent: QWidget, name: str, project: bool = False) -> Answer:
    """What to do with a photo that is to be closed and was changed. ``project``: it has one."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(t("window.unsaved.title"))
    box.setText(t("window.unsaved", name=name))
    box.setInformativeText(t("window.unsaved.hint"))
    save = box.addButton(t("window.unsaved.save"), QMessageBox.ButtonRole.AcceptRole)
    keep = box.addButton(t("project.unsaved"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(t("window.unsaved.discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(t("window.unsaved.cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep if project else save)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    answers: dict[object, Answer] = {save: "save", keep: "project", discard: "discard"}
    return answers.get(clicked, "cancel")
