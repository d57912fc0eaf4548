"""Which project the unsaved work of a photo belongs to."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_core.photo.file_version import FileVersion

if TYPE_CHECKING:
    from inpaint_core.project.read_project import CheckedRow


@dataclass(frozen=True)
class ProjectLink:
    """The project at ``path``, of the ``version`` that was last read or written."""

    path: Path
    version: FileVersion

    @property
    def is_current(self) -> bool:
        """Whether that version is there now."""
        return self.path.is_file() and FileVersion.at(self.path) == self.version

    def to_json(self) -> dict[str, object]:
        """What a journal holds of it."""
        return {"path": str(self.path), "version": list(astuple(self.version))}

    @classmethod
    def from_row(cls, row: CheckedRow) -> ProjectLink:
        """The inverse of `to_json`. Raises ValueError."""
        version = row.wholes("version", 4, 1 << 128)  # some file systems have such inodes
        return cls(Path(row.text("path")), FileVersion(*version))
