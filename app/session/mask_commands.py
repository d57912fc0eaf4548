"""What is done with the whole mask of the photo in front: operations, and files of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.configuration.text import t
from app.session import mask_file as maskfile
from app.session.filling import failure
from app.session.session import Message, Session

if TYPE_CHECKING:
    from app.session.controller import Controller

#: Operations that take the pixels of the setting "mask.step"; the others take none.
_BY_PIXELS = ("grow", "shrink", "feather", "smooth")


class Masking:
    """Changes, loads and saves the mask of the photo that ``controller`` has in front."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def change(self, operation: str) -> None:
        """Apply an operation of `mask_operations` ("grow", "invert", ...) to the mask."""
        from app.document import mask_operations as morph

        session = self._controller.current
        if session is None or session.document.editing:
            return
        step = int(self._controller.settings.get("mask.step"))
        given = (step,) if operation in _BY_PIXELS else ()
        rect, values = getattr(morph, operation)(session.document.mask, *given)
        with session.document.edit(f"history.{operation}", {"pixels": step}) as editing:
            editing.write("mask", rect, values)

    def load(self, path: Path) -> None:
        """Use the picture in a file as the mask."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        shape = session.document.shape
        job = controller.files.start(
            lambda progress: maskfile.read(path, shape, progress, controller.decoder)
        )
        controller.work(job, t("window.opening", name=path.name))
        job.succeeded.connect(partial(self._on_read, session))
        job.failed.connect(self._on_failed)

    def _on_read(self, session: Session, found: tuple[Any, Any]) -> None:
        from inpaint_core.contract.geometry import Rect

        mask, edges = found
        if session in self._controller.sessions and not session.document.editing:
            with session.document.edit("history.load") as editing:
                editing.write("mask", Rect.whole(mask.shape), mask)
                if edges is not None:
                    editing.write("edges", Rect.whole(mask.shape), edges)

    def save(self, path: Path) -> None:
        """Write the mask as a picture: white = fill; drawn edges as another one beside it."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        mask, drawn = session.document.mask.copy(), session.document.made("edges")
        edges = session.document.edges.copy() if drawn else None
        job = controller.files.start(partial(maskfile.write, path, mask, edges))
        controller.work(job, t("window.saving", name=path.name))
        beside = t("window.edges_saved", name=maskfile.edges_of(path).name) if drawn else ""
        saved = Message(t("window.mask_saved", name=path.name), beside, calm=True)
        job.succeeded.connect(lambda _: controller.told.emit(saved))
        job.failed.connect(self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self._controller.told.emit(failure(error, "window.mistake"))
