"""Tells a project that its photo's file was written from here, and so is another one now."""

from __future__ import annotations

import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.session.session import Session
from inpaint_core.contract.errors import InpaintError
from inpaint_core.photo.file_version import FileVersion

_log = logging.getLogger(__name__)


@dataclass
class ProjectRenewal:
    """The project at ``path``, of the version ``seen``, of a photo (``shape`` (H, W), ``bits`` per
    channel). After `run`: ``digest``, the SHA-256 of the photo's file, and ``version``, that of
    the project now; None where that was not done.
    """

    path: Path
    seen: FileVersion
    shape: tuple[int, int]
    bits: int
    digest: str | None = None
    version: FileVersion | None = None

    @classmethod
    def of(cls, session: Session, state: int) -> ProjectRenewal | None:
        """That of a photo that is saved as it is at ``state`` of its history; None without a
        project, or where that holds other steps: then opening it is to ask what to do.
        """
        path, seen = session.project_path, session.project_version
        if path is None or seen is None or session.project_state != state:
            return None
        return cls(path, seen, session.document.shape, session.document.photo.bits)

    def run(self, photo: Path) -> None:
        """Have the project know the file ``photo``, just written. Runs on a lane's thread.

        Nothing is lost where that fails: opening the project then asks about the photo.
        """
        from inpaint_core.project.photo_location import describe_original, sha256
        from inpaint_core.project.write_project import renew_original

        try:
            digest, size = sha256(photo), photo.stat().st_size
            original = describe_original(photo, self.path, self.shape, self.bits, size, digest)
            renew_original(self.path, original, self.seen)
        except (InpaintError, OSError, zipfile.BadZipFile, ValueError, KeyError) as error:
            _log.warning(
                "the project “%s” does not know its photo’s new file: %s", self.path, error
            )
            return
        self.digest, self.version = digest, FileVersion.at(self.path)
