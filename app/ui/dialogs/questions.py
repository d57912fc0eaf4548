"""Questions to the user: which file, and what to do with unsaved changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QCheckBox, QFileDialog, QMessageBox, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.system.association.file_kinds import PROJECT_SUFFIX
from app.ui.widgets.new_file import ask_new_file
from inpaint_core.photo.formats.registry import readable_extensions

UnsavedAnswer = Literal["save", "project", "discard", "cancel"]
"""Export the photo or save it into its file, save its project, discard the changes, or cancel."""


IntoAnswer = Literal["once", "always", "export", "cancel"]
"""Write into the photo's file now, or now and without asking from now on; export; or cancel."""


def ask(
    parent: QWidget,
    text: str,
    hint: str,
    answers: Mapping[str, QMessageBox.ButtonRole],
    default: str,
    icon: QMessageBox.Icon = QMessageBox.Icon.Question,
    title: str = "",
) -> str:
    """Ask a question with a button for each of ``answers``: the keys of their texts, and their
    roles. Returns the chosen one; Esc chooses the one that rejects.
    """
    box = QMessageBox(parent)
    box.setIcon(icon)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(hint)
    buttons = {key: box.addButton(t(key), role) for key, role in answers.items()}
    box.setDefaultButton(buttons[default])
    box.exec()
    return next((key for key, each in buttons.items() if each is box.clickedButton()), "")


def ask_photos(parent: QWidget, settings: Settings) -> list[Path]:
    """Ask for the photos and projects to open; empty if cancelled."""
    folder = settings.store.value("open/folder")
    names, _ = QFileDialog.getOpenFileNames(
        parent,
        t("window.open.title"),
        folder if isinstance(folder, str) else "",
        _photo_kinds(PROJECT_SUFFIX),
    )
    if names:
        settings.store.setValue("open/folder", str(Path(names[0]).parent))
    return [Path(name) for name in names]


def ask_folder(parent: QWidget, title: str, settings: Settings) -> Path | None:
    """Ask for a folder, beginning where photos were opened last."""
    begin = settings.store.value("open/folder")
    name = QFileDialog.getExistingDirectory(parent, title, begin if isinstance(begin, str) else "")
    if name:
        settings.store.setValue("open/folder", name)
    return Path(name) if name else None


def ask_mask_to_load(parent: QWidget, photo: Path | None) -> Path | None:
    """Ask for the picture to use as the mask."""
    return _ask_file(parent, t("window.mask.load"), photo, _photo_kinds())


def ask_semantic_map(parent: QWidget, photo: Path | None) -> Path | None:
    """Ask for the picture to use as the semantic map."""
    return _ask_file(parent, t("window.semantic.load"), photo, _photo_kinds())


def ask_profile(parent: QWidget) -> Path | None:
    """Ask for the colour profile to proof with."""
    return _ask_file(parent, t("settings.look.proof_file"), None, t("settings.icc.filter"))


def ask_mask_to_save(parent: QWidget, photo: Path | None) -> Path | None:
    """Ask where to write the mask."""
    name = Path("mask.png") if photo is None else photo.with_name(f"{photo.stem}-mask.png")
    path = ask_new_file(parent, t("window.mask.save"), name, "PNG, TIFF (*.png *.tif *.tiff)")
    return path if path is None or path.suffix else path.with_suffix(".png")


def ask_project_to_save(parent: QWidget, proposed: Path) -> Path | None:
    """Ask where to save a project."""
    path = ask_new_file(parent, t("project.save"), proposed, _project_kinds())
    if path is None or path.suffix.lower() == PROJECT_SUFFIX:
        return path
    return path.with_name(path.name + PROJECT_SUFFIX)


def ask_project_to_replay(parent: QWidget, photo: Path | None) -> Path | None:
    """Ask for the project to replay."""
    return _ask_file(parent, t("project.replay"), photo, _project_kinds())


def ask_photo_of_project(parent: QWidget, project: Path, name: str) -> Path | None:
    """Ask where the photo ``name`` of a project is."""
    return _ask_file(parent, t("project.where", name=name), project, _photo_kinds())


def ask_unsaved(parent: QWidget, name: str, has_project: bool, into_photo: bool) -> UnsavedAnswer:
    """Ask what to do with a changed photo that is being closed. ``into_photo``: saving it means
    into its own file, else exporting.
    """
    role = QMessageBox.ButtonRole
    save = "window.unsaved.photo" if into_photo else "window.unsaved.save"
    answer = ask(
        parent,
        t("window.unsaved", name=name),
        t("window.unsaved.hint"),
        {
            save: role.AcceptRole,
            "project.unsaved": role.AcceptRole,
            "window.unsaved.discard": role.DestructiveRole,
            "window.unsaved.cancel": role.RejectRole,
        },
        "project.unsaved" if has_project and not into_photo else save,
        title=t("window.unsaved.title"),
    )
    answers: dict[str, UnsavedAnswer] = {
        save: "save",
        "project.unsaved": "project",
        "window.unsaved.discard": "discard",
    }
    return answers.get(answer, "cancel")


def describe_losses(name: str, losses: Sequence[str]) -> str:
    """What writing into a photo's own file ``name`` loses for good: the photo as it was, and the
    ``losses`` of what else the file has.
    """
    hint = t("export.sure.original.hint")
    if not losses:
        return hint
    rows = "\n".join(f"• {loss}" for loss in losses)
    return f"{hint}\n\n{t('export.into.losses', name=name)}\n{rows}"


def ask_into_photo(
    parent: QWidget, name: str, losses: Sequence[str], offers_always: bool
) -> IntoAnswer:
    """Ask whether to write a photo into its own file ``name``, and name what of the file would be
    lost. ``offers_always``: it may be allowed for good.
    """
    role = QMessageBox.ButtonRole
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setText(t("export.into.sure", name=name))
    box.setInformativeText(describe_losses(name, losses))
    always = QCheckBox(t("export.into.always"))
    if offers_always:
        box.setCheckBox(always)
    save = box.addButton(t("export.into.go"), role.DestructiveRole)
    export = box.addButton(t("export.into.export"), role.AcceptRole)
    box.addButton(t("export.cancel"), role.RejectRole)
    box.setDefaultButton(export)
    box.exec()
    if box.clickedButton() is save:
        return "always" if always.isChecked() else "once"
    return "export" if box.clickedButton() is export else "cancel"


def _ask_file(parent: QWidget, title: str, beside: Path | None, kinds: str) -> Path | None:
    """Ask for an existing file, beginning in the folder of ``beside``."""
    folder = "" if beside is None else str(beside.parent)
    chosen, _ = QFileDialog.getOpenFileName(parent, title, folder, kinds)
    return Path(chosen) if chosen else None


def _photo_kinds(*more: str) -> str:
    patterns = " ".join(f"*{suffix}" for suffix in (*readable_extensions(), *more))
    return t("window.open.filter", patterns=patterns)


def _project_kinds() -> str:
    return t("project.filter", patterns=f"*{PROJECT_SUFFIX}")
