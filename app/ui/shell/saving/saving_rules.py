"""What Save writes: the project, or the photo into its own file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import resources
from app.configuration.settings import Settings
from app.session.export import ExportPlan
from app.session.session import Session
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.registry import writable_formats

SaveTarget = Literal["project", "photo"]


def find_save_target(session: Session, settings: Settings) -> SaveTarget:
    """What Ctrl+S writes. A photo that another program waits for goes back into its file, whether
    or not it has a project. Of others, one with a project is saved there; one without into its own
    file if that was allowed for good, else as a project. So is one whose file cannot be written.
    """
    is_allowed = settings.get("save.into_photo") == "always" and session.project_path is None
    if (session.is_handed_over or is_allowed) and find_obstacle(session) is None:
        return "photo"
    return "project"


def find_obstacle(session: Session) -> Message | None:
    """Why a photo cannot be saved into its own file; None if it can."""
    path, photo = session.document.path, session.document.photo
    if path is None:
        return Message("export.into.pasted")
    known = writable_formats().get(path.suffix.lower())
    if photo.format and not any(each.id == photo.format for each in writable_formats().values()):
        return Message("export.into.not_written", name=path.name, format=photo.format)
    if known is None or known.id != photo.format:
        return Message("export.into.other_name", name=path.name, format=photo.format)
    if path.parent == Path(resources.path("samples/beach.jpg")).parent:
        return Message("export.into.sample")
    return None


def plan_saving(settings: Settings) -> ExportPlan:
    """Everything as it is in the photo's file; the note in the history and the layer as exports."""
    return ExportPlan(
        note_in_xmp=bool(settings.get("export.history")),
        layers=bool(settings.get("export.layers")),
    )
