"""The steps of a script that read and write files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QDialog

from app.automation.play_context import PlayContext, StepFailed, wait_until
from app.automation.script import Step
from app.configuration.text import t
from app.session.export import ExportPlan, is_original
from app.session.mask_commands import edges_path


def open_photo(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Open a photo or a project, and wait until it is shown."""
    path = (context.folder / step.get("path")).absolute()
    controller = context.window.controller
    context.told.clear()
    painted = context.latency.paint_count
    controller.open([path])
    yield from wait_until(lambda: not controller.is_busy)
    current = controller.current
    if current is None or path not in (current.document.path, current.project_path):
        raise StepFailed(t("play.not_opened", name=path.name, reason=context.reason()))
    yield from wait_until(lambda: context.latency.paint_count > painted)
    height, width = current.document.shape
    report |= {"width": width, "height": height}


def load_mask(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Load a mask or a semantic map."""
    revision = context.document.revision
    context.told.clear()
    masks, path = context.window.command_handlers.mask_commands, context.folder / step.get("path")
    (masks.load_semantic if step.get("what") == "semantic" else masks.load)(path)
    yield from wait_until(lambda: context.is_idle)
    if context.document.revision == revision and context.told:
        raise StepFailed(context.reason())


def grab_picture(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Save a screenshot."""
    yield  # lets pending paint events run first
    of = step.get("of", "window")
    widget: Any = context.window.canvas if of == "canvas" else context.window
    if of == "dialog":
        widget = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
        widget = widget or next((w for w in shown if w.isVisible()), None)
        if widget is None:
            raise StepFailed(t("play.no_dialog"))
    path = context.folder / step.get("path")
    _check_free(context, step, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = widget.grab()
    if not picture.save(str(path)):
        raise StepFailed(t("play.not_saved", name=path.name))
    report |= {"width": picture.width(), "height": picture.height()}


def export_photo(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Write the photo or its mask."""
    from app.ui.dialogs.export_dialog import ExportOrder

    context.document  # noqa: B018
    path = (context.folder / step.get("path")).absolute()
    overwrite = step.get("overwrite", False)
    before = path.stat().st_mtime_ns if path.exists() else None
    context.told.clear()
    if step.get("what") == "mask":
        _check_free(context, step, path, edges_path(path))
        context.window.command_handlers.mask_commands.save(path)
    else:
        plan = ExportPlan(
            format=step.get("format", "same"),
            quality=step.get("quality"),
            depth=step.get("depth", 0),
            profile=step.get("profile", "keep"),
            metadata=step.get("metadata", "all"),
        )
        session = context.window.controller.current
        assert session is not None
        context.window.command_handlers.writing.write(
            session, ExportOrder(path, plan, overwrite=overwrite)
        )
    yield from wait_until(lambda: context.is_idle)
    if not path.exists() or path.stat().st_mtime_ns == before:
        raise StepFailed(f"{t('play.not_saved', name=path.name)} {context.reason()}".strip())
    report["bytes"] = path.stat().st_size


def _check_free(context: PlayContext, step: Step, *paths: Path) -> None:
    """Raise `StepFailed` for a file that exists, unless the step says that it may be replaced, and
    for the photo itself.
    """
    session = context.window.controller.current
    photo = None if session is None else session.document.path
    for path in paths:
        exists = os.path.lexists(path)
        if exists and (not step.get("overwrite", False) or is_original(path, photo)):
            raise StepFailed(t("play.exists", name=path.name))
