"""Asks where to write a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from inpaint_core.contract.file_names import restore_name, show_name


def ask_new_file(
    parent: QWidget, title: str, proposed: Path, kinds: str, *, confirms: bool = True
) -> Path | None:
    """Ask where to write a file; None if cancelled. ``confirms``: the dialog asks before one would
    be replaced.
    """
    asked = (parent, title, show_name(proposed), kinds)
    if confirms:
        chosen, _ = QFileDialog.getSaveFileName(*asked)
    else:
        silent = QFileDialog.Option.DontConfirmOverwrite
        chosen, _ = QFileDialog.getSaveFileName(*asked, options=silent)
    return Path(restore_name(chosen, str(proposed))) if chosen else None
