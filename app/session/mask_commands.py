"""Commands on the whole mask of the current photo, and its files.

A mask is saved as a picture, and edges drawn by hand as a second one beside it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice, describe_failure
from app.session.session import Session
from app.workers.decoder.decoding_work import decode_mask
from app.workers.decoder.limits import DecodeLimits
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.workers.decoder.decoder_pool import DecoderPool

    Plane = NDArray[np.uint8]

_OPERATIONS_BY_PIXELS = ("grow", "shrink", "feather", "smooth")
"""Operations that take the setting "mask.step" as an argument."""


class MaskCommands:
    """Changes, loads and saves the mask of the current photo of ``controller``."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def change(self, operation: str) -> None:
        """Apply an operation of `mask_operations` ("grow", "invert", ...) to the mask."""
        from app.document import mask_operations

        session = self._controller.current
        if session is None or session.document.is_editing:
            return
        step = int(self._controller.settings.get("mask.step"))
        arguments = (step,) if operation in _OPERATIONS_BY_PIXELS else ()
        rect, values = getattr(mask_operations, operation)(session.document.mask, *arguments)
        with session.document.edit(f"history.{operation}", {"pixels": step}) as editing:
            editing.write("mask", rect, values)

    def load(self, path: Path) -> None:
        """Use the picture in a file as the mask."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        shape = session.document.shape
        job = controller.files_lane.start(
            lambda progress: read_mask_files(path, shape, progress, controller.decoder)
        )
        controller.show_task(job, t("window.opening", name=path.name))
        job.succeeded.connect(partial(self._on_read, session))
        job.failed.connect(self._on_failed)

    def _on_read(self, session: Session, mask_and_edges: tuple[Any, Any]) -> None:
        from inpaint_core.contract.geometry import Rect

        mask, edges = mask_and_edges
        if session in self._controller.sessions and not session.document.is_editing:
            with session.document.edit("history.load") as editing:
                editing.write("mask", Rect.whole(mask.shape), mask)
                if edges is not None:
                    editing.write("edges", Rect.whole(mask.shape), edges)

    def save(self, path: Path) -> None:
        """Write the mask, and drawn edges beside it, as pictures."""
        controller = self._controller
        session = controller.current
        if session is None:
            return
        mask, has_edges = session.document.mask.copy(), session.document.is_written("edges")
        edges = session.document.edges.copy() if has_edges else None
        job = controller.files_lane.start(partial(write_mask_files, path, mask, edges))
        controller.show_task(job, t("window.saving", name=path.name))
        beside = t("window.edges_saved", name=edges_path(path).name) if has_edges else ""
        saved = Notice(t("window.mask_saved", name=path.name), beside, is_calm=True)
        job.succeeded.connect(lambda _: controller.post_notice(saved))
        job.failed.connect(self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self._controller.post_notice(describe_failure(error, "window.mistake"))


def edges_path(mask: Path) -> Path:
    """The file of the edges drawn for a mask: “mask.edges.png” for “mask.png”."""
    return mask.with_suffix(".edges.png")


def read_mask_files(
    path: Path, shape: tuple[int, int], progress: Progress, decoder: DecoderPool
) -> tuple[Plane, Plane | None]:
    """The mask and its edges (None: there are none), (H, W) uint8 each, scaled to ``shape``.

    Raises as `read_mask`.
    """
    import numpy as np

    def read(file: Path) -> Plane:
        limits = DecodeLimits.for_file(file)
        return decoder.run(decode_mask, file, shape, path=file, limits=limits, progress=progress)

    mask = read(path)
    beside = edges_path(path)
    if not beside.is_file():
        return mask, None
    return mask, np.where(read(beside) > 127, 255, 0).astype(np.uint8)


def write_mask_files(path: Path, mask: Plane, edges: Plane | None, progress: Progress) -> None:
    """Write the mask (white = fill) and the edges (white = edge) as pictures.

    Without edges their file is not written, but an existing one is overwritten with an empty one,
    as it would be read with this mask. Raises `CannotWrite`.
    """
    import numpy as np

    from inpaint_core.photo.photo import Photo, grey_pixels
    from inpaint_core.photo.write_photo import write_photo

    write_photo(path, Photo(grey_pixels(mask), is_grey=True), overwrite=True)
    progress.check()
    beside = edges_path(path)
    if edges is None and beside.is_file():
        edges = np.zeros_like(mask)
    if edges is not None:
        write_photo(beside, Photo(grey_pixels(edges), is_grey=True), overwrite=True)
